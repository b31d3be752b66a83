"""Checks the conditions of role cards and assembly rules. The grammar is the core's; evaluates nothing."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.catalog.findings import Finding, fault, warning
from quarterdeck.catalog.tables import did_you_mean
from quarterdeck.core.incidents.expressions import Both, Either, Expression, Not, Test, parse
from quarterdeck.core.incidents.structure import Catalog


def lint_condition(where: str, owner: str, condition: str, catalog: Catalog) -> Iterator[Finding]:
    """Findings about one condition; `owner` says whose it is. "" is no condition and no fault."""
    if not condition:
        return
    try:
        tree = parse(condition)
    except ValueError as error:
        yield fault(
            where, f"{owner}: {error}", 'Write a condition such as "severity <= 2 and type == availability".'
        )
        return
    known = {"type": [t.key for t in catalog.types], "scope": [s.key for s in catalog.scopes]}
    for test in _tests(tree):
        words = known.get(test.name)
        for value in test.values:
            if words is not None and value not in words:
                text = f"{owner}: {condition!r}: there is no {test.name} {value!r}, so this part never holds"
                yield warning(
                    where, text, f"Name a {test.name} that exists.{did_you_mean(str(value), words)}"
                )


def _tests(tree: Expression) -> Iterator[Test]:
    match tree:
        case Test():
            yield tree
        case Not(inner):
            yield from _tests(inner)
        case Both(left, right) | Either(left, right):
            yield from _tests(left)
            yield from _tests(right)
