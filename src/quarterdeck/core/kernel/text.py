"""Making text from outside safe to store, sort and show. Never escapes for a sink: each sink does that."""

from __future__ import annotations

import unicodedata

# Characters that change the direction of the text around them (Trojan Source, CVE-2021-42574).
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_KEEP = frozenset("\n\t")


def clean(text: str, limit: int = 10_000) -> str:
    """Text without NUL, control and direction characters or lone surrogates, at most `limit` characters.

    Line ends become "\\n". A cut never leaves a combining mark or a joiner dangling and shows "…".
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        text = "".join(_tame(c) for c in text)
    return cut(text, limit)


def line(text: str, limit: int = 300) -> str:
    """One line: as `clean`, with every run of white space as one space."""
    return cut(" ".join(clean(text, limit * 4 + 200).split()), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut before a combining mark, with "…" where something is missing."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (unicodedata.combining(text[end]) or text[end] in "\u200d\ufe0f" or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end] + "…"


def _tame(c: str) -> str:
    if c in _KEEP:
        return c
    category = unicodedata.category(c)
    if category == "Cs":
        return "\ufffd"
    if category == "Cc" or c in _BIDI:
        return ""
    return c
