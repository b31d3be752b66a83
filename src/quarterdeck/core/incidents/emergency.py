"""The business in emergency mode as it stands now: what is halted, how each area does, how people speak of it, which
customers were offered a talk. Parts only; what may change them is decided in `switches`, `areas`, `sentiment`, `talks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

NORMAL, HALT_REQUESTED, HALTED, RESUME_REQUESTED, NOT_APPLICABLE = (
    "normal",
    "halt_requested",
    "halted",
    "resume_requested",
    "not_applicable",
)


@dataclass(frozen=True, slots=True)
class SwitchState:
    """One outward activity of the business. `level` is how often a late halt was reminded: 1 its owner, 2 the lead.

    `halts` counts how often it was asked to stop, so that each way through is told apart from the one before.
    """

    key: str
    title: str
    state: str = NORMAL
    eta_at: datetime | None = None
    evidence: str = ""
    reason: str = ""
    changed_by: str = ""
    changed_at: datetime | None = None
    halted_at: datetime | None = None
    level: int = 0
    halts: int = 0

    @property
    def is_stopped(self) -> bool:
        """Nothing goes out: it was halted, and is not confirmed to run again."""
        return self.state in (HALTED, RESUME_REQUESTED)

    @property
    def is_unsettled(self) -> bool:
        return self.state in (HALT_REQUESTED, HALTED, RESUME_REQUESTED)


@dataclass(frozen=True, slots=True)
class Area:
    """How an area of ownership does, as its role said. `asked_at` is the last round that asked for it."""

    role: str
    state: str = ""
    text: str = ""
    said_by: str = ""
    as_of: datetime | None = None
    asked_at: datetime | None = None
    asked: str = ""

    @property
    def is_owed(self) -> bool:
        return self.asked_at is not None and (self.as_of is None or self.as_of < self.asked_at)


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How people speak of it in one channel: -2 outrage to 2 praise. `posts` are the notable ones, a line each."""

    id: str
    channel: str
    level: int
    volume: int
    posts: str
    said_by: str
    at: datetime
    big: bool = False


@dataclass(frozen=True, slots=True)
class MeetingOffer:
    """A talk offered to one customer. `state`: open, held, withdrawn."""

    id: str
    customer: str
    note: str
    offered_by: str
    offered_at: datetime
    state: str = "open"
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Emergency:
    """`switches` by key, `areas` by role, the others by id. `total` is how many switches the structure had when one of
    them last moved. `sentiment_due` is when the next report is owed, `sentiment_late` whether that was said.
    """

    switches: Mapping[str, SwitchState] = field(default_factory=dict)
    total: int = 0
    areas: Mapping[str, Area] = field(default_factory=dict)
    sentiments: Mapping[str, Sentiment] = field(default_factory=dict)
    sentiment_due: datetime | None = None
    sentiment_late: bool = False
    offers: Mapping[str, MeetingOffer] = field(default_factory=dict)
    weekly_meetings: int = 0

    @property
    def halted(self) -> int:
        return sum(s.is_stopped for s in self.switches.values())

    @property
    def concerned(self) -> int:
        """Of how many; 0 while none has moved. What does not apply counts for nothing."""
        if not any(s.is_unsettled for s in self.switches.values()):
            return 0
        return max(0, self.total - sum(s.state == NOT_APPLICABLE for s in self.switches.values()))

    def open_offers(self) -> tuple[MeetingOffer, ...]:
        return tuple(o for o in self.offers.values() if o.state == "open")
