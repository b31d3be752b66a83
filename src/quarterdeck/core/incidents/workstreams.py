"""Workstreams: sub-teams with one named leader, one task, a room, a clock; members speak through the leader (R-289)."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import authorise, is_acting, may
from .crew import Workstream
from .events import (
    Event,
    WorkstreamChanged,
    WorkstreamEnded,
    WorkstreamJoined,
    WorkstreamLate,
    WorkstreamLeft,
    WorkstreamOpened,
    WorkstreamReported,
)
from .guards import filled, known, not_ended, one_line
from .own_roles import role_key
from .safety import must_not_be_stopped
from .state import Incident
from .structure import Template

TITLE_LIMIT = 120
LONGEST_MINUTES = 24 * 60
MOST_OPEN = 30


def open_workstream(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    workstream_id: str,
    title: str,
    leader: Who,
    room: str = "",
    every_minutes: int = 0,
) -> list[Event]:
    """A sub-team under a leader who acts in the incident. [] when one of this id is there already."""
    not_ended(incident)
    authorise(incident, template, by, "task.assign")
    if workstream_id in incident.crew.workstreams:
        return []
    title = one_line(
        filled(title, "title", "Say in a few words what the sub-team does."), "title", TITLE_LIMIT
    )
    key = role_key(title) or "workstream"
    opened = incident.crew.open_workstreams()
    if any(w.key == key for w in opened):
        raise Refused(
            "workstream.exists", f"There is a workstream {title!r} already. Join it, or name this one."
        )
    if len(opened) >= MOST_OPEN:
        raise Refused("workstream.many", f"{MOST_OPEN} workstreams are open. Close one first.")
    _may_lead(incident, leader)
    _clock(every_minutes)
    must_not_be_stopped(incident)
    left = _leaving(incident, leader.person)
    return [*left, WorkstreamOpened(workstream_id, key, title, leader.person, room, every_minutes)]


def change_workstream(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    workstream_id: str,
    title: str,
    leader: Who,
    room: str = "",
    every_minutes: int = 0,
) -> list[Event]:
    """Another title, leader, room or clock. The leader before stays as a member."""
    stream = _open(incident, workstream_id)
    authorise(incident, template, by, "task.assign")
    title = one_line(
        filled(title, "title", "Say in a few words what the sub-team does."), "title", TITLE_LIMIT
    )
    _clock(every_minutes)
    if leader.person != stream.leader:
        _may_lead(incident, leader)
    after = (title, leader.person, room, every_minutes)
    if after == (stream.title, stream.leader, stream.room, stream.every_minutes):
        return []
    left = _leaving(incident, leader.person, keep=stream.id)
    return [*left, WorkstreamChanged(stream.id, *after)]


def join_workstream(
    incident: Incident, template: Template, by: Who, *, workstream_id: str, person: Who
) -> list[Event]:
    """`person` works under its leader from now on. Refused while another leader has them (R-174)."""
    stream = _open(incident, workstream_id)
    if by.person not in (person.person, stream.leader):
        authorise(incident, template, by, "task.assign")
    if person.person == stream.leader or person.person in stream.members:
        return []
    if not is_acting(incident, person):
        raise Refused(
            "role.none", "They hold no role here that acts. Give them one first, such as an expert's."
        )
    if incident.commander and incident.commander.person == person.person:
        raise Refused("workstream.commander", "The commander directs all workstreams and works in none.")
    other = of_person(incident, person.person)
    if other is not None:
        raise Refused(
            "supervisor.second",
            f"They work in {other.title} already, and each person has one supervisor. Take them out of it first.",
            details={"workstream": other.id, "leader": other.leader},
        )
    return [WorkstreamJoined(stream.id, person.person, stream.title)]


def leave_workstream(
    incident: Incident, template: Template, by: Who, *, workstream_id: str, person: str
) -> list[Event]:
    stream = _open(incident, workstream_id)
    if by.person not in (person, stream.leader):
        authorise(incident, template, by, "task.assign")
    if person == stream.leader:
        raise Refused("workstream.leader", "Its leader does not leave it. Name another leader, or close it.")
    return [WorkstreamLeft(stream.id, person, stream.title)] if person in stream.members else []


def report_workstream(
    incident: Incident, template: Template, by: Who, *, workstream_id: str, text: str
) -> list[Event]:
    """How the sub-team stands, said by its leader; members tell the leader (R-289). Its clock starts anew."""
    stream = _open(incident, workstream_id)
    if by.person != answerable(incident, stream) and not may(incident, template, by, "role.assign"):
        raise forbidden(
            "workstream.not_leader", f"The leader speaks for {stream.title}. Tell them, or ask to lead it."
        )
    return [WorkstreamReported(stream.id, filled(text, "text", "Say how it stands."), stream.title)]


def end_workstream(
    incident: Incident, template: Template, by: Who, *, workstream_id: str, result: str = ""
) -> list[Event]:
    stream = known(incident.crew.workstreams.get(workstream_id), "workstream.unknown", "workstream")
    if not stream.is_open:
        return []
    not_ended(incident)
    if by.person != answerable(incident, stream):
        authorise(incident, template, by, "task.assign")
    return [WorkstreamEnded(stream.id, result.strip(), stream.title)]


def answerable(incident: Incident, stream: Workstream) -> str:
    """Who answers for a sub-team: its leader, or the commander once the leader holds no role any more."""
    if any(a.person == stream.leader for a in incident.open_assignments()):
        return stream.leader
    return incident.commander.person if incident.commander else stream.leader


def of_person(incident: Incident, person: str) -> Workstream | None:
    """The sub-team a person works in, as member or leader."""
    return next(
        (w for w in incident.crew.open_workstreams() if person == w.leader or person in w.members), None
    )


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """Reports that are late, each said once."""
    return [
        WorkstreamLate(w.id, w.title, answerable(incident, w))
        for w in _waiting(incident)
        if w.next_report_at and now >= w.next_report_at
    ]


def wake_at(incident: Incident) -> datetime | None:
    return min((w.next_report_at for w in _waiting(incident) if w.next_report_at), default=None)


def _waiting(incident: Incident) -> list[Workstream]:
    if not incident.is_open:
        return []
    return [w for w in incident.crew.open_workstreams() if w.next_report_at and not w.late]


def _open(incident: Incident, workstream_id: str) -> Workstream:
    not_ended(incident)
    stream = known(incident.crew.workstreams.get(workstream_id), "workstream.unknown", "workstream")
    if not stream.is_open:
        raise Refused("workstream.ended", f"The workstream {stream.title} is closed. Open a new one.")
    return stream


def _may_lead(incident: Incident, leader: Who) -> None:
    if not is_acting(incident, leader):
        raise Refused("role.none", "A leader holds a role here that acts. Give them one first.")
    if incident.commander and incident.commander.person == leader.person:
        raise Refused(
            "workstream.commander",
            "The commander directs all workstreams and leads none. Name somebody else.",
        )
    led = next((w for w in incident.crew.open_workstreams() if w.leader == leader.person), None)
    if led is not None:
        raise Refused("workstream.leads", f"They lead {led.title} already. Name somebody else.")


def _leaving(incident: Incident, person: str, keep: str = "") -> list[Event]:
    """Whoever leads a sub-team works in no other one."""
    return [
        WorkstreamLeft(w.id, person, w.title)
        for w in incident.crew.open_workstreams()
        if person in w.members and w.id != keep
    ]


def _clock(every_minutes: int) -> None:
    if not 0 <= every_minutes <= LONGEST_MINUTES:
        message = f"Give 0 for no clock, or 1 to {LONGEST_MINUTES} minutes."
        raise bad("every_minutes.number", message, every_minutes=message)
