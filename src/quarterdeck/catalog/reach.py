"""Finds what can never come about: conditions that hold for no incident, gates and clocks that nothing asks for.

Looks at severity, type and phase only; everything else about an incident counts as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

from quarterdeck.catalog.findings import Finding, warning
from quarterdeck.core.incidents.expressions import (
    Both,
    Constant,
    Either,
    Expression,
    Flag,
    Not,
    Test,
    Value,
    evaluate,
    parse,
)
from quarterdeck.core.incidents.structure import Catalog, Template

RANKS = (1, 2, 3, 4, 5)
# Types named, times letters: what is larger would hold up whoever asks, and is not judged.
MOST_LOOKED_AT = 20_000
_WORD = re.compile(r"[\w-]+")


def never_holds(condition: str, catalog: Catalog, phases: tuple[str, ...]) -> bool:
    """Whether no severity, type and phase makes it hold. Text that is no condition is not judged here."""
    try:
        tree = parse(condition)
    except ValueError:
        return False
    words = set(_WORD.findall(condition))
    # Types that it does not name are all alike to it.
    named = [t.key for t in catalog.types if t.key in words]
    other = next((t.key for t in catalog.types if t.key not in words), "")
    cases = (
        RANKS if "severity" in words else RANKS[:1],
        [*named, other, ""] if "type" in words else [""],
        phases if "phase" in words else phases[:1],
    )
    if len(cases[1]) * len(condition) > MOST_LOOKED_AT:
        return False
    return all(
        _known(tree, {"severity": rank, "type": kind, "phase": phase}) is False
        for rank, kind, phase in product(*cases)
    )


def lint_reach(catalog: Catalog, template: Template) -> Iterator[Finding]:
    """Warnings about roles, callouts, gates and clocks of `template` that nothing ever reaches."""
    where = f"templates/{template.key}.toml"
    for role in template.roles:
        card = f"roles/{template.key}/{role.key}.toml"
        if role.required_when and never_holds(role.required_when, catalog, template.phases):
            text = f"required_when {role.required_when!r} never holds, so the role is never required"
            yield warning(card, text, "Correct the condition, or leave the key out.")
    for rule in template.assembly:
        if rule.when and never_holds(rule.when, catalog, template.phases):
            text = f"assembly of {rule.role!r}: {rule.when!r} never holds, so nobody is ever brought in by it"
            yield warning(where, text, "Correct the condition, or take the rule out.")
    first = template.phases[0] if template.phases else ""
    if template.gates.get(first):
        text = f"the gate of {first!r} is never asked: every incident begins there"
        yield warning(where, text, "Put its conditions before the next phase.")
    for verb, phase in (("resolve", "resolved"), ("close", "closed")):
        if verb in template.gates and phase in template.gates:
            text = f"the gates {verb!r} and {phase!r} are one and the same"
            yield warning(where, text, f"Put the conditions of both below {phase}.")
    for audience, intervals in template.clocks.items():
        if not intervals:
            text = f"the clock of {audience!r} names no severity, so it never runs"
            yield warning(where, text, 'Give it an interval, such as sev1 = "15m", or take it out.')


def _known(tree: Expression, facts: Mapping[str, Value]) -> bool | None:
    """True or False where the facts decide, None where they do not."""
    match tree:
        case Constant(value):
            return value
        case Flag():
            return None
        case Test(name, _, _):
            return evaluate(tree, facts) if name in facts else None
        case Not(inner):
            found = _known(inner, facts)
            return None if found is None else not found
        case Both(left, right):
            sides = (_known(left, facts), _known(right, facts))
            return False if False in sides else None if None in sides else True
        case Either(left, right):
            sides = (_known(left, facts), _known(right, facts))
            return True if True in sides else None if None in sides else False
