"""Periods, objectives, meetings, divisions and channels of an incident."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.casebook import Case
from quarterdeck.app.paging.directory import must_be_active
from quarterdeck.core.incidents.events.ics_plan import ChannelSet
from quarterdeck.core.incidents.ics import layout, meetings, objectives, periods
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id


def prepare_period(act: Act, incident_id: str, *, starts_at: datetime | None = None, hours: int = 12) -> Case:
    """The first period, or the next beside the running one; it takes over what is unmet and still true."""
    length = timedelta(hours=min(max(hours, 0), 10_000))
    return casebook.change(
        act,
        incident_id,
        lambda i, t: periods.prepare_period(
            i, t, act.who, new_id=new_id, at=act.at, starts_at=starts_at, length=length
        ),
    )


def move_period(act: Act, incident_id: str, period_id: str, ends_at: datetime, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: periods.move_period(
            i, t, act.who, period_id=period_id, ends_at=ends_at, reason=line(reason, 300), at=act.at
        ),
    )


def start_period(act: Act, incident_id: str, period_id: str, reason: str = "") -> Case:
    """The prepared period begins and the one before it ends."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: periods.start_period(
            i, t, act.who, period_id=period_id, reason=line(reason, 300), new_id=new_id
        ),
    )


def set_objective(
    act: Act,
    incident_id: str,
    period_id: str,
    priority: int,
    text: str,
    measure: str,
    objective_id: str = "",
) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: objectives.set_objective(
            i, t, act.who, objective_id=objective_id or new_id(), period_id=period_id, priority=priority,
            text=line(text, 401), measure=line(measure, 401),
        ),
    )  # fmt: skip


def judge_objective(act: Act, incident_id: str, objective_id: str, state: str, note: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: objectives.judge_objective(
            i, t, act.who, objective_id=objective_id, state=state, note=clean(note, 1000)
        ),
    )


def set_meeting(
    act: Act,
    incident_id: str,
    period_id: str,
    title: str,
    starts_at: datetime,
    minutes: int,
    *,
    purpose: str = "",
    attendees: str = "",
    place: str = "",
    meeting_id: str = "",
) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: meetings.set_meeting(
            i, t, act.who, meeting_id=meeting_id or new_id(), period_id=period_id, title=line(title, 101),
            purpose=line(purpose, 500), starts_at=starts_at, minutes=minutes, attendees=line(attendees, 500),
            place=line(place, 300),
        ),
    )  # fmt: skip


def hold_meeting(act: Act, incident_id: str, meeting_id: str, notes: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: meetings.hold_meeting(i, act.who, meeting_id=meeting_id, notes=clean(notes, 10_000)),
    )


def cancel_meeting(act: Act, incident_id: str, meeting_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: meetings.cancel_meeting(i, t, act.who, meeting_id=meeting_id, reason=line(reason, 300)),
    )


def set_division(
    act: Act,
    incident_id: str,
    kind: str,
    name: str,
    *,
    division_id: str = "",
    branch: str = "",
    leader: str = "",
    members: tuple[str, ...] = (),
    channel: str = "",
    place: str = "",
    assignment: str = "",
    special: str = "",
) -> Case:
    for person in filter(None, (leader, *members)):
        must_be_active(person, "leader" if person == leader else "members")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: layout.set_division(
            i, t, act.who, division_id=division_id or new_id(), kind=kind, name=line(name, 81), branch=branch,
            leader=leader, members=members, channel=line(channel, 200), place=line(place, 300),
            assignment=clean(assignment, 4000), special=clean(special, 4000),
        ),
    )  # fmt: skip


def close_division(act: Act, incident_id: str, division_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: layout.close_division(i, t, act.who, division_id=division_id, reason=line(reason, 300)),
    )


def set_channel(act: Act, incident_id: str, channel_id: str = "", **said: str) -> Case:
    """`said`: function, name, zone, number, assignment, link, receive, receive_tone, transmit, transmit_tone, mode,
    remarks.
    """
    tame = {name: line(text, 300) for name, text in said.items()}
    channel = ChannelSet(
        channel_id or new_id(), tame.pop("function", ""), tame.pop("name", ""), **tame
    )  # fmt: skip
    return casebook.change(act, incident_id, lambda i, t: layout.set_channel(i, t, act.who, channel=channel))


def drop_channel(act: Act, incident_id: str, channel_id: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: layout.drop_channel(i, t, act.who, channel_id=channel_id)
    )
