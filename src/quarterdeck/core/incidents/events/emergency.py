"""Events of the business in emergency mode: outward activity halted and resumed, areas, sentiment, talks offered.

`title` and `of` (how many switches the structure has) are repeated so that a line of the record stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SwitchHaltRequested:
    switch: str
    title: str
    eta_at: datetime
    of: int = 0


@dataclass(frozen=True, slots=True)
class SwitchHalted:
    switch: str
    title: str
    evidence: str
    of: int = 0


@dataclass(frozen=True, slots=True)
class SwitchResumeRequested:
    switch: str
    title: str
    of: int = 0


@dataclass(frozen=True, slots=True)
class SwitchResumed:
    switch: str
    title: str
    evidence: str = ""
    of: int = 0


@dataclass(frozen=True, slots=True)
class SwitchExcused:
    """It does not apply in this incident."""

    switch: str
    title: str
    reason: str
    of: int = 0


@dataclass(frozen=True, slots=True)
class SwitchLate:
    """The time a halt was promised for has passed. `level` 1 reminds its owner, 2 the lead."""

    switch: str
    title: str
    person: str
    level: int = 1


SwitchEvent = (
    SwitchHaltRequested | SwitchHalted | SwitchResumeRequested | SwitchResumed | SwitchExcused | SwitchLate
)


@dataclass(frozen=True, slots=True)
class AreasAsked:
    """A status round. `people` holds each of `roles` now, in the same order; "" where nobody does."""

    roles: tuple[str, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AreaReported:
    role: str
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class SentimentReported:
    """`big`: it has turned since the report before of the same channel. `next_at` is when the next is owed."""

    report_id: str
    channel: str
    level: int
    volume: int
    posts: str = ""
    next_at: datetime | None = None
    big: bool = False


@dataclass(frozen=True, slots=True)
class SentimentDue:
    person: str


@dataclass(frozen=True, slots=True)
class MeetingCapacitySet:
    """How many talks the technical leaders have time for in a week."""

    weekly: int


@dataclass(frozen=True, slots=True)
class MeetingOffered:
    """`beyond`: more are open now than there is time for in a week."""

    offer_id: str
    customer: str
    note: str = ""
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class MeetingEnded:
    """`state`: held or withdrawn."""

    offer_id: str
    state: str
    customer: str = ""


WatchEvent = AreasAsked | AreaReported | SentimentReported | SentimentDue
OfferEvent = MeetingCapacitySet | MeetingOffered | MeetingEnded
EmergencyEvent = SwitchEvent | WatchEvent | OfferEvent
