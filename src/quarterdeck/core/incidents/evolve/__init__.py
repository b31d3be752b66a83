"""How each event changes an incident. Never refuses: what is in the log has happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from typing import assert_never

from ..events import (
    AftermathEvent,
    AlertEvent,
    ApprovalEvent,
    AskEvent,
    AutomationEvent,
    BoundaryRecord,
    BusinessEvent,
    CheckEvent,
    ClockEvent,
    ConsentEvent,
    CourseEvent,
    CrewEvent,
    DrillEvent,
    EmergencyEvent,
    EndingEvent,
    HandoverEvent,
    IcsEvent,
    MessageEvent,
    MessageStepEvent,
    OutsideEvent,
    RecordEvent,
    ResponseEvent,
    ReviewEvent,
    RoleEvent,
    Stamped,
    StructureEvent,
    TaskEvent,
    TechnicalEvent,
    TellingEvent,
    Unknown,
)
from ..state import Incident
from .aftermath import aftermath
from .approval import approval
from .asks import asks
from .automation import automation
from .boundary import boundary
from .business import business
from .command import handover, role
from .consent import consent
from .course import alert, course, ending
from .crew import crew
from .drill import drill
from .emergency import emergency
from .ics import ics
from .message_steps import message_step
from .messages import clock, message
from .outside import outside
from .record import record
from .response import response
from .review import review
from .structure import structure
from .technical import technical
from .telling import telling
from .work import check, task

_FaceEvent = MessageStepEvent | ConsentEvent
_OutwardEvent = _FaceEvent | TellingEvent | EmergencyEvent | BoundaryRecord | AskEvent | ResponseEvent
_NewerEvent = ApprovalEvent | DrillEvent | OutsideEvent | Unknown | AutomationEvent | _OutwardEvent
_FieldEvent = IcsEvent | CrewEvent | AftermathEvent | TechnicalEvent | BusinessEvent | _NewerEvent
_WorkEvent = TaskEvent | CheckEvent | RecordEvent | ClockEvent | MessageEvent | ReviewEvent | _FieldEvent


def evolve(state: Incident, stamped: Stamped) -> Incident:
    """The incident after one more event."""
    after = _evolve(state, stamped)
    if after is state:
        return replace(state, seq=stamped.seq)
    # Nobody else holds this new state yet; making it anew for one number would cost as much as the event itself.
    object.__setattr__(after, "seq", stamped.seq)
    return after


def replay(events: Iterable[Stamped], start: Incident | None = None) -> Incident:
    """The incident after all of them, in their order."""
    return reduce(evolve, events, start or Incident())


def _evolve(state: Incident, stamped: Stamped) -> Incident:
    event = stamped.event
    if isinstance(event, CourseEvent):
        return course(state, stamped, event)
    if isinstance(event, EndingEvent):
        return ending(state, stamped, event)
    if isinstance(event, AlertEvent):
        return alert(state, stamped, event)
    if isinstance(event, RoleEvent):
        return role(state, stamped, event)
    if isinstance(event, HandoverEvent):
        return handover(state, stamped, event)
    if isinstance(event, StructureEvent):
        return structure(state, event)
    return _evolve_work(state, stamped, event)


def _evolve_work(state: Incident, stamped: Stamped, event: _WorkEvent) -> Incident:
    if isinstance(event, TaskEvent):
        return task(state, stamped, event)
    if isinstance(event, CheckEvent):
        return check(state, stamped, event)
    if isinstance(event, RecordEvent):
        return record(state, stamped, event)
    if isinstance(event, ClockEvent):
        return clock(state, stamped, event)
    if isinstance(event, MessageEvent):
        return message(state, stamped, event)
    if isinstance(event, ReviewEvent):
        return review(state, stamped, event)
    return _evolve_field(state, stamped, event)


def _evolve_field(state: Incident, stamped: Stamped, event: _FieldEvent) -> Incident:
    if isinstance(event, IcsEvent):
        return ics(state, stamped, event)
    if isinstance(event, CrewEvent):
        return crew(state, stamped, event)
    if isinstance(event, AftermathEvent):
        return aftermath(state, stamped, event)
    if isinstance(event, TechnicalEvent):
        return technical(state, stamped, event)
    if isinstance(event, BusinessEvent):
        return business(state, stamped, event)
    return _evolve_newer(state, stamped, event)


def _evolve_newer(state: Incident, stamped: Stamped, event: _NewerEvent) -> Incident:
    if isinstance(event, ApprovalEvent):
        return approval(state, stamped, event)
    if isinstance(event, DrillEvent):
        return drill(state, stamped, event)
    if isinstance(event, OutsideEvent):
        return outside(state, stamped, event)
    if isinstance(event, Unknown):
        return replace(state, unknown=(*state.unknown, event.kind))
    if isinstance(event, AutomationEvent):
        return automation(state, stamped, event)
    return _evolve_outward(state, stamped, event)


def _evolve_outward(state: Incident, stamped: Stamped, event: _OutwardEvent) -> Incident:
    if isinstance(event, TellingEvent):
        return telling(state, stamped, event)
    if isinstance(event, EmergencyEvent):
        return emergency(state, stamped, event)
    if isinstance(event, ResponseEvent):
        return response(state, stamped, event)
    if isinstance(event, AskEvent):
        return asks(state, stamped, event)
    if isinstance(event, MessageStepEvent):
        return message_step(state, stamped, event)
    if isinstance(event, ConsentEvent):
        return consent(state, stamped, event)
    if isinstance(event, BoundaryRecord):
        return boundary(state, stamped, event)
    assert_never(event)
