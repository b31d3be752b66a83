"""Limits of rostering: who is on call for too long at a stretch, or again too soon. Warnings; it refuses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from quarterdeck.core.kernel.moments import spoken

from .hours import Home
from .schedule import Shift
from .wall import DAY, wall, zone

Limit = Literal["days", "hours", "rest"]
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """None is no limit. Days are local days with any time on call."""

    consecutive_days: int | None = 7
    consecutive_hours: int | None = 168
    rest_hours: int | None = 11


@dataclass(frozen=True, slots=True)
class Exceeded:
    """One limit and the stretch that is over it; `text` is a clause without the person and a full stop."""

    person: str
    limit: Limit
    starts_at: datetime
    ends_at: datetime
    text: str


def exceeded(
    shifts: Sequence[Shift], homes: Mapping[str, Home], limits: Limits | None = None
) -> list[Exceeded]:
    """Every stretch over a limit, by person and time. Shifts of several schedules count together."""
    limits = limits or Limits()
    held: dict[str, list[tuple[datetime, datetime]]] = {}
    for shift in shifts:
        for person in shift.people:
            held.setdefault(person, []).append((shift.starts_at, shift.ends_at))
    found: list[Exceeded] = []
    for person in sorted(held):
        blocks = _joined(held[person])
        mine = [*_long(person, blocks, limits), *_days(person, blocks, homes.get(person, Home()), limits)]
        found += sorted([*mine, *_rest(person, blocks, limits)], key=lambda e: (e.starts_at, e.limit))
    return found


def _joined(spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _long(person: str, blocks: Sequence[tuple[datetime, datetime]], limits: Limits) -> Iterator[Exceeded]:
    if limits.consecutive_hours is None:
        return
    most = timedelta(hours=limits.consecutive_hours)
    for begins, ends in blocks:
        if ends - begins > most:
            text = f"on call for {spoken(ends - begins)} without a break; the limit is {spoken(most)}"
            yield Exceeded(person, "hours", begins, ends, text)


def _rest(person: str, blocks: Sequence[tuple[datetime, datetime]], limits: Limits) -> Iterator[Exceeded]:
    if limits.rest_hours is None:
        return
    least = timedelta(hours=limits.rest_hours)
    for (_, ends), (begins, _) in pairwise(blocks):
        if begins - ends < least:
            text = f"{spoken(begins - ends)} of rest between two shifts; the limit is {spoken(least)}"
            yield Exceeded(person, "rest", ends, begins, text)


def _days(
    person: str, blocks: Sequence[tuple[datetime, datetime]], home: Home, limits: Limits
) -> Iterator[Exceeded]:
    """Runs of local days; a night from one day to the next is on both."""
    if limits.consecutive_days is None:
        return
    tz = zone(home.zone)
    runs: list[tuple[date, date, datetime, datetime]] = []
    for begins, ends in blocks:
        first, last = wall(begins, tz).date(), wall(ends - _TICK, tz).date()
        if runs and first <= runs[-1][1] + DAY:
            runs[-1] = (runs[-1][0], max(runs[-1][1], last), runs[-1][2], ends)
        else:
            runs.append((first, last, begins, ends))
    for first_day, last_day, begins, ends in runs:
        days = (last_day - first_day).days + 1
        if days > limits.consecutive_days:
            text = f"on call on {days} days in a row; the limit is {limits.consecutive_days}"
            yield Exceeded(person, "days", begins, ends, text)
