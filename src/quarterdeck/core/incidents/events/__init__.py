"""What can happen in an incident: one frozen class per event, and `Stamped`, an event as the log holds it.

Stored events are never edited: a field added later has a default, a field is never renamed or dropped.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from datetime import datetime

from .aftermath import (
    AftermathEvent,
    ContributionAsked,
    ContributionGiven,
    ContributionReminded,
    DebriefHeld,
    EntryPromoted,
    FileTakenBack,
    HoldLifted,
    HoldPlaced,
    LessonRecorded,
    ReviewAssigned,
    ReviewClosed,
    ReviewLate,
    ReviewMeetingSet,
    ReviewReturned,
    ReviewSubmitted,
)
from .approval import (
    ApprovalEvent,
    CountersignLate,
    MessageCountersigned,
    MessageJudged,
    MessageStepLate,
    MessageStepPassed,
    MessageSubmitted,
)
from .asks import AskEvent
from .automation import AutomationEvent
from .boundary import BoundaryRecord
from .business import BusinessEvent
from .command import (
    CalloutAnswered,
    HandoverAccepted,
    HandoverBriefed,
    HandoverDeclined,
    HandoverEffective,
    HandoverEvent,
    HandoverOffered,
    HandoverWithdrawn,
    RoleCalled,
    RoleEvent,
    RoleReleased,
    RoleTaken,
    RoleUnderstood,
    RoleUnreachable,
)
from .consent import ConsentEvent
from .course import (
    AlertEvent,
    AlertLinked,
    AlertResolved,
    AlertUnlinked,
    Closed,
    CodenameSet,
    CourseEvent,
    Declared,
    Dismissed,
    EndingEvent,
    FactsSet,
    ImpactSet,
    LinksSet,
    PhaseChanged,
    Reopened,
    Resolved,
    SeveritySet,
    TitleSet,
    TriageOverdue,
    TypeSet,
)
from .crew import (
    AuthorityEvent,
    CheckedIn,
    CommandSingle,
    CommandUnified,
    ConductEvent,
    CrewEvent,
    DomainDelegated,
    GapPassedOn,
    GapWarned,
    HypothesisJudged,
    HypothesisStated,
    MemberAgreed,
    PeopleEvent,
    PersonRecalled,
    PersonReleased,
    ReliefCancelled,
    ReliefDue,
    ReliefPlanned,
    ReserveActivated,
    RoleCreated,
    RollCallAnswered,
    RollCallEnded,
    RollCallStarted,
    SafetyCleared,
    SafetyStopped,
    StreamEvent,
    TaskReplied,
    WorkstreamChanged,
    WorkstreamEnded,
    WorkstreamJoined,
    WorkstreamLate,
    WorkstreamLeft,
    WorkstreamOpened,
    WorkstreamReported,
)
from .drill import DrillEvent, InjectFired
from .emergency import EmergencyEvent
from .ics import IcsEvent
from .message_steps import (
    MessageStepDone,
    MessageStepEvent,
    MessageStillRight,
    PromptsTicked,
)
from .messages import (
    ClockEvent,
    ClockOverdue,
    ClockReminded,
    ClockReset,
    ClockStarted,
    ClockStopped,
    MessageDrafted,
    MessageEdited,
    MessageEvent,
    MessageReleased,
    MessageSent,
    MessageSuperseded,
    PageUpdatePosted,
)
from .newer import Unknown
from .outside import OutsideEvent
from .record import (
    DecisionMade,
    EntryCorrected,
    EntryFlagged,
    EntryPinned,
    EntryWritten,
    FileAttached,
    RecordEvent,
)
from .relations import (
    GroupJoined,
    GroupLeft,
    IncidentLinked,
    IncidentUnlinked,
    MergedFrom,
    MergedInto,
    RelationEvent,
)
from .response import ResponseEvent
from .review import (
    ActionItemAdded,
    ActionItemDone,
    ReviewEdited,
    ReviewEvent,
    ReviewOpened,
    ReviewPublished,
    ReviewWaived,
)
from .structure import StructureChanged, StructureEvent
from .technical import TechnicalEvent
from .telling import TellingEvent
from .transfers import HandoverTimed
from .work import (
    CheckEvent,
    CheckFailed,
    ChecklistDone,
    ChecklistUndone,
    CheckPassed,
    CheckPlanned,
    TaskAcknowledged,
    TaskCancelled,
    TaskCheckedBack,
    TaskDone,
    TaskEvent,
    TaskGiven,
    TaskLate,
    TaskReassigned,
    TaskReminded,
)

Event = (
    CourseEvent
    | EndingEvent
    | AlertEvent
    | RoleEvent
    | HandoverEvent
    | TaskEvent
    | CheckEvent
    | RecordEvent
    | ClockEvent
    | MessageEvent
    | ReviewEvent
    | IcsEvent
    | CrewEvent
    | StructureEvent
    | AftermathEvent
    | TechnicalEvent
    | BusinessEvent
    | ApprovalEvent
    | DrillEvent
    | OutsideEvent
    | TellingEvent
    | EmergencyEvent
    | Unknown
    | AutomationEvent
    | MessageStepEvent
    | BoundaryRecord
    | AskEvent
    | ResponseEvent
    | ConsentEvent
)
# What is written by its name in the log. `Unknown` never is.
EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind for kind in typing.get_args(Event) if kind is not Unknown
}


@dataclass(frozen=True, slots=True)
class Stamped:
    """An event in its place: `seq` counts from 1 within the incident, `at` is when it was recorded (UTC).

    `actor` is a person id, "engine" or "system".
    """

    seq: int
    at: datetime
    actor: str
    event: Event


__all__ = [
    "EVENTS",
    "ActionItemAdded",
    "ActionItemDone",
    "AftermathEvent",
    "AlertEvent",
    "AlertLinked",
    "AlertResolved",
    "AlertUnlinked",
    "ApprovalEvent",
    "AskEvent",
    "AuthorityEvent",
    "AutomationEvent",
    "BoundaryRecord",
    "BusinessEvent",
    "CalloutAnswered",
    "CheckEvent",
    "CheckFailed",
    "CheckPassed",
    "CheckPlanned",
    "CheckedIn",
    "ChecklistDone",
    "ChecklistUndone",
    "ClockEvent",
    "ClockOverdue",
    "ClockReminded",
    "ClockReset",
    "ClockStarted",
    "ClockStopped",
    "Closed",
    "CodenameSet",
    "CommandSingle",
    "CommandUnified",
    "ConductEvent",
    "ConsentEvent",
    "ContributionAsked",
    "ContributionGiven",
    "ContributionReminded",
    "CountersignLate",
    "CourseEvent",
    "CrewEvent",
    "DebriefHeld",
    "DecisionMade",
    "Declared",
    "Dismissed",
    "DomainDelegated",
    "DrillEvent",
    "EmergencyEvent",
    "EndingEvent",
    "EntryCorrected",
    "EntryFlagged",
    "EntryPinned",
    "EntryPromoted",
    "EntryWritten",
    "Event",
    "FactsSet",
    "FileAttached",
    "FileTakenBack",
    "GapPassedOn",
    "GapWarned",
    "GroupJoined",
    "GroupLeft",
    "HandoverAccepted",
    "HandoverBriefed",
    "HandoverDeclined",
    "HandoverEffective",
    "HandoverEvent",
    "HandoverOffered",
    "HandoverTimed",
    "HandoverWithdrawn",
    "HoldLifted",
    "HoldPlaced",
    "HypothesisJudged",
    "HypothesisStated",
    "IcsEvent",
    "ImpactSet",
    "IncidentLinked",
    "IncidentUnlinked",
    "InjectFired",
    "LessonRecorded",
    "LinksSet",
    "MemberAgreed",
    "MergedFrom",
    "MergedInto",
    "MessageCountersigned",
    "MessageDrafted",
    "MessageEdited",
    "MessageEvent",
    "MessageJudged",
    "MessageReleased",
    "MessageSent",
    "MessageStepDone",
    "MessageStepEvent",
    "MessageStepLate",
    "MessageStepPassed",
    "MessageStillRight",
    "MessageSubmitted",
    "MessageSuperseded",
    "OutsideEvent",
    "PageUpdatePosted",
    "PeopleEvent",
    "PersonRecalled",
    "PersonReleased",
    "PhaseChanged",
    "PromptsTicked",
    "RecordEvent",
    "RelationEvent",
    "ReliefCancelled",
    "ReliefDue",
    "ReliefPlanned",
    "Reopened",
    "ReserveActivated",
    "Resolved",
    "ResponseEvent",
    "ReviewAssigned",
    "ReviewClosed",
    "ReviewEdited",
    "ReviewEvent",
    "ReviewLate",
    "ReviewMeetingSet",
    "ReviewOpened",
    "ReviewPublished",
    "ReviewReturned",
    "ReviewSubmitted",
    "ReviewWaived",
    "RoleCalled",
    "RoleCreated",
    "RoleEvent",
    "RoleReleased",
    "RoleTaken",
    "RoleUnderstood",
    "RoleUnreachable",
    "RollCallAnswered",
    "RollCallEnded",
    "RollCallStarted",
    "SafetyCleared",
    "SafetyStopped",
    "SeveritySet",
    "Stamped",
    "StreamEvent",
    "StructureChanged",
    "StructureEvent",
    "TaskAcknowledged",
    "TaskCancelled",
    "TaskCheckedBack",
    "TaskDone",
    "TaskEvent",
    "TaskGiven",
    "TaskLate",
    "TaskReassigned",
    "TaskReminded",
    "TaskReplied",
    "TechnicalEvent",
    "TellingEvent",
    "TitleSet",
    "TriageOverdue",
    "TypeSet",
    "Unknown",
    "WorkstreamChanged",
    "WorkstreamEnded",
    "WorkstreamJoined",
    "WorkstreamLate",
    "WorkstreamLeft",
    "WorkstreamOpened",
    "WorkstreamReported",
]
