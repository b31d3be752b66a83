"""Ninety days of a component as daily bars, and its uptime by a published formula. It invents no record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from quarterdeck.core.oncall.wall import instant, wall, zone

from .words import ComponentState, worst

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


def record(changes: Sequence[StateChange], days: Calendar) -> Record:
    """The bars of one component, from its changes in any order; of two at one instant the last counts."""
    known = sorted((c for c in changes if c.at <= days.edges[-1]), key=lambda c: c.at)
    bars: list[Day] = []
    seen = down = 0
    current: StateChange | None = None
    index = 0
    for date_, start, end in zip(days.dates, days.edges, days.edges[1:], strict=False):
        spent: dict[ComponentState, timedelta] = {}
        at = start
        while index < len(known) and known[index].at < end:
            if current is not None and known[index].at > at:
                spent[current.state] = spent.get(current.state, timedelta(0)) + (known[index].at - at)
            at, current, index = max(at, known[index].at), known[index], index + 1
        if current is not None and at < end:
            spent[current.state] = spent.get(current.state, timedelta(0)) + (end - at)
        bars.append(_day(date_, spent))
        for state, span in spent.items():
            if state != "under_maintenance":
                seen += span // _MICRO
                down += _TENTHS.get(state, 0) * (span // _MICRO)
    state = known[-1].state if known else "operational"
    return Record(state, tuple(bars), _percent(seen, down))


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
