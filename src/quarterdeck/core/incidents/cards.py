"""What somebody who takes a role must know first: its purpose, its first steps, whom to report to, what is asked now.

The same card stands in the war room and behind the link of a page (R-015). It decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from .parts import RoleAssignment, Task
from .staffing import chart
from .state import COMMANDER, Incident
from .structure import ChecklistItem, Template


@dataclass(frozen=True, slots=True)
class RoleCard:
    """`above` is who the holder reports to; None for whoever leads. `asked` are the tasks they were given, the most
    urgent first.
    """

    role: str
    title: str
    purpose: str
    first_steps: tuple[ChecklistItem, ...]
    above: RoleAssignment | None
    asked: tuple[Task, ...]


def card(incident: Incident, template: Template, role: str, person: str) -> RoleCard:
    """The card of `role` as it stands for `person`, who may hold it already or be about to take it."""
    definition = template.role(role)
    asked = sorted(
        (t for t in incident.tasks.values() if t.is_open and t.assignee == person), key=lambda t: t.due_at
    )
    return RoleCard(
        role=role,
        title=definition.title if definition else role.replace("_", " ").capitalize(),
        purpose=definition.purpose if definition else "",
        first_steps=tuple(definition.checklist.get(incident.phase, ())) if definition else (),
        above=_above(incident, template, role, person),
        asked=tuple(asked),
    )


def _above(incident: Incident, template: Template, role: str, person: str) -> RoleAssignment | None:
    for place in chart(incident, template):
        if place.assignment.person == person:
            return place.above
    seen: set[str] = {role}
    definition = template.role(role)
    while definition and definition.reports_to and definition.reports_to not in seen:
        holder = incident.holder(definition.reports_to)
        if holder and holder.person != person:
            return holder
        seen.add(definition.reports_to)
        definition = template.role(definition.reports_to)
    top = incident.commander
    return top if top and role != COMMANDER and top.person != person else None
