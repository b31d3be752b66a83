"""Plain language: which words of a text its readers may not know, and what to say instead. Changes no text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CAPITALS = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]{1,5}(?![\w-])")
# Everybody reads these as they are.
_COMMON = frozenset(
    {"UTC", "GMT", "AM", "PM", "EU", "US", "UK", "UN", "OK", "TV", "PC", "PIN", "PDF", "SMS", "ID", "IT"}
)
MOST = 12


@dataclass(frozen=True, slots=True)
class Hint:
    """`word` as it stands in the text; `say` what to write instead, "" where nobody has said what it means."""

    word: str
    say: str


def hints(text: str, acronyms: Mapping[str, str], plain: Mapping[str, str]) -> tuple[Hint, ...]:
    """Each word once, in the order of the text. An acronym that the text spells out is no hint."""
    found: dict[str, tuple[int, str]] = {}
    lower = text.casefold()
    for m in _CAPITALS.finditer(text):
        word, meaning = m[0], acronyms.get(m[0], "")
        if word in _COMMON or word in found or (meaning and meaning.casefold() in lower):
            continue
        if _spelt_out(word, text):
            continue
        found[word] = (m.start(), meaning)
    for word, better in plain.items():
        at = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
        if at:
            found.setdefault(at[0], (at.start(), better))
    ordered = sorted(found.items(), key=lambda item: item[1][0])
    return tuple(Hint(word, say) for word, (_, say) in ordered[:MOST])


def _spelt_out(word: str, text: str) -> bool:
    """Whether it stands in brackets after words that begin with its letters, as in "service level agreement (SLA)"."""
    at = text.find(f"({word})")
    before = text[:at].split()[-len(word) :] if at > 0 else []
    return [w[:1].upper() for w in before] == list(word)
