"""Where text may be cut so that no letter, flag or emoji family is torn apart. Never measures width.

The rules of Unicode's extended grapheme clusters (UAX 29) that standard-library data can tell.
"""

from __future__ import annotations

import unicodedata

_ZWJ = "\u200d"


def fit(text: str, limit: int, *, in_bytes: bool = False, ellipsis: str = "…") -> str:
    """At most `limit` characters (or UTF-8 bytes), cut between graphemes, with `ellipsis` where cut."""
    if _size(text, in_bytes) <= limit:
        return text
    room = limit - _size(ellipsis, in_bytes)
    if room < 0:
        return ""
    end = used = 0
    for start, stop in _spans(text):
        used += _size(text[start:stop], in_bytes)
        if used > room:
            break
        end = stop
    return text[:end].rstrip() + ellipsis


def split(text: str) -> list[str]:
    """The graphemes of a text, in order; joined they are the text."""
    return [text[start:stop] for start, stop in _spans(text)]


def _spans(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = flags = 0
    for i in range(1, len(text) + 1):
        flags = flags + 1 if _is_flag_half(text[i - 1]) else 0
        if i == len(text) or not _joined(text[i - 1], text[i], flags):
            spans.append((start, i))
            start = i
    return spans


def _joined(before: str, after: str, flags_before: int) -> bool:
    """Whether no cut is allowed between two neighbours; `flags_before` counts flag letters up to `before`."""
    if before == "\r" and after == "\n":
        return True
    if unicodedata.category(before) == "Cc":
        return False
    if _extends(after) or before == _ZWJ:
        return True
    if _is_flag_half(before) and _is_flag_half(after):
        return flags_before % 2 == 1
    return _hangul_joined(before, after)


def _extends(c: str) -> bool:
    return (
        c == _ZWJ
        or unicodedata.category(c) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= c <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= c <= "\U000e007f"  # tag letters of sub-national flags
    )


def _is_flag_half(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"


def _hangul_joined(before: str, after: str) -> bool:
    if "\u1100" <= before <= "\u115f":
        return "\u1100" <= after <= "\u11a7" or "\uac00" <= after <= "\ud7a3"
    if "\u1160" <= before <= "\u11a7" or "\uac00" <= before <= "\ud7a3":
        return "\u1160" <= after <= "\u11ff"
    return "\u11a8" <= before <= "\u11ff" and "\u11a8" <= after <= "\u11ff"


def _size(text: str, in_bytes: bool) -> int:
    return len(text.encode("utf-8", "replace")) if in_bytes else len(text)
