"""Events of a business response: the severe score, the escalation, the mirror, the briefing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SevereRated:
    """`score` is 0 to 100; from `threshold` on the commander is prompted. Nothing else follows from it."""

    rating_id: str
    visibility: str
    impact: str
    duration: str
    confidence: str
    score: int
    threshold: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SevereRecommended:
    """The business SME advises the commander. Recorded, and changes nothing."""

    reason: str


@dataclass(frozen=True, slots=True)
class EscalatedSevere:
    """In the technical incident: its commander opened the business incident `child`. `score` -1: nobody rated it."""

    child: str
    reason: str = ""
    score: int = -1


@dataclass(frozen=True, slots=True)
class LiaisonForced:
    """The commander let the customer liaison go before the standby was briefed."""

    handover_id: str
    from_person: str
    to_person: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResponseBegan:
    """In the business incident: what it answers to."""

    parent: str
    parent_title: str = ""


@dataclass(frozen=True, slots=True)
class ParentMoved:
    """What the technical incident is now; everything of it, so that the newest one is enough."""

    parent: str
    phase: str
    severity: int
    title: str = ""
    commander: str = ""
    liaison: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    new_phase: bool = False


@dataclass(frozen=True, slots=True)
class InitialAccepted:
    role: str
    person: str


@dataclass(frozen=True, slots=True)
class StepChanged:
    """`overridden`: what was missing for it when the lead went on all the same."""

    before: str
    after: str
    reason: str = ""
    overridden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BriefingOpened:
    """The initial group has accepted; the liaison owns what is unanswered."""

    liaison: str


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class BriefingConfirmed:
    """The Technical SLT has enough to write from."""

    open_questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreliminaryWritten:
    """The preliminary analysis, for inside only. The newest text counts."""

    text: str


ResponseEvent = (
    SevereRated
    | SevereRecommended
    | EscalatedSevere
    | LiaisonForced
    | ResponseBegan
    | ParentMoved
    | InitialAccepted
    | StepChanged
    | BriefingOpened
    | QuestionAnswered
    | BriefingConfirmed
    | PreliminaryWritten
)
