"""Making text from outside safe to store, sort and show. Never escapes for a sink: each sink does that."""

from __future__ import annotations

import re
import unicodedata

# Characters that change the direction of the text around them (Trojan Source, CVE-2021-42574).
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
# Control characters but tab and line feed, lone surrogates, direction marks.
_STRANGE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{''.join(sorted(_BIDI))}]")


def clean(text: str, limit: int = 10_000) -> str:
    """Text without NUL, control and direction characters or lone surrogates, at most `limit` characters.

    Line ends become "\\n". A cut never leaves a combining mark or a joiner dangling and shows "…".
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        text = _STRANGE.sub(_tamed, text)
    return cut(text, limit)


def line(text: str, limit: int = 300) -> str:
    """One line: as `clean`, with every run of white space as one space."""
    if len(text) <= limit and text.isprintable() and "  " not in text and text == text.strip(" "):
        return text  # nearly every text; no white space but the plain space is printable
    return cut(" ".join(clean(text, limit * 4 + 200).split()), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut before a combining mark, with "…" where something is missing."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (
        unicodedata.combining(text[end]) or text[end] in "\u200d\ufe0f" or text[end - 1] == "\u200d"
    ):
        end -= 1
    return text[:end] + "…"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its word: "1 gap", "3 gaps". `many` is for words that do more than take an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def _tamed(found: re.Match[str]) -> str:
    """A lone surrogate shows that something was there; the others vanish."""
    return "\ufffd" if unicodedata.category(found[0]) == "Cs" else ""
