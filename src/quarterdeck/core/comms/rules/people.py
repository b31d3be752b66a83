"""Names of people in what readers outside get: nobody is to be blamed, called at home or looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ..finding import WARNING, Finding, Known, Reader, Text

_WORD = re.compile(r"(?<![\w@])@?[^\W\d_][\w’'-]*")
_SAY = "Say “our team”, or the office, such as “our support”."


def findings(text: Text, reader: Reader, known: Known) -> Iterator[Finding]:
    """A full name is an error; a first name alone a warning, for it may be a common word."""
    if not reader.outside or not known.people:
        return
    by_first = _by_first(known.people, known.named)
    for field, said in text.parts():
        yield from _in(field, said, by_first)


@lru_cache(maxsize=4)
def _by_first(people: tuple[str, ...], named: tuple[str, ...]) -> dict[str, list[str]]:
    """The first word of a name, either way round -> the names that begin with it."""
    found: dict[str, list[str]] = {}
    allowed = {n.casefold() for n in named}
    for name in people:
        words = name.split()
        if len(words) > 1 and name.casefold() not in allowed:
            found.setdefault(words[0].casefold(), []).append(name)
            found.setdefault(words[-1].casefold(), []).append(f"{words[-1]} {words[0]}")
    return found


def _in(field: str, said: str, by_first: dict[str, list[str]]) -> Iterator[Finding]:
    end = -1
    for found in _WORD.finditer(said):
        names = by_first.get(found[0].removeprefix("@").casefold())
        if not names or found.start() < end or not found[0].removeprefix("@")[:1].isupper():
            continue
        full = next((n for n in names if _reads(said, found.start(), n)), "")
        if full:
            end = found.start() + len(full)
            yield Finding(
                "name", "error", field, found.start(), end, f"“{full}” is the name of one of us.", _SAY
            )
        elif len(found[0]) > 2 and not _begins_sentence(said, found.start()):
            end = found.end()
            why = f"“{found[0]}” may be the name of one of us."
            yield Finding("name.first", WARNING, field, found.start(), end, why, _SAY)


def _reads(said: str, at: int, name: str) -> bool:
    end = at + len(name)
    return said[at:end].casefold() == name.casefold() and not said[end : end + 1].isalnum()


def _begins_sentence(said: str, at: int) -> bool:
    # A look at what stands just before: never at the whole text once a word.
    return said[max(0, at - 200) : at].rstrip()[-1:] in ("", ".", "!", "?", ":", "\n")
