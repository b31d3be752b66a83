"""Events of what is asked of executives: engagement, calls, briefs, help, decisions, briefings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .exec_work import ExecWorkEvent


@dataclass(frozen=True, slots=True)
class ExecutivesEngaged:
    """A row of the engagement policy holds for the first time. `measure`: digest, heads_up, call, front; `roles` are
    called besides.
    """

    rule: str
    title: str
    measure: str
    liaison: bool = False
    briefing_minutes: int = 0
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecutiveCalled:
    reason: str


@dataclass(frozen=True, slots=True)
class BriefSent:
    message_id: str
    what: str
    whom: str
    doing: str
    help_wanted: str
    next_at: datetime


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """`chain` is who may be asked, in order; the first is asked now."""

    help_id: str
    kind: str
    text: str
    need_by: datetime
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HelpAccepted:
    help_id: str
    text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class HelpDeclined:
    help_id: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class HelpDone:
    help_id: str
    note: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class HelpPassedOn:
    """Nobody answered in time: `person` is asked next."""

    help_id: str
    person: str
    level: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class HelpLate:
    """`person` accepted it and has not done it in time."""

    help_id: str
    person: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class HelpOffered:
    offer_id: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """`help_id` is what it became; empty, it was declined."""

    offer_id: str
    help_id: str = ""
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class DecisionAsked:
    request_id: str
    question: str
    options: tuple[str, ...]
    consequences: tuple[str, ...]
    recommendation: str
    fallback: str
    deadline: datetime
    chain: tuple[str, ...]
    act: str = ""
    minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class DecisionAnswered:
    request_id: str
    chosen: str
    note: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class DecisionDefaulted:
    request_id: str
    chosen: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class BriefingPlanned:
    briefing_id: str
    starts_at: datetime
    presenter: str = ""
    people: tuple[str, ...] = ()
    link: str = ""
    every_minutes: int = 0


@dataclass(frozen=True, slots=True)
class BriefingReminded:
    briefing_id: str
    starts_at: datetime
    presenter: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BriefingMissed:
    briefing_id: str
    starts_at: datetime
    presenter: str


@dataclass(frozen=True, slots=True)
class BriefingHeld:
    briefing_id: str
    present: tuple[str, ...]
    notes: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class BriefingCancelled:
    briefing_id: str
    starts_at: datetime
    reason: str = ""


AskEvent = (
    ExecWorkEvent
    | ExecutivesEngaged
    | ExecutiveCalled
    | BriefSent
    | HelpAsked
    | HelpAccepted
    | HelpDeclined
    | HelpDone
    | HelpPassedOn
    | HelpLate
    | HelpOffered
    | OfferAnswered
    | DecisionAsked
    | DecisionAnswered
    | DecisionDefaulted
    | BriefingPlanned
    | BriefingReminded
    | BriefingMissed
    | BriefingHeld
    | BriefingCancelled
)
