"""When somebody's contacts are rehearsed: once a month, on a working day of theirs, between ten and four. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from .wall import DAY, instant, wall, zone

EARLIEST, LATEST = time(10), time(16)
# Of a month, the last week is left for what is postponed.
FIRST_DAYS = 21
_MINUTES = 6 * 60


def slot(person: str, month: date, zone_name: str) -> datetime:
    """The moment of one person's rehearsal in the month of this day: always the same, and another for everybody."""
    seed = int.from_bytes(hashlib.sha256(f"{person}\n{month:%Y-%m}".encode()).digest()[:8], "big")
    days = [d for n in range(1, FIRST_DAYS + 1) if (d := month.replace(day=n)).weekday() < 5]
    minutes = (seed // len(days)) % _MINUTES
    shown = datetime.combine(days[seed % len(days)], EARLIEST) + timedelta(minutes=minutes)
    return instant(shown, zone(zone_name))


def is_working(at: datetime, zone_name: str) -> bool:
    shown = wall(at, zone(zone_name))
    return shown.weekday() < 5 and EARLIEST <= shown.time() < LATEST


def next_working(
    at: datetime, zone_name: str, away: Iterable[tuple[datetime, datetime]] = (), clock: time = EARLIEST
) -> datetime:
    """`at` itself where it is working time and nobody is away, else the next such day at `clock`; within 60 days."""
    gone = list(away)

    def free(moment: datetime) -> bool:
        return is_working(moment, zone_name) and not any(a <= moment < b for a, b in gone)

    if free(at):
        return at
    tz = zone(zone_name)
    today = wall(at, tz).date()
    found = (instant(datetime.combine(today + n * DAY, clock), tz) for n in range(60))
    return next((m for m in found if m > at and free(m)), at + 60 * DAY)
