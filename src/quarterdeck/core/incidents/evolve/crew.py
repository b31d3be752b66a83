"""How the crew changes: sub-teams, presence, roll calls, reliefs, safety stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from .. import crew as parts
from ..events import Stamped
from ..events import crew as ev
from ..events.chat import ChatEvent
from ..state import Incident
from .chat import chat
from .fold import change, drop, put
from .relations import relation


def crew(state: Incident, stamped: Stamped, event: ev.CrewEvent) -> Incident:
    """The incident after one more event of its crew."""
    if isinstance(event, ev.AuthorityEvent):
        return _authority(state, event)
    if isinstance(event, ev.PeopleEvent):
        return _people(state, stamped, event)
    if isinstance(event, ev.StreamEvent):
        return replace(state, crew=_stream(state.crew, stamped, event))
    if isinstance(event, ev.ConductEvent):
        return _conduct(state, stamped, event)
    if isinstance(event, ChatEvent):
        return chat(state, event)
    return relation(state, stamped, event)


def _authority(state: Incident, event: ev.AuthorityEvent) -> Incident:
    now = state.crew
    match event:
        case ev.RoleCreated():
            role = parts.OwnRole(event.role, event.title, event.purpose, event.reports_to)
            now = replace(now, own_roles=put(now.own_roles, event.role, role))
        case ev.DomainDelegated():
            changed = change(state.assignments, event.assignment_id, domain=event.domain)
            return replace(state, assignments=changed)
        case ev.GapWarned():
            now = replace(now, gaps=put(now.gaps, event.role, event.since))
        case ev.GapPassedOn():
            now = replace(now, passed_gaps=put(now.passed_gaps, event.role, event.since))
        case ev.CommandUnified():
            now = replace(now, unified=True, agreed={})
        case ev.MemberAgreed():
            before = now.agreed.get(event.subject, ())
            said = before if event.person in before else (*before, event.person)
            now = replace(now, agreed=put(now.agreed, event.subject, said))
        case ev.CommandSingle():
            now = replace(now, unified=False, agreed={})
        case _:
            assert_never(event)
    return replace(state, crew=now)


def _people(state: Incident, stamped: Stamped, event: ev.PeopleEvent) -> Incident:
    now, at = state.crew, stamped.at
    match event:
        case ev.CheckedIn():
            here = parts.Presence(event.person, at, event.doing, event.organisation, event.guest)
            return _with(state, presence=put(now.presence, event.person, here))
        case ev.PersonReleased():
            return _released(state, stamped, event)
        case ev.PersonRecalled():
            return _with(state, presence=drop(now.presence, event.person))
        case ev.RollCallStarted():
            roll = parts.RollCall(event.roll_id, stamped.actor, at, event.asked)
            return _with(state, roll_calls=put(now.roll_calls, event.roll_id, roll))
        case ev.RollCallAnswered():
            return _answered(state, stamped, event)
        case ev.RollCallEnded():
            return _with(state, roll_calls=change(now.roll_calls, event.roll_id, ended_at=at))
        case ev.ReserveActivated():
            return state
        case _:
            return _relief(state, stamped, event)


def _relief(
    state: Incident, stamped: Stamped, event: ev.ReliefPlanned | ev.ReliefDue | ev.ReliefCancelled
) -> Incident:
    now, at = state.crew, stamped.at
    match event:
        case ev.ReliefPlanned():
            relief = parts.Relief(
                event.relief_id, event.role, event.person, event.starts_at, stamped.actor, at
            )
            return _with(state, reliefs=put(now.reliefs, event.relief_id, relief))
        case ev.ReliefDue():
            return _with(state, reliefs=change(now.reliefs, event.relief_id, state="called"))
        case ev.ReliefCancelled():
            return _with(state, reliefs=change(now.reliefs, event.relief_id, state="cancelled"))
        case _:
            assert_never(event)


def _with(state: Incident, **values: object) -> Incident:
    return replace(state, crew=replace(state.crew, **values))  # type: ignore[arg-type]


def _released(state: Incident, stamped: Stamped, event: ev.PersonReleased) -> Incident:
    """Every role they held ends, and their place in every sub-team."""
    left = {
        key: replace(a, ended_at=stamped.at, end_reason=event.reason or "released")
        if a.is_open and a.person == event.person
        else a
        for key, a in state.assignments.items()
    }
    before = state.crew.presence.get(event.person) or parts.Presence(event.person, stamped.at)
    gone = replace(before, left_at=stamped.at, left_reason=event.reason)
    streams = {
        key: replace(w, members=tuple(m for m in w.members if m != event.person))
        for key, w in state.crew.workstreams.items()
    }
    # Nobody waits for their answer any more.
    rolls = {
        key: replace(r, asked=tuple(p for p in r.asked if p != event.person)) if r.is_open else r
        for key, r in state.crew.roll_calls.items()
    }
    here = put(state.crew.presence, event.person, gone)
    now = replace(state.crew, presence=here, workstreams=streams, roll_calls=rolls)
    return replace(state, assignments=left, crew=now)


def _answered(state: Incident, stamped: Stamped, event: ev.RollCallAnswered) -> Incident:
    """Whoever answers "here" is present, whether they checked in before or not."""
    now = state.crew
    roll = now.roll_calls.get(event.roll_id)
    if roll is None:
        return state
    rolls = put(now.roll_calls, roll.id, replace(roll, answers=put(roll.answers, event.person, event.answer)))
    presence = now.presence
    if event.answer == "here" and event.person not in presence:
        presence = put(presence, event.person, parts.Presence(event.person, stamped.at))
    return _with(state, roll_calls=rolls, presence=presence)


def _stream(now: parts.Crew, stamped: Stamped, event: ev.StreamEvent) -> parts.Crew:
    streams, at = now.workstreams, stamped.at
    if not isinstance(event, ev.WorkstreamOpened) and event.workstream_id not in streams:
        return now
    match event:
        case ev.WorkstreamOpened():
            opened = parts.Workstream(
                id=event.workstream_id, key=event.key, title=event.title, leader=event.leader, opened_at=at,
                opened_by=stamped.actor, room=event.room, every_minutes=event.every_minutes,
            )  # fmt: skip
            found = put(streams, event.workstream_id, _clocked(opened, stamped))
        case ev.WorkstreamChanged():
            found = _changed(now, stamped, event)
        case ev.WorkstreamJoined() | ev.WorkstreamLeft():
            members = [m for m in streams[event.workstream_id].members if m != event.person]
            if isinstance(event, ev.WorkstreamJoined):
                members.append(event.person)
            found = change(streams, event.workstream_id, members=tuple(members))
        case ev.WorkstreamReported():
            said = change(streams, event.workstream_id, last_report=event.text, last_report_at=at)
            found = put(said, event.workstream_id, _clocked(said[event.workstream_id], stamped))
        case ev.WorkstreamLate():
            found = change(streams, event.workstream_id, late=True)
        case ev.WorkstreamEnded():
            found = change(
                streams,
                event.workstream_id,
                ended_at=at,
                result=event.result,
                next_report_at=None,
                late=False,
            )
        case _:
            assert_never(event)
    return replace(now, workstreams=found)


def _changed(
    now: parts.Crew, stamped: Stamped, event: ev.WorkstreamChanged
) -> Mapping[str, parts.Workstream]:
    """A new leader is no member any more; the one before stays as a member."""
    before = now.workstreams[event.workstream_id]
    members = [m for m in before.members if m != event.leader]
    if before.leader != event.leader:
        members.append(before.leader)
    after = replace(
        before, title=event.title, leader=event.leader, room=event.room, members=tuple(members),
        every_minutes=event.every_minutes,
    )  # fmt: skip
    if event.every_minutes != before.every_minutes:
        after = _clocked(after, stamped)
    return put(now.workstreams, event.workstream_id, after)


def _clocked(stream: parts.Workstream, stamped: Stamped) -> parts.Workstream:
    every = timedelta(minutes=stream.every_minutes)
    return replace(stream, next_report_at=stamped.at + every if every else None, late=False)


def _conduct(state: Incident, stamped: Stamped, event: ev.ConductEvent) -> Incident:
    now, at = state.crew, stamped.at
    match event:
        case ev.TaskReplied():
            return _replied(state, stamped, event)
        case ev.SafetyStopped():
            stop = parts.SafetyStop(
                event.stop_id, event.what, event.subject, event.title, event.reason, stamped.actor, at
            )
            return _with(state, stops=put(now.stops, event.stop_id, stop))
        case ev.SafetyCleared():
            cleared = change(
                now.stops, event.stop_id, cleared_by=stamped.actor, cleared_at=at, clearance=event.clearance
            )
            return _with(state, stops=cleared)
        case ev.HypothesisStated():
            stated = parts.Hypothesis(event.hypothesis_id, event.text, event.owner, stamped.actor, at)
            return _with(state, hypotheses=put(now.hypotheses, event.hypothesis_id, stated))
        case ev.HypothesisJudged():
            judged = change(
                now.hypotheses, event.hypothesis_id, state=event.state.replace("open", "proposed"),
                evidence=event.evidence, judged_by=stamped.actor, judged_at=at,
            )  # fmt: skip
            return _with(state, hypotheses=judged)
        case _:
            assert_never(event)


def _replied(state: Incident, stamped: Stamped, event: ev.TaskReplied) -> Incident:
    """Any answer ends the reminder; only "needs time" moves the end of the time box."""
    task = state.tasks.get(event.task_id)
    if task is None:
        return state
    values: dict[str, object] = {"reply": event.reply, "replied_at": stamped.at, "reminded": True}
    if event.reply in ("acknowledged", "will_comply") and task.state == "given":
        values |= {"state": "acknowledged", "acknowledged_at": stamped.at}
    if event.reply == "needs_time" and event.minutes:
        values |= {"due_at": max(task.due_at, stamped.at) + timedelta(minutes=event.minutes), "late": False}
        values |= {"minutes": task.minutes + event.minutes}
    return replace(state, tasks=change(state.tasks, event.task_id, **values))
