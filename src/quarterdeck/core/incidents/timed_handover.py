"""A transfer with an announced time: the holder keeps the role until then, and then it passes by itself (R-040).

Without a briefing nothing passes: the time goes by, and the holder stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .command import deputy_leaves
from .eligibility import must_not_clash
from .events import Event, HandoverEffective, HandoverTimed
from .guards import known, not_ended
from .parts import Handover
from .state import Incident
from .structure import Template

LATEST = timedelta(hours=24)


def time_handover(
    incident: Incident, by: Who, *, handover_id: str, effective_at: datetime | None, at: datetime
) -> list[Event]:
    """Say when an open handover takes effect, or (None) take that back. By either of the two."""
    not_ended(incident)
    passing = known(incident.handovers.get(handover_id), "handover.unknown", "handover")
    if not passing.is_open:
        raise Refused("handover.ended", f"This handover is {passing.state}. Offer the role again if needed.")
    if by.person not in (passing.from_person, passing.to_person):
        raise forbidden(
            "handover.not_yours", "Only the two people of this handover can do this. Ask them to."
        )
    if passing.effective_at == effective_at:
        return []
    if effective_at is not None and passing.state == "offered":
        raise Refused("handover.not_accepted", "Nobody has accepted this role yet. Wait for the acceptance.")
    if effective_at is not None and not at < effective_at <= at + LATEST:
        message = "Give a time from now to 24 hours ahead."
        raise bad("effective_at.range", message, effective_at=message)
    return [HandoverTimed(passing.id, effective_at, passing.role, passing.from_person, passing.to_person)]


def due_events(
    incident: Incident, template: Template, now: datetime, new_id: Callable[[], str]
) -> list[Event]:
    """What the time has made effective. One that can not pass now (not briefed, a clash of roles) stays as it is, and
    its time is taken back, so that the two decide.
    """
    found: list[Event] = []
    for passing in _timed(incident):
        if passing.effective_at is None or passing.effective_at > now:
            continue
        if passing.state == "briefed" and _may_pass(incident, template, passing):
            found.append(
                HandoverEffective(passing.id, new_id(), passing.role, passing.from_person, passing.to_person)
            )
            found += deputy_leaves(incident, passing.role, passing.to_person)
        else:
            found.append(
                HandoverTimed(passing.id, None, passing.role, passing.from_person, passing.to_person)
            )
    return found


def wake_at(incident: Incident) -> datetime | None:
    """When the next announced transfer is due."""
    return min((h.effective_at for h in _timed(incident) if h.effective_at), default=None)


def _timed(incident: Incident) -> list[Handover]:
    if incident.has_ended:
        return []
    return [h for h in incident.handovers.values() if h.is_open and h.effective_at is not None]


def _may_pass(incident: Incident, template: Template, passing: Handover) -> bool:
    held = incident.assignments[passing.assignment_id]
    if not held.is_open:
        return False
    try:
        must_not_clash(incident, template, passing.to_person, passing.role, held)
    except Refused:
        return False
    return True
