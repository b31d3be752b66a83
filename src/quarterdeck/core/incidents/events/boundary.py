"""Events at the boundary between executives and an incident: questions, answers, guidance, crossings, command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ExecQuestionAsked:
    """`kind`: question or note. With `held_until` it waits for the end of the quiet period."""

    question_id: str
    text: str
    kind: str = "question"
    critical: bool = False
    reason: str = ""
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusDemanded:
    """A question for the state of things, answered at once and by itself."""

    question_id: str
    text: str
    answer: str
    next_brief_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExecQuestionJoined:
    """Somebody asked what another executive had asked: one question, one answer for both."""

    question_id: str
    person: str


@dataclass(frozen=True, slots=True)
class ExecQuestionMerged:
    question_id: str
    into: str


@dataclass(frozen=True, slots=True)
class ExecQuestionsDelivered:
    """The quiet period is over."""

    question_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExecQuestionAnswered:
    """`state`: answered, deferred, decision, declined."""

    question_id: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class ExecQuestionPassedOn:
    """The executive liaison hands it to somebody of the response, with their own words."""

    question_id: str
    person: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class BoundaryCrossed:
    """`kind`: attempt, not_taken, off_channel. Written without the name of whose it was in any sentence."""

    crossing_id: str
    kind: str
    what: str
    quote: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class GuidanceGiven:
    guidance_id: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class GuidanceAnswered:
    guidance_id: str
    accepted: bool
    kind: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExecutiveNoted:
    note_id: str
    about: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class CommandSought:
    """An executive takes command formally: a handover that its successor has accepted and its holder briefs."""

    handover_id: str
    assignment_id: str
    role: str
    from_person: str
    to_person: str
    note: str = ""


BoundaryRecord = (
    ExecQuestionAsked
    | StatusDemanded
    | ExecQuestionJoined
    | ExecQuestionMerged
    | ExecQuestionsDelivered
    | ExecQuestionAnswered
    | ExecQuestionPassedOn
    | BoundaryCrossed
    | GuidanceGiven
    | GuidanceAnswered
    | ExecutiveNoted
    | CommandSought
)
