"""How roles are held and pass on. A new command ends the one before in one step: never two, never none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from ..crew import Presence
from ..events import (
    CalloutAnswered,
    HandoverAccepted,
    HandoverBriefed,
    HandoverDeclined,
    HandoverEffective,
    HandoverEvent,
    HandoverOffered,
    HandoverTimed,
    HandoverWithdrawn,
    RoleCalled,
    RoleEvent,
    RoleReleased,
    RoleTaken,
    RoleUnderstood,
    RoleUnreachable,
    Stamped,
)
from ..parts import Handover, RoleAssignment, RoleCall
from ..state import COMMANDER, Incident
from .fold import change, drop, put


def role(state: Incident, stamped: Stamped, event: RoleEvent) -> Incident:
    match event:
        case RoleTaken():
            return _taken(state, stamped, event)
        case RoleUnderstood():
            return replace(state, assignments=change(state.assignments, event.assignment_id, understood=True))
        case RoleReleased():
            ended = change(
                state.assignments, event.assignment_id, ended_at=stamped.at, end_reason=event.reason
            )
            return replace(state, assignments=ended)
        case RoleCalled():
            call = RoleCall(
                event.callout_id, event.role, event.person, event.how, stamped.at, reason=event.reason
            )
            return replace(state, callouts=put(state.callouts, event.callout_id, call))
        case CalloutAnswered():
            return replace(
                state,
                callouts=change(state.callouts, event.callout_id, answered_at=stamped.at),
                unreachable=drop(state.unreachable, event.role),
            )
        case RoleUnreachable():
            return replace(state, unreachable=put(state.unreachable, event.role, event.reason))
        case _:
            assert_never(event)


def handover(state: Incident, stamped: Stamped, event: HandoverEvent) -> Incident:
    match event:
        case HandoverOffered():
            offered = Handover(
                id=event.handover_id,
                role=event.role,
                assignment_id=event.assignment_id,
                from_person=event.from_person,
                to_person=event.to_person,
                offered_at=stamped.at,
                note=event.note,
            )
            return replace(state, handovers=put(state.handovers, event.handover_id, offered))
        case HandoverAccepted():
            accepted = _step(
                state,
                event.handover_id,
                state="accepted",
                accepted_at=stamped.at,
                understood=event.understood,
            )
            return _present(accepted, stamped, event.to_person)
        case HandoverBriefed():
            told = {"briefing": event.briefing, "snapshot": event.snapshot}
            return _step(state, event.handover_id, state="briefed", briefed_at=stamped.at, **told)
        case HandoverTimed():
            return _step(state, event.handover_id, effective_at=event.effective_at)
        case HandoverEffective():
            return _effective(state, stamped, event)
        case HandoverDeclined():
            return _step(
                state, event.handover_id, state="declined", ended_at=stamped.at, end_reason=event.reason
            )
        case HandoverWithdrawn():
            return _step(
                state, event.handover_id, state="withdrawn", ended_at=stamped.at, end_reason=event.reason
            )
        case _:
            assert_never(event)


def _taken(state: Incident, stamped: Stamped, event: RoleTaken) -> Incident:
    assignments = _others_ended(state, stamped, event)
    taken = RoleAssignment(
        id=event.assignment_id,
        role=event.role,
        person=event.person,
        started_at=stamped.at,
        exclusive=event.exclusive,
        assigned_by=event.assigned_by,
        reports_to=event.reports_to,
        domain=event.domain,
        mentor=event.mentor,
        understood=event.understood,
    )
    arrived = _present(state, stamped, event.person)
    gaps, passed = drop(arrived.crew.gaps, event.role), drop(arrived.crew.passed_gaps, event.role)
    crew = replace(arrived.crew, gaps=gaps, passed_gaps=passed)
    return replace(
        arrived,
        crew=crew,
        assignments=put(assignments, event.assignment_id, taken),
        unreachable=drop(state.unreachable, event.role),
    )


def _others_ended(state: Incident, stamped: Stamped, event: RoleTaken) -> Mapping[str, RoleAssignment]:
    """A take-over ends the assignment of `previous`; a command ends every command before it."""
    ended = dict(state.assignments)
    for key, a in state.assignments.items():
        loses = a.role == event.role and (a.person == event.previous or event.role == COMMANDER)
        if a.is_open and loses:
            ended[key] = replace(a, ended_at=stamped.at, end_reason=event.reason or "taken over")
    return ended


def _present(state: Incident, stamped: Stamped, person: str) -> Incident:
    """Whoever takes a role or accepts one is here (R-178); whoever had been let go is not gone any more."""
    here = state.crew.presence
    if not person or (person in here and here[person].is_here):
        return state
    if stamped.actor == person:
        here = put(here, person, Presence(person, stamped.at))
    else:
        here = drop(here, person)
    return replace(state, crew=replace(state.crew, presence=here))


def _step(state: Incident, handover_id: str, /, **values: object) -> Incident:
    return replace(state, handovers=change(state.handovers, handover_id, **values))


def _effective(state: Incident, stamped: Stamped, event: HandoverEffective) -> Incident:
    passing = state.handovers.get(event.handover_id)
    before = state.assignments.get(passing.assignment_id) if passing else None
    if passing is None or before is None:
        return state
    opened = replace(
        before,
        id=event.new_assignment_id,
        person=passing.to_person,
        mentor="",
        understood=passing.understood,
        started_at=stamped.at,
        assigned_by=passing.from_person,
        ended_at=None,
        end_reason="",
    )
    ended = replace(before, ended_at=stamped.at, end_reason="handed over")
    moved = _step(
        state,
        event.handover_id,
        state="effective",
        ended_at=stamped.at,
        new_assignment_id=event.new_assignment_id,
    )
    return replace(
        moved, assignments={**state.assignments, before.id: ended, event.new_assignment_id: opened}
    )
