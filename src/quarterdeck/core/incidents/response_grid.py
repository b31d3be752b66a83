"""The message grid of a business incident: one row for each phase of the technical one, one place for each audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .parts import Message
from .state import Incident
from .structure import Template


@dataclass(frozen=True, slots=True)
class Row:
    """`messages` maps every audience to the newest message that was drafted in this phase, None where there is none."""

    phase: str
    opened_at: datetime
    current: bool
    messages: Mapping[str, Message | None]


def grid(incident: Incident, template: Template) -> tuple[Row, ...]:
    """In the order of the phases, the present one last."""
    rows = list(incident.response.grid.values())
    found = []
    for n, row in enumerate(rows):
        ends = rows[n + 1].opened_at if n + 1 < len(rows) else None
        here = [
            m
            for m in incident.messages.values()
            if m.state != "superseded" and row.opened_at <= m.drafted_at and (not ends or m.drafted_at < ends)
        ]
        newest = {m.audience: m for m in here}
        audiences = [a.key for a in template.audiences]
        found.append(Row(row.phase, row.opened_at, ends is None, {a: newest.get(a) for a in audiences}))
    return tuple(found)
