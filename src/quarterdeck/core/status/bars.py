"""Ninety days of a component as daily bars, and its uptime by a published formula. It invents no record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from quarterdeck.core.oncall.wall import instant, wall, zone

from .words import ComponentState, worst

Window = tuple[datetime, datetime]

DAYS = 90
# Tenths of downtime that a second in a state counts for: Statuspage weighs a partial outage with 30 %.
_TENTHS = {"major_outage": 10, "partial_outage": 3}
_MICRO = timedelta(microseconds=1)

FORMULA = (
    "Uptime is the share of the recorded time in which a component was up, without planned maintenance. "
    "A major outage counts in full, a partial outage for 30 %, degraded performance not at all. "
    "It is rounded down to two places."
)


@dataclass(frozen=True, slots=True)
class StateChange:
    """A component went into a state at an instant, and stays in it until its next change."""

    component: str
    state: ComponentState
    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """One daily bar: the worst state of the day, None where nothing was recorded, and the seconds in each."""

    date: date
    worst: ComponentState | None
    major_seconds: int = 0
    partial_seconds: int = 0
    degraded_seconds: int = 0
    maintenance_seconds: int = 0

    @property
    def downtime_seconds(self) -> int:
        """Seconds of outage, partial or major, as they passed."""
        return self.major_seconds + self.partial_seconds


@dataclass(frozen=True, slots=True)
class Record:
    """A component over the days shown. `uptime_percent` is None where nothing was recorded."""

    state: ComponentState
    days: tuple[Day, ...]
    uptime_percent: float | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a page in its zone: `edges` are their midnights, one more than there are dates."""

    dates: tuple[date, ...]
    edges: tuple[datetime, ...]


def calendar(zone_name: str, now: datetime, days: int = DAYS) -> Calendar:
    """Today in this zone and the days before it, oldest first. The last day ends `now`."""
    tz = zone(zone_name)
    today = wall(now, tz).date()
    dates = tuple(today - timedelta(days=days - 1 - n) for n in range(days))
    return Calendar(dates, (*(instant(datetime.combine(d, time()), tz) for d in dates), now))


def record(changes: Sequence[StateChange], days: Calendar, excluded: Sequence[Window] = ()) -> Record:
    """The bars of one component, from its changes in any order; of two at one instant the last counts.

    The time in `excluded` is shown as it was, and counts for no uptime.
    """
    known = sorted((c for c in changes if c.at <= days.edges[-1]), key=lambda c: c.at)
    bars: list[Day] = []
    spent: dict[ComponentState, timedelta] = {}
    seen = down = 0
    current: StateChange | None = None
    index = 0

    def spend(since: datetime, until: datetime) -> None:
        nonlocal seen, down
        if current is None or until <= since:
            return
        spent[current.state] = spent.get(current.state, timedelta(0)) + (until - since)
        if current.state != "under_maintenance":
            counted = outside(since, until, excluded) // _MICRO
            seen += counted
            down += _TENTHS.get(current.state, 0) * counted

    for date_, start, end in zip(days.dates, days.edges, days.edges[1:], strict=False):
        spent = {}
        at = start
        while index < len(known) and known[index].at < end:
            spend(at, known[index].at)
            at, current, index = max(at, known[index].at), known[index], index + 1
        spend(at, end)
        bars.append(_day(date_, spent))
    state = known[-1].state if known else "operational"
    return Record(state, tuple(bars), _percent(seen, down))


def outside(start: datetime, end: datetime, excluded: Sequence[Window]) -> timedelta:
    """How much of a stretch lies in none of some windows that do not overlap."""
    left = end - start
    for begins, ends in excluded:
        left -= max(min(end, ends) - max(start, begins), timedelta(0))
    return left


def _day(date_: date, spent: dict[ComponentState, timedelta]) -> Day:
    if not spent:
        return Day(date_, None)
    seconds = {state: int(span.total_seconds()) for state, span in spent.items()}
    return Day(
        date_,
        worst(spent),
        seconds.get("major_outage", 0),
        seconds.get("partial_outage", 0),
        seconds.get("degraded_performance", 0),
        seconds.get("under_maintenance", 0),
    )


def _percent(seen: int, down_tenths: int) -> float | None:
    """Whole numbers until the end, rounded down: what was not always up never shows 100 %."""
    if seen == 0:
        return None
    return (seen * 10 - down_tenths) * 10_000 // (seen * 10) / 100
