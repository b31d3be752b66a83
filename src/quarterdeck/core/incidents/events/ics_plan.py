"""Events of the plan of an ICS incident: periods, meetings, objectives, hazards, divisions, channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PeriodPrepared:
    """`after` is the period it follows, "" for the first."""

    period_id: str
    number: int
    starts_at: datetime
    ends_at: datetime
    after: str = ""


@dataclass(frozen=True, slots=True)
class PeriodMoved:
    """It was extended, shortened or moved."""

    period_id: str
    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class PeriodStarted:
    """`reason` says why it starts without an approved plan."""

    period_id: str
    number: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PeriodEnded:
    period_id: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class ObjectiveSet:
    """New, or changed where the id is known."""

    objective_id: str
    period_id: str
    priority: int
    text: str
    measure: str = ""
    carried_from: str = ""


@dataclass(frozen=True, slots=True)
class ObjectiveJudged:
    """`state`: open, met, dropped."""

    objective_id: str
    state: str
    note: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class MeetingSet:
    meeting_id: str
    period_id: str
    kind: str
    title: str
    purpose: str
    starts_at: datetime
    minutes: int
    attendees: str = ""
    place: str = ""
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeetingHeld:
    meeting_id: str
    notes: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class MeetingMissed:
    """Its time is over and nobody said that it was held (R-177)."""

    meeting_id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class MeetingCancelled:
    meeting_id: str
    reason: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class HazardSet:
    """New, or changed where the id is known. `risk` before and `residual` after the mitigation."""

    hazard_id: str
    area: str
    hazard: str
    risk: str
    mitigation: str
    residual: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class HazardSigned:
    """`position`: safety or operations."""

    hazard_id: str
    position: str
    hazard: str = ""


@dataclass(frozen=True, slots=True)
class HazardCleared:
    hazard_id: str
    reason: str = ""
    hazard: str = ""


@dataclass(frozen=True, slots=True)
class DivisionSet:
    """New, or changed where the id is known. `leader` and `members` are person ids."""

    division_id: str
    kind: str
    name: str
    branch: str = ""
    leader: str = ""
    members: tuple[str, ...] = ()
    channel: str = ""
    place: str = ""
    assignment: str = ""
    special: str = ""


@dataclass(frozen=True, slots=True)
class DivisionClosed:
    division_id: str
    reason: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChannelSet:
    channel_id: str
    function: str
    name: str
    zone: str = ""
    number: str = ""
    assignment: str = ""
    link: str = ""
    receive: str = ""
    receive_tone: str = ""
    transmit: str = ""
    transmit_tone: str = ""
    mode: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class ChannelDropped:
    channel_id: str
    name: str = ""


PeriodEvent = PeriodPrepared | PeriodMoved | PeriodStarted | PeriodEnded | ObjectiveSet | ObjectiveJudged
MeetingEvent = MeetingSet | MeetingHeld | MeetingMissed | MeetingCancelled
SafetyEvent = HazardSet | HazardSigned | HazardCleared
LayoutEvent = DivisionSet | DivisionClosed | ChannelSet | ChannelDropped
