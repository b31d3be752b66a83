"""Who relieves whom in a long incident: planned ahead, said when it is time. Handing over stays an act of people."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import bad

from .authority import authorise
from .eligibility import definition, must_be_fit
from .events import Event, ReliefCancelled, ReliefDue, ReliefPlanned
from .guards import known, not_ended
from .state import Incident
from .structure import Template

FARTHEST = timedelta(days=14)
# The successor is told this long before, so that the handover fits in.
AHEAD = timedelta(minutes=15)


def plan_relief(
    incident: Incident, template: Template, by: Who, *, relief_id: str, role: str, person: Who,
    starts_at: datetime, now: datetime,
) -> list[Event]:  # fmt: skip
    """`person` takes `role` next, at `starts_at`. Refused for a time that is over, or a person who may not hold it."""
    not_ended(incident)
    holder = incident.holder(role)
    if holder is None or holder.person != by.person:
        authorise(incident, template, by, "role.assign")
    if relief_id in incident.crew.reliefs:
        return []
    definition(template, role)
    if not now < starts_at <= now + FARTHEST:
        message = "Give a time from now on, within two weeks."
        raise bad("starts_at.range", message, starts_at=message)
    must_be_fit(incident, template, person, role, replaces=holder)
    return [ReliefPlanned(relief_id, role, person.person, starts_at)]


def cancel_relief(
    incident: Incident, template: Template, by: Who, *, relief_id: str, reason: str = ""
) -> list[Event]:
    not_ended(incident)
    found = known(incident.crew.reliefs.get(relief_id), "relief.unknown", "relief")
    if found.state == "cancelled":
        return []
    if by.person != found.person:
        authorise(incident, template, by, "role.assign")
    return [ReliefCancelled(relief_id, found.role, found.person, reason.strip())]


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """Reliefs whose time comes within a quarter of an hour, each said once."""
    if incident.has_ended:
        return []
    return [
        ReliefDue(r.id, r.role, r.person)
        for r in incident.crew.reliefs.values()
        if r.state == "planned" and now >= r.starts_at - AHEAD
    ]


def wake_at(incident: Incident) -> datetime | None:
    planned = (r for r in incident.crew.reliefs.values() if r.state == "planned")
    return None if incident.has_ended else min((r.starts_at - AHEAD for r in planned), default=None)
