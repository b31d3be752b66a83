"""A stretch of time as the person who lives it sees it: cut into days, nights, weekends and holidays of their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from .wall import DAY, instant, wall, zone

_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Home:
    """Where a person lives: the zone of their nights, and the days that are holidays there."""

    zone: str = "UTC"
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Night:
    """From when to when people sleep, on their own wall clock; an end before the start is on the next day."""

    starts: time = time(22)
    ends: time = time(6)

    def holds(self, clock: time) -> bool:
        if self.starts < self.ends:
            return self.starts <= clock < self.ends
        return clock >= self.starts or clock < self.ends

    def evening(self, shown: datetime) -> date:
        """The day on whose evening the night began to which a wall time belongs."""
        after_midnight = self.starts >= self.ends and shown.time() < self.ends
        return (shown - DAY).date() if after_midnight else shown.date()


NIGHT = Night()
WEEKEND = (5, 6)


class Slice(NamedTuple):
    """Part of one local day that is of one kind throughout; `length` is real time, whatever clocks show."""

    day: date
    starts_at: datetime
    ends_at: datetime
    night: bool
    weekend: bool
    holiday: bool

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


def slices(start: datetime, end: datetime, home: Home, night: Night = NIGHT) -> Iterator[Slice]:
    """The whole time between two instants, in order and without hole."""
    reached = start
    day = wall(start, zone(home.zone)).date() - DAY
    while reached < end:
        weekend, holiday = day.weekday() in WEEKEND, day in home.holidays
        for until, dark in _parts(day, home.zone, night):
            if until > reached:
                until = min(until, end)
                yield Slice(day, reached, until, dark, weekend, holiday)
                reached = until
                if reached == end:
                    return
        day += DAY


@lru_cache(maxsize=32_768)
def _parts(day: date, zone_name: str, night: Night) -> tuple[tuple[datetime, bool], ...]:
    """When each part of a local day ends, and whether it is night. Many people share a zone and a day."""
    tz = zone(zone_name)
    clocks = sorted({_MIDNIGHT, night.starts, night.ends})
    ends = [datetime.combine(day, c) for c in clocks[1:]] + [datetime.combine(day + DAY, _MIDNIGHT)]
    return tuple((instant(shown, tz), night.holds(c)) for c, shown in zip(clocks, ends, strict=True))


def is_night(at: datetime, home: Home, night: Night = NIGHT) -> bool:
    return night.holds(wall(at, zone(home.zone)).time())
