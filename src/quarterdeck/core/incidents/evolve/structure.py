"""How a change of structure changes an incident: people go on in their new roles, with all they have under way."""

from __future__ import annotations

from dataclasses import replace

from ..events.structure import StructureChanged
from ..state import Incident


def structure(state: Incident, event: StructureChanged) -> Incident:
    roles = event.moved
    assignments = {
        key: replace(a, role=roles.get(key, a.role), reports_to=event.under.get(key, a.reports_to))
        if key in event.under
        else a
        for key, a in state.assignments.items()
    }
    handovers = {
        key: replace(h, role=roles[h.assignment_id]) if h.is_open and h.assignment_id in roles else h
        for key, h in state.handovers.items()
    }
    now = event.replaced
    clocks = {
        key: replace(c, owner_role=event.clock_owners.get(key, c.owner_role))
        for key, c in state.clocks.items()
    }
    reliefs = {
        key: replace(r, role=now[r.role]) if r.state != "cancelled" and r.role in now else r
        for key, r in state.crew.reliefs.items()
    }
    crew = replace(
        state.crew, reliefs=reliefs, gaps={k: v for k, v in state.crew.gaps.items() if k not in now}
    )
    return replace(
        state,
        template=event.template,
        template_version=event.version,
        assignments=assignments,
        handovers=handovers,
        clocks=clocks,
        crew=crew,
        unreachable={k: v for k, v in state.unreachable.items() if k not in now},
    )
