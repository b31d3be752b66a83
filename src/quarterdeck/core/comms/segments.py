"""Agreed wording cut into locked words and slots: whether it still stands in a text, and which slots are empty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_FIELD = re.compile(r"\{\{ *([a-z][a-z0-9_]{0,63}) *\}\}")
_OPEN = re.compile(r"\s*\[[a-z][a-z0-9_]{0,63}\?\]\s*")


@dataclass(frozen=True, slots=True)
class Segment:
    """`kind`: locked, slot (the writer fills it) or fact (the incident does). `text` is the field's name there."""

    kind: str
    text: str


def cut(wording: str, slots: Mapping[str, str]) -> tuple[Segment, ...]:
    """The pieces in their order; white space alone is no piece."""
    found = []
    for n, piece in enumerate(_FIELD.split(wording)):
        if n % 2:
            found.append(Segment("slot" if piece in slots else "fact", piece))
        elif piece.strip():
            found.append(Segment("locked", " ".join(piece.split())))
    return tuple(found)


def read(wording: str, said: str) -> Mapping[str, str] | None:
    """What stands in each field, or None where the locked words are not all there, in their order and place."""
    pieces = _FIELD.split(_flat(wording))
    text = _flat(said)
    locked, names = pieces[::2], pieces[1::2]
    if not names:
        return {} if text == locked[0] else None
    first, last = locked[0], locked[-1]
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return None
    at, end = len(first), len(text) - len(last)
    found: dict[str, str] = {}
    for name, following in zip(names[:-1], locked[1:-1], strict=True):
        here = text.find(following, at, end) if following.strip() else _gap(text, at, end, following)
        if here < 0:
            return None
        found.setdefault(name, text[at:here].strip())
        at = here + len(following)
    if at > end:
        return None
    found.setdefault(names[-1], text[at:end].strip())
    return found


def empty(wording: str, said: str) -> tuple[str, ...]:
    """The fields of the wording that say nothing in this text, each once; where the wording was changed, those that
    stand open in it still.
    """
    values = read(wording, said)
    names = dict.fromkeys(_FIELD.findall(wording))
    if values is None:
        return tuple(name for name in names if f"[{name}?]" in said)
    return tuple(name for name in names if not values[name] or _OPEN.fullmatch(values[name]))


def _gap(text: str, at: int, end: int, gap: str) -> int:
    """Between two fields stands white space alone: the next of it, or nothing was written in between."""
    here = text.find(gap, at, end) if gap else at
    return here if here >= 0 else -1


def _flat(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.replace("\r\n", "\n").split("\n"))
    return "\n".join(line for line in lines if line)
