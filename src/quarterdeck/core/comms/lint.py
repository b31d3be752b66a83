"""Reads a text as its readers will and says what is wrong with it and where. Blocks nothing and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .finding import ERROR, FIELDS, MOST, Finding, Known, Reader, Text
from .rules import agreement, characters, effect, internals, lengths, people, promises, wording

_FAMILIES: Sequence[Callable[[Text, Reader, Known], Iterable[Finding]]] = (
    internals.findings,
    people.findings,
    promises.findings,
    effect.findings,
    characters.findings,
    agreement.findings,
    lengths.findings,
    wording.findings,
)


def lint(text: Text, reader: Reader, known: Known) -> tuple[Finding, ...]:
    """Errors first, then in the order of the text; at most `MOST`."""
    found = [f for family in _FAMILIES for f in family(text, reader, known)]
    order = {name: n for n, name in enumerate(FIELDS)}
    found.sort(key=lambda f: (f.level != ERROR, order.get(f.field, len(order)), f.start))
    return tuple(dict.fromkeys(found))[:MOST]


def errors(found: Iterable[Finding]) -> dict[str, str]:
    """What keeps a text from readers outside: code and place -> why."""
    return {f"{f.code}.{f.field}.{f.start}": f.text for f in found if f.level == ERROR}
