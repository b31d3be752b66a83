"""The clock of a drill: it starts, stands still while the drill is paused, and says when an inject is due. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

# (from, until); the last may still go on.
Pause = tuple[datetime, datetime | None]


def stood(pauses: Sequence[Pause], now: datetime) -> timedelta:
    """How long the clock has stood still up to now."""
    return sum((max((until or now) - since, timedelta()) for since, until in pauses), timedelta())


def elapsed(started_at: datetime, pauses: Sequence[Pause], now: datetime) -> timedelta:
    """Drill time since the start."""
    return max(now - started_at - stood(pauses, now), timedelta())


def is_paused(pauses: Sequence[Pause]) -> bool:
    return bool(pauses) and pauses[-1][1] is None


def due_at(started_at: datetime, pauses: Sequence[Pause], minute: int, now: datetime) -> datetime | None:
    """When a minute of the drill comes, as far as is known now; None while the clock stands still."""
    if is_paused(pauses):
        return None
    return started_at + stood(pauses, now) + timedelta(minutes=minute)
