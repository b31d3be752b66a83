"""The meetings of a period in the order of the planning cycle (ICS 230): scheduled, held, missed, called off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from ..authority import act
from ..events import Event
from ..events.ics_plan import MeetingCancelled, MeetingHeld, MeetingMissed, MeetingSet
from ..guards import filled, known, not_ended, one_line
from ..state import Incident
from ..structure import Template
from . import rights
from .parts import Meeting

# So long after its end a meeting counts as missed when nobody said that it was held.
GRACE = timedelta(minutes=15)
BRIEFING = "operations_briefing"


@dataclass(frozen=True, slots=True)
class Kind:
    """`at` is its place in the period: 0 the start, 1 the end. `forms` are its outputs."""

    key: str
    title: str
    purpose: str
    at: float
    minutes: int
    attendees: str
    forms: tuple[str, ...] = ()
    first_only: bool = False


_GENERAL = "Commander, command staff, section chiefs"
CYCLE = (
    Kind(
        "incident_briefing", "Incident Briefing",
        "Tell the situation, the objectives, the organisation and the resources", 0.0, 30, _GENERAL, ("201",), True,
    ),
    Kind(
        BRIEFING, "Operational Period Briefing", "Present the approved plan and hand out the assignments", 0.0, 30,
        "All supervisors and leaders of the period", ("202", "203", "204"),
    ),
    Kind("objectives", "Objectives Meeting", "Review and set the objectives of the next period", 0.15, 30,
         "Commander, deputy", ("202",)),
    Kind("command_staff", "Command and General Staff Meeting",
         "The commander gives direction: objectives, priorities, limits", 0.25, 30, _GENERAL, ("202", "233")),
    Kind("tactics", "Tactics Meeting", "Choose the tactics; say what resources and what safety they need", 0.45, 60,
         "Operations, planning and logistics section chiefs, safety officer", ("215", "215A")),
    Kind("planning", "Planning Meeting", "Review and settle the plan; every section says that it can support it",
         0.65, 60, _GENERAL, ("202", "203", "204", "205", "206", "208")),
    Kind("plan_approval", "Plan Preparation and Approval",
         "Assemble the Incident Action Plan and have the commander approve it", 0.8, 60,
         "Planning section chief, commander", ("202", "203", "204", "205", "206", "208")),
)  # fmt: skip


def schedule(
    period_id: str, number: int, start: datetime, length: timedelta, new_id: Callable[[], str]
) -> list[Event]:
    """The meetings of a period, from its start. The first opens with the incident briefing."""
    wanted = [k for k in CYCLE if number == 1 or not k.first_only]
    wanted = [k for k in wanted if not (number == 1 and k.key == BRIEFING)]
    return [
        MeetingSet(
            new_id(), period_id, k.key, k.title, k.purpose, max(start, _whole(start + length * k.at)), k.minutes,
            k.attendees, "", k.forms,
        )
        for k in wanted
    ]  # fmt: skip


def _whole(moment: datetime) -> datetime:
    """On the quarter of an hour before."""
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)


def set_meeting(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    meeting_id: str,
    period_id: str,
    title: str,
    purpose: str,
    starts_at: datetime,
    minutes: int,
    attendees: str = "",
    place: str = "",
) -> list[Event]:
    """A new meeting, or another time, place or purpose for one that is planned."""
    not_ended(incident)
    rights.plan(incident, template, by)
    known(incident.ics.periods.get(period_id), "period.unknown", "operational period")
    before = incident.ics.meetings.get(meeting_id)
    if before is not None and before.state in ("held", "cancelled"):
        raise Refused("meeting.over", f"The {before.title} is {before.state}. Set a new one.")
    if not 5 <= minutes <= 480:
        raise Refused("meeting.minutes", "A meeting lasts from 5 to 480 minutes.", kind="bad")
    title = one_line(filled(title, "title", "Name the meeting."), "title", 100)
    made = MeetingSet(
        meeting_id, period_id, before.kind if before else "other", title, purpose.strip(), starts_at, minutes,
        attendees.strip(), place.strip(), before.forms if before else (),
    )  # fmt: skip
    return [made]


def hold_meeting(incident: Incident, by: Who, *, meeting_id: str, notes: str = "") -> list[Event]:
    """It was held; `notes` are its minutes (ICS 231). The period's briefing waits for the approved plan."""
    meeting = _meeting(incident, by, meeting_id)
    if meeting.state == "held":
        return []
    if meeting.state == "cancelled":
        raise Refused("meeting.over", f"The {meeting.title} was called off. Set a new one.")
    if meeting.kind == BRIEFING and incident.ics.plan_of(meeting.period_id) is None:
        raise Refused(
            "plan.unapproved",
            "The plan of this period is not approved, so there is nothing to brief. Approve it first.",
        )
    return [MeetingHeld(meeting.id, notes.strip(), meeting.title)]


def cancel_meeting(
    incident: Incident, template: Template, by: Who, *, meeting_id: str, reason: str
) -> list[Event]:
    meeting = _meeting(incident, by, meeting_id)
    rights.plan(incident, template, by)
    if meeting.state == "cancelled":
        return []
    if meeting.state == "held":
        raise Refused("meeting.over", f"The {meeting.title} was held. It cannot be called off any more.")
    return [
        MeetingCancelled(
            meeting.id, filled(reason, "reason", "Say why the meeting is called off."), meeting.title
        )
    ]


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """Meetings whose time went by, each said once. Only those of the running period count."""
    return [MeetingMissed(m.id, m.title) for m in _waiting(incident) if now >= _lost_at(m)]


def wake_at(incident: Incident) -> datetime | None:
    """The next moment at which `due_events` may have something new."""
    return min((_lost_at(m) for m in _waiting(incident)), default=None)


def _waiting(incident: Incident) -> list[Meeting]:
    running = incident.ics.running
    if running is None or not incident.is_open:
        return []
    return [m for m in incident.ics.meetings.values() if m.period_id == running.id and m.state == "planned"]


def _lost_at(meeting: Meeting) -> datetime:
    return meeting.starts_at + timedelta(minutes=meeting.minutes) + GRACE


def _meeting(incident: Incident, by: Who, meeting_id: str) -> Meeting:
    not_ended(incident)
    act(incident, by)
    return known(incident.ics.meetings.get(meeting_id), "meeting.unknown", "meeting")
