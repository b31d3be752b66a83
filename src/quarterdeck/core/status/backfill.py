"""What happened in the past enters the bars of those days: the changes to add to what was recorded. Edits nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .bars import StateChange
from .words import ComponentState, rank


def entered(
    recorded: Sequence[StateChange], component: str, state: ComponentState, start: datetime, end: datetime
) -> list[StateChange]:
    """The changes to add, in order, so that the component was at least as bad as `state` from `start` to `end`.

    What was recorded as worse stays. Before the first record nothing is known, and nothing is invented: the time
    counts from there. At one instant the change that is added last counts.
    """
    known = sorted(recorded, key=lambda c: c.at)
    if not known or known[0].at >= end:
        return []
    start = max(start, known[0].at)
    edges = [start, *(c.at for c in known if start < c.at < end)]
    added = [StateChange(component, state, at) for at in edges if rank(_at(known, at)) < rank(state)]
    if rank(_before(known, end)) < rank(state) and not any(c.at == end for c in known):
        added.append(StateChange(component, _before(known, end), end))
    return added


def _at(known: Sequence[StateChange], at: datetime) -> ComponentState:
    return [c.state for c in known if c.at <= at][-1]


def _before(known: Sequence[StateChange], at: datetime) -> ComponentState:
    return [c.state for c in known if c.at < at][-1]
