"""The pulse of the impact on customers: affected now and in the worst case, counted again and again (R-099)."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import bad

from .authority import authorise
from .cadence import GRACE
from .customers import GRANTS
from .events import Event
from .events.telling import PulseLate, PulseTaken
from .guards import not_ended, one_line
from .state import Incident
from .structure import Template

TAKER = "customer_liaison"
MOST_CUSTOMERS = 10_000_000_000
LEVELS = 2


def take_pulse(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    pulse_id: str,
    affected_now: int,
    worst_case: int,
    note: str = "",
) -> list[Event]:
    """How many customers are affected now, and how many it may become. The same pulse once."""
    not_ended(incident)
    authorise(incident, template, by, *GRANTS)
    if pulse_id in incident.telling.pulses:
        return []
    for name, number in (("affected_now", affected_now), ("worst_case", worst_case)):
        if not 0 <= number <= MOST_CUSTOMERS:
            message = "Give a number of customers, 0 or more."
            raise bad("pulse.number", message, **{name: message})
    if worst_case < affected_now:
        message = "The worst case is at least what is affected now."
        raise bad("pulse.worst", message, worst_case=message)
    return [
        PulseTaken(
            pulse_id, affected_now, worst_case, one_line(note.strip(), "note", 300) if note.strip() else ""
        )
    ]


def every(incident: Incident, template: Template) -> timedelta | None:
    """How often the pulse is taken at this severity; None where the structure says nothing."""
    return template.pulse.get(incident.severity)


def due_at(incident: Incident, template: Template) -> datetime | None:
    """When the next pulse is due. The clock runs once there is somebody to take it, or a first one."""
    step = every(incident, template)
    if step is None or not incident.is_open:
        return None
    last, taker = incident.telling.last_pulse, incident.holder(TAKER)
    since = [
        m for m in (last.taken_at if last else None, taker.started_at if taker else None) if m is not None
    ]
    return max(since) + step if since else None


def due_events(incident: Incident, template: Template, now: datetime) -> list[Event]:
    """It is overdue: whoever takes it is warned, and a grace period later the commander."""
    due = due_at(incident, template)
    if due is None:
        return []
    late = _told(incident, due)
    return [
        PulseLate(due, level) for level in range(late + 1, LEVELS + 1) if now >= due + (level - 1) * GRACE
    ]


def wake_at(incident: Incident, template: Template) -> datetime | None:
    due = due_at(incident, template)
    if due is None or (late := _told(incident, due)) >= LEVELS:
        return None
    return due + late * GRACE


def _told(incident: Incident, due: datetime) -> int:
    """How far up it was said that the pulse due then is late."""
    return incident.telling.pulse_late if incident.telling.pulse_due == due else 0
