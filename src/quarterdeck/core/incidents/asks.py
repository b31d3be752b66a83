"""What an incident has asked of executives and what they answered: help, decisions, briefings, briefs, who was engaged.

Parts only; what may change them is decided in `engagement`, `help_requests`, `decision_requests` and `briefings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .exec_work import ExecWork


@dataclass(frozen=True, slots=True)
class Engagement:
    """A row of the engagement policy that took effect, once. `measure`: digest, heads_up, call, front."""

    rule: str
    title: str
    measure: str
    at: datetime
    liaison: bool = False
    briefing_minutes: int = 0


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """`state`: open, accepted, done, declined. `person` is who is asked now, `chain` everybody who may be, in order.
    `level` counts how often it was passed on; `late` says that who accepted has not done it in time.
    """

    id: str
    kind: str
    text: str
    need_by: datetime
    chain: tuple[str, ...]
    person: str
    asked_by: str
    asked_at: datetime
    level: int = 0
    late: bool = False
    state: str = "open"
    accepted_by: str = ""
    accepted_at: datetime | None = None
    reply: str = ""
    ended_by: str = ""
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Offer:
    """What an executive offers. `state`: open, taken (it became `help`), declined (`reason`)."""

    id: str
    kind: str
    text: str
    offered_by: str
    offered_at: datetime
    state: str = "open"
    help: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """`consequences` stand beside the options. `act` is what was not delegated far enough, "" for a free question.
    `chosen` is empty until decided; `by_default` when the deadline decided.
    """

    id: str
    question: str
    options: tuple[str, ...]
    consequences: tuple[str, ...]
    recommendation: str
    fallback: str
    deadline: datetime
    chain: tuple[str, ...]
    asked_by: str
    asked_at: datetime
    act: str = ""
    minor: int = 0
    currency: str = ""
    chosen: str = ""
    by_default: bool = False
    note: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.decided_at is None


@dataclass(frozen=True, slots=True)
class Briefing:
    """A briefing by the liaison or the commander. `every_minutes` 0 comes once. `state`: planned, held, missed,
    cancelled. `presenter` "" is whoever is liaison then, else the commander.
    """

    id: str
    starts_at: datetime
    presenter: str
    people: tuple[str, ...]
    link: str
    every_minutes: int
    planned_by: str
    state: str = "planned"
    reminded: bool = False
    present: tuple[str, ...] = ()
    notes: str = ""
    ended_by: str = ""
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class WrittenBrief:
    """A brief that was sent, field by field. `id` is that of its message."""

    id: str
    what: str
    whom: str
    doing: str
    help_wanted: str
    next_at: datetime
    sent_by: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Asks:
    """Every map is keyed by the part's id, engagements by the key of their row."""

    engaged: Mapping[str, Engagement] = field(default_factory=dict)
    help: Mapping[str, HelpRequest] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    decisions: Mapping[str, DecisionRequest] = field(default_factory=dict)
    briefings: Mapping[str, Briefing] = field(default_factory=dict)
    briefs: Mapping[str, WrittenBrief] = field(default_factory=dict)
    work: ExecWork = field(default_factory=ExecWork)

    @property
    def last_brief(self) -> WrittenBrief | None:
        return max(self.briefs.values(), key=lambda b: b.sent_at, default=None)

    def open_help(self) -> tuple[HelpRequest, ...]:
        return tuple(h for h in self.help.values() if h.is_open)

    def open_decisions(self) -> tuple[DecisionRequest, ...]:
        return tuple(d for d in self.decisions.values() if d.is_open)

    def planned(self) -> tuple[Briefing, ...]:
        return tuple(b for b in self.briefings.values() if b.is_open)
