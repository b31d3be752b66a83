"""Events of the strategic part of a review: what is said of it, and which executives have read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StrategicCommented:
    """`section` is one of the strategic parts of the review."""

    comment_id: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadingAsked:
    """These executives confirm by `due_at` that they have read the review."""

    people: tuple[str, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ReadingReminded:
    """`level` 1 before its time is over, 2 when it is."""

    people: tuple[str, ...]
    level: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ReadingConfirmed:
    """Whoever recorded it has read the review."""


ExecutiveReviewEvent = StrategicCommented | ReadingAsked | ReadingReminded | ReadingConfirmed
