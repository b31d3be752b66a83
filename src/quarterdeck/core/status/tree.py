"""Components within components: their order on a page, and the state of one that has parts, the worst of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .bars import StateChange
from .shapes import Component
from .words import COMPONENT_STATES, rank

DEEPEST = 4


def parents(components: Iterable[Component]) -> dict[str, str]:
    """Each component's parent, "" at the top. A parent that is not there, or is its own part, counts for nothing."""
    given = {c.id: c.parent for c in components}
    found: dict[str, str] = {}
    for one, parent in given.items():
        above, depth = parent, 1
        while above in given and above != one and depth <= DEEPEST:
            above, depth = given[above], depth + 1
        found[one] = parent if parent in given and above not in given else ""
    return found


def in_order(components: Sequence[Component]) -> list[tuple[Component, int]]:
    """Every component with its depth: each before its parts, else by position, name and id."""
    above = parents(components)
    below: dict[str, list[Component]] = {}
    for c in sorted(components, key=lambda c: (c.position, c.name, c.id)):
        below.setdefault(above[c.id], []).append(c)
    listed: list[tuple[Component, int]] = []
    waiting = [(c, 0) for c in reversed(below.get("", []))]
    while waiting:
        one, depth = waiting.pop()
        listed.append((one, depth))
        waiting += [(c, depth + 1) for c in reversed(below.get(one.id, []))]
    return listed


def with_parts(
    components: Sequence[Component], changes: Mapping[str, Sequence[StateChange]]
) -> dict[str, Sequence[StateChange]]:
    """The changes of each component; of one with parts those of the worst among it and them, at each instant."""
    above = parents(components)
    whole: dict[str, Sequence[StateChange]] = {c: list(changes[c]) for c in above}
    parts: dict[str, list[str]] = {}
    for one, parent in above.items():
        parts.setdefault(parent, []).append(one)
    for c, _ in reversed(in_order(components)):
        if c.id in parts:
            whole[c.id] = _worst(c.id, [whole[c.id], *(whole[p] for p in parts[c.id])])
    return whole


def _worst(name: str, flows: Sequence[Sequence[StateChange]]) -> list[StateChange]:
    """One flow of changes, at each instant the worst of the flows that have begun."""
    steps = sorted(
        ((change.at, n, change.state) for n, flow in enumerate(flows) for change in _sorted(flow)),
        key=lambda step: step[0],
    )
    now: dict[int, int] = {}
    counts = [0] * len(COMPONENT_STATES)
    made: list[StateChange] = []
    for at, n, state in steps:
        if n in now:
            counts[now[n]] -= 1
        now[n] = rank(state)
        counts[now[n]] += 1
        worst = COMPONENT_STATES[max(r for r, count in enumerate(counts) if count)]
        if made and made[-1].at == at:
            made.pop()
        if not made or made[-1].state != worst:
            made.append(StateChange(name, worst, at))
    return made


def _sorted(flow: Sequence[StateChange]) -> list[StateChange]:
    return sorted(flow, key=lambda change: change.at)
