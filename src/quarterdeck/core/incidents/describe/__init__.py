"""One sentence per event for the timeline, the same everywhere. Never escapes: each sink does."""

from __future__ import annotations

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
from .line import Line, Names, Said, Teller, words
from .message_steps import message_step
from .messages import clock, message
from .newer import unknown
from .outside import outside
from .record import record
from .response import response
from .review import review
from .structure import structure
from .technical import technical
from .telling import telling
from .work import check, task

__all__ = ["Line", "describe", "words"]

_FaceEvent = MessageStepEvent | ConsentEvent
_OutwardEvent = _FaceEvent | TellingEvent | EmergencyEvent | BoundaryRecord | AskEvent | ResponseEvent
_NewerEvent = ApprovalEvent | DrillEvent | OutsideEvent | Unknown | AutomationEvent | _OutwardEvent
_FieldEvent = IcsEvent | CrewEvent | AftermathEvent | TechnicalEvent | BusinessEvent | _NewerEvent
_WorkEvent = TaskEvent | CheckEvent | RecordEvent | ClockEvent | MessageEvent | ReviewEvent | _FieldEvent


def describe(stamped: Stamped, names: Names, titles: Names = words) -> Line:
    """The line of an event. `names` gives a person's name by id; `titles` the display word of a role, an
    audience, a phase or a severity ("1" to "5")."""
    said = _say(stamped, Teller(stamped.actor, names, titles))
    return Line.of(stamped, said, names)


def _say(stamped: Stamped, tell: Teller) -> Said:
    event = stamped.event
    if isinstance(event, CourseEvent):
        return course(event, tell)
    if isinstance(event, EndingEvent):
        return ending(event, tell)
    if isinstance(event, AlertEvent):
        return alert(event, tell)
    if isinstance(event, RoleEvent):
        return role(event, tell)
    if isinstance(event, HandoverEvent):
        return handover(event, tell)
    if isinstance(event, StructureEvent):
        return structure(event, tell)
    return _say_work(event, tell)


def _say_work(event: _WorkEvent, tell: Teller) -> Said:
    if isinstance(event, TaskEvent):
        return task(event, tell)
    if isinstance(event, CheckEvent):
        return check(event, tell)
    if isinstance(event, RecordEvent):
        return record(event, tell)
    if isinstance(event, ClockEvent):
        return clock(event, tell)
    if isinstance(event, MessageEvent):
        return message(event, tell)
    if isinstance(event, ReviewEvent):
        return review(event, tell)
    return _say_field(event, tell)


def _say_field(event: _FieldEvent, tell: Teller) -> Said:
    if isinstance(event, IcsEvent):
        return ics(event, tell)
    if isinstance(event, CrewEvent):
        return crew(event, tell)
    if isinstance(event, AftermathEvent):
        return aftermath(event, tell)
    if isinstance(event, TechnicalEvent):
        return technical(event, tell)
    if isinstance(event, BusinessEvent):
        return business(event, tell)
    return _say_newer(event, tell)


def _say_newer(event: _NewerEvent, tell: Teller) -> Said:
    if isinstance(event, ApprovalEvent):
        return approval(event, tell)
    if isinstance(event, DrillEvent):
        return drill(event, tell)
    if isinstance(event, OutsideEvent):
        return outside(event, tell)
    if isinstance(event, Unknown):
        return unknown(event)
    if isinstance(event, AutomationEvent):
        return automation(event, tell)
    return _say_outward(event, tell)


def _say_outward(event: _OutwardEvent, tell: Teller) -> Said:
    if isinstance(event, TellingEvent):
        return telling(event, tell)
    if isinstance(event, EmergencyEvent):
        return emergency(event, tell)
    if isinstance(event, ResponseEvent):
        return response(event, tell)
    if isinstance(event, AskEvent):
        return asks(event, tell)
    if isinstance(event, MessageStepEvent):
        return message_step(event, tell)
    if isinstance(event, ConsentEvent):
        return consent(event, tell)
    if isinstance(event, BoundaryRecord):
        return boundary(event, tell)
    assert_never(event)
