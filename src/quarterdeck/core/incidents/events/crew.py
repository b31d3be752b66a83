"""Events of the crew: sub-teams, who is here, who relieves whom, halts for safety; with ties to other incidents.

Fields that repeat what is known (titles, persons) let a line of the record be told from its event alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .chat import ChatEvent
from .relations import RelationEvent

# -- authority


@dataclass(frozen=True, slots=True)
class RoleCreated:
    """A role that the structure did not foresee (R-117)."""

    role: str
    title: str
    purpose: str = ""
    reports_to: str = ""


@dataclass(frozen=True, slots=True)
class DomainDelegated:
    """What a deputy looks after from now on, in words; the authority stays with the commander (R-027)."""

    assignment_id: str
    person: str
    domain: str


@dataclass(frozen=True, slots=True)
class GapWarned:
    """A role that is needed has stood empty for too long; `person` does its duties meanwhile."""

    role: str
    since: datetime
    person: str = ""


@dataclass(frozen=True, slots=True)
class GapPassedOn:
    """The deputy was told of the gap towards executives and it is still there: the commander is asked (X-04)."""

    role: str
    since: datetime
    person: str = ""


@dataclass(frozen=True, slots=True)
class CommandUnified:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MemberAgreed:
    """A member of the unified command agrees to what is named in `subject`."""

    subject: str
    person: str


@dataclass(frozen=True, slots=True)
class CommandSingle:
    """Unified command is over: the commander decides alone again."""

    reason: str = ""


AuthorityEvent = (
    RoleCreated | DomainDelegated | GapWarned | GapPassedOn | CommandUnified | MemberAgreed | CommandSingle
)

# -- people


@dataclass(frozen=True, slots=True)
class CheckedIn:
    person: str
    doing: str = ""
    organisation: str = ""
    guest: bool = False


@dataclass(frozen=True, slots=True)
class PersonReleased:
    """Let go with everything they held; `staying` are those who stay on (R-290)."""

    person: str
    reason: str = ""
    staying: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonRecalled:
    person: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RollCallStarted:
    roll_id: str
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RollCallAnswered:
    """`answer`: here, away."""

    roll_id: str
    person: str
    answer: str = "here"


@dataclass(frozen=True, slots=True)
class RollCallEnded:
    roll_id: str
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReliefPlanned:
    relief_id: str
    role: str
    person: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class ReliefDue:
    """It is time: both are told, and the holder offers the role."""

    relief_id: str
    role: str
    person: str


@dataclass(frozen=True, slots=True)
class ReliefCancelled:
    relief_id: str
    role: str
    person: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReserveActivated:
    """`people` were called from the reserve team for `skill`."""

    team: str
    people: tuple[str, ...]
    skill: str = ""
    reason: str = ""


PeopleEvent = (
    CheckedIn
    | PersonReleased
    | PersonRecalled
    | RollCallStarted
    | RollCallAnswered
    | RollCallEnded
    | ReliefPlanned
    | ReliefDue
    | ReliefCancelled
    | ReserveActivated
)

# -- workstreams


@dataclass(frozen=True, slots=True)
class WorkstreamOpened:
    """`every_minutes` is its clock, 0 for none; `room` its call or channel."""

    workstream_id: str
    key: str
    title: str
    leader: str
    room: str = ""
    every_minutes: int = 0


@dataclass(frozen=True, slots=True)
class WorkstreamChanged:
    workstream_id: str
    title: str
    leader: str
    room: str = ""
    every_minutes: int = 0


@dataclass(frozen=True, slots=True)
class WorkstreamJoined:
    workstream_id: str
    person: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class WorkstreamLeft:
    workstream_id: str
    person: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class WorkstreamReported:
    """What the leader said; its clock starts anew."""

    workstream_id: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class WorkstreamLate:
    workstream_id: str
    title: str = ""
    leader: str = ""


@dataclass(frozen=True, slots=True)
class WorkstreamEnded:
    workstream_id: str
    result: str = ""
    title: str = ""


StreamEvent = (
    WorkstreamOpened
    | WorkstreamChanged
    | WorkstreamJoined
    | WorkstreamLeft
    | WorkstreamReported
    | WorkstreamLate
    | WorkstreamEnded
)

# -- conduct of the work


@dataclass(frozen=True, slots=True)
class TaskReplied:
    """`reply`: acknowledged, will_comply, say_again, standby, unknown, needs_time (with `minutes` more)."""

    task_id: str
    reply: str
    minutes: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class SafetyStopped:
    """`what`: everything, task, workstream; `subject` is the id of the task or workstream."""

    stop_id: str
    what: str
    subject: str = ""
    title: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SafetyCleared:
    stop_id: str
    title: str = ""
    clearance: str = ""


@dataclass(frozen=True, slots=True)
class HypothesisStated:
    hypothesis_id: str
    text: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class HypothesisJudged:
    """`state`: proposed (before: open), testing, confirmed, refuted; `evidence` is what shows it."""

    hypothesis_id: str
    state: str
    evidence: str = ""
    text: str = ""


ConductEvent = TaskReplied | SafetyStopped | SafetyCleared | HypothesisStated | HypothesisJudged
CrewEvent = AuthorityEvent | PeopleEvent | StreamEvent | ConductEvent | RelationEvent | ChatEvent
