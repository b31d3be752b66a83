"""Text as a voice should read it: numbers that are names digit by digit, addresses not at all. Pure."""

from __future__ import annotations

import re

_LINK = re.compile(r"https?://\S+")
_LONG_ID = re.compile(r"\b(?=[0-9a-fA-F-]*\d)[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,})*\b")
_IP = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_VERSION = re.compile(r"\b\d+(?:\.\d+){2,}\b")
_TIME = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\b")
_SEVERITY = re.compile(r"\bSEV\s?-?(\d)\b", re.IGNORECASE)
_PRIORITY = re.compile(r"\bP(\d)\b")
_NAMED = re.compile(r"\b([A-Za-z][A-Za-z_]*)-?(\d+)\b")
_CODE = re.compile(r"\b(HTTP|status|error|code|port|exit)([ :/=]+)(\d{3,5})\b", re.IGNORECASE)
_GROUPED = re.compile(r"(?<=\d)[,\u202f\u00a0'](?=\d{3}\b)")
_DECIMAL = re.compile(r"\b(\d+)\.(\d+)\b")
_DIGITS = re.compile(r"\d{5,}")
_UNITS = {
    "ms": "milliseconds", "s": "seconds", "min": "minutes", "h": "hours", "d": "days", "kb": "kilobytes",
    "mb": "megabytes", "gb": "gigabytes", "tb": "terabytes", "kib": "kibibytes", "mib": "mebibytes",
    "gib": "gibibytes", "rps": "requests a second",
}  # fmt: skip
_UNIT = re.compile(r"(?<=\d) ?(" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")\b", re.IGNORECASE)
_PERCENT = re.compile(r"(?<=\d)\s?%")
_NOISE = re.compile(r"[\[\]{}<>|*_`#~^\\=]+")


def spoken(text: str) -> str:
    """`text` for a voice. A number that stands for an amount stays one; one that is a name is spelt."""
    said = _LINK.sub("a link", text)
    said = _IP.sub(lambda m: " dot ".join(_spelt(p) for p in m[0].split(".")), said)
    said = _VERSION.sub(lambda m: m[0].replace(".", " point "), said)
    said = _TIME.sub(_clock, said)
    said = _LONG_ID.sub(lambda m: m[0] if m[0].isdigit() else "an identifier", said)
    said = _SEVERITY.sub(r"severity \1", said)
    said = _PRIORITY.sub(r"priority \1", said)
    said = _CODE.sub(lambda m: f"{m[1]} {_spelt(m[3])}", said)
    said = _PERCENT.sub(" percent", said)
    said = _UNIT.sub(lambda m: f" {_UNITS[m[1].lower()]}", said)
    said = _NAMED.sub(lambda m: f"{m[1]} {_spelt(m[2])}", said)
    said = _DECIMAL.sub(lambda m: f"{m[1]} point {_spelt(m[2])}", said)
    said = _DIGITS.sub(lambda m: _spelt(m[0]), said)
    # After that: what was written in groups is an amount, however long.
    said = _GROUPED.sub("", said)
    return " ".join(_NOISE.sub(" ", said).split())


def _clock(found: re.Match[str]) -> str:
    hour, minute = str(int(found[1])), found[2]
    return f"{hour} {'hundred' if minute == '00' else 'oh ' + minute[1] if minute[0] == '0' else minute}"


def _spelt(digits: str) -> str:
    return " ".join(digits)
