"""How the plan of an ICS incident changes: periods, objectives, meetings, hazards, divisions, channels."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import assert_never

from ..events import Stamped
from ..events.ics_plan import (
    ChannelDropped,
    ChannelSet,
    DivisionClosed,
    DivisionSet,
    HazardCleared,
    HazardSet,
    HazardSigned,
    LayoutEvent,
    MeetingCancelled,
    MeetingEvent,
    MeetingHeld,
    MeetingMissed,
    MeetingSet,
    ObjectiveJudged,
    ObjectiveSet,
    PeriodEnded,
    PeriodEvent,
    PeriodMoved,
    PeriodPrepared,
    PeriodStarted,
    SafetyEvent,
)
from ..ics.parts import Channel, Division, Hazard, Ics, Meeting, Objective, Period
from .fold import change, drop, put


def period(state: Ics, stamped: Stamped, event: PeriodEvent) -> Ics:
    match event:
        case PeriodPrepared():
            made = Period(event.period_id, event.number, event.starts_at, event.ends_at)
            return replace(state, periods=put(state.periods, event.period_id, made))
        case PeriodMoved():
            span = {"starts_at": event.starts_at, "ends_at": event.ends_at, "reason": event.reason}
            return replace(state, periods=change(state.periods, event.period_id, **span))
        case PeriodStarted():
            begun = change(state.periods, event.period_id, state="running", started_at=stamped.at)
            return replace(state, periods=begun)
        case PeriodEnded():
            done = change(state.periods, event.period_id, state="ended", ended_at=stamped.at)
            return replace(state, periods=done)
        case ObjectiveSet() | ObjectiveJudged():
            return _objective(state, stamped, event)
        case _:
            assert_never(event)


def _objective(state: Ics, stamped: Stamped, event: ObjectiveSet | ObjectiveJudged) -> Ics:
    if isinstance(event, ObjectiveJudged):
        judged = change(state.objectives, event.objective_id, state=event.state, note=event.note)
        return replace(state, objectives=judged)
    before = state.objectives.get(event.objective_id)
    made = Objective(
        event.objective_id, event.period_id, event.priority, event.text, event.measure,
        carried_from=event.carried_from, set_by=stamped.actor,
    )  # fmt: skip
    if before is not None:
        made = replace(made, state=before.state, note=before.note, carried_from=before.carried_from)
    return replace(state, objectives=put(state.objectives, event.objective_id, made))


def meeting(state: Ics, stamped: Stamped, event: MeetingEvent) -> Ics:
    match event:
        case MeetingSet():
            made = Meeting(
                event.meeting_id, event.period_id, event.kind, event.title, event.purpose, event.starts_at,
                event.minutes, event.attendees, event.place, event.forms,
            )  # fmt: skip
            return replace(state, meetings=put(state.meetings, event.meeting_id, made))
        case MeetingHeld():
            said = {"notes": event.notes, "facilitator": stamped.actor, "held_at": stamped.at}
            held = change(state.meetings, event.meeting_id, state="held", **said)
            return replace(state, meetings=held)
        case MeetingMissed():
            return replace(state, meetings=change(state.meetings, event.meeting_id, state="missed"))
        case MeetingCancelled():
            off = change(state.meetings, event.meeting_id, state="cancelled", notes=event.reason)
            return replace(state, meetings=off)
        case _:
            assert_never(event)


def safety(state: Ics, stamped: Stamped, event: SafetyEvent) -> Ics:
    match event:
        case HazardSet():
            made = Hazard(
                event.hazard_id, event.area, event.hazard, event.risk, event.mitigation, event.residual, event.owner
            )  # fmt: skip
            return replace(state, hazards=put(state.hazards, event.hazard_id, made))
        case HazardSigned(position="safety"):
            signed = change(state.hazards, event.hazard_id, safety_by=stamped.actor, safety_at=stamped.at)
            return replace(state, hazards=signed)
        case HazardSigned():
            by = {"operations_by": stamped.actor, "operations_at": stamped.at}
            return replace(state, hazards=change(state.hazards, event.hazard_id, **by))
        case HazardCleared():
            gone = change(state.hazards, event.hazard_id, cleared_at=stamped.at, clear_reason=event.reason)
            return replace(state, hazards=gone)
        case _:
            assert_never(event)


def layout(state: Ics, stamped: Stamped, event: LayoutEvent) -> Ics:
    match event:
        case DivisionSet():
            made = Division(
                event.division_id, event.kind, event.name, event.branch, event.leader, event.members,
                event.channel, event.place, event.assignment, event.special,
            )  # fmt: skip
            return replace(state, divisions=put(state.divisions, event.division_id, made))
        case DivisionClosed():
            shut = {"closed_at": stamped.at, "close_reason": event.reason}
            return replace(state, divisions=change(state.divisions, event.division_id, **shut))
        case ChannelSet():
            values = {f.name: getattr(event, f.name) for f in fields(event) if f.name != "channel_id"}
            return replace(
                state, channels=put(state.channels, event.channel_id, Channel(id=event.channel_id, **values))
            )
        case ChannelDropped():
            return replace(state, channels=drop(state.channels, event.channel_id))
        case _:
            assert_never(event)
