"""How an inject changes an incident: whoever it sends away is noted; what else it changes are events of their own."""

from __future__ import annotations

from dataclasses import replace

from ..events import Stamped
from ..events.drill import DrillEvent
from ..state import Incident


def drill(state: Incident, stamped: Stamped, event: DrillEvent) -> Incident:
    if event.kind != "away" or not event.person or event.person in state.away:
        return state
    return replace(state, away=(*state.away, event.person))
