"""Weeks, months and quarters as reports know them: their names, their bounds, and when the next report is due."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.oncall.wall import instant, wall, zone

WEEK, MONTH, QUARTER = "week", "month", "quarter"
_NAMES = {WEEK: r"(\d{4})-W(\d\d)", MONTH: r"(\d{4})-(\d\d)", QUARTER: r"(\d{4})-Q([1-4])"}
_MONTHS = {MONTH: 1, QUARTER: 3}


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day until before `ends`: a whole ISO week, month or quarter."""

    kind: str
    starts: date
    ends: date

    @property
    def name(self) -> str:
        """2026-W47, 2026-11, 2026-Q4."""
        if self.kind == WEEK:
            year, week, _ = self.starts.isocalendar()
            return f"{year}-W{week:02}"
        if self.kind == MONTH:
            return f"{self.starts:%Y-%m}"
        return f"{self.starts.year}-Q{(self.starts.month + 2) // 3}"

    def bounds(self, zone_name: str) -> tuple[datetime, datetime]:
        """The instants of its first midnight and of the one after it, in a zone."""
        tz = zone(zone_name)
        return instant(datetime.combine(self.starts, time.min), tz), instant(
            datetime.combine(self.ends, time.min), tz
        )


def holding(kind: str, day: date) -> Period:
    """The period a day lies in."""
    if kind == WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=7))
    months = _MONTHS[kind]
    first = (day.month - 1) // months * months + 1
    after = day.year * 12 + first - 1 + months
    return Period(kind, date(day.year, first, 1), date(after // 12, after % 12 + 1, 1))


def before(period: Period) -> Period:
    return holding(period.kind, period.starts - timedelta(days=1))


def last_complete(kind: str, at: datetime, zone_name: str) -> Period:
    """The latest period that is over at an instant, as a zone's calendar shows it."""
    return before(holding(kind, wall(at, zone(zone_name)).date()))


def next_due(kind: str, after: datetime, zone_name: str, hour: int) -> datetime:
    """The first instant after another at which a report is due: the first day of a period, at an hour of the wall."""
    tz = zone(zone_name)
    period = holding(kind, wall(after, tz).date())
    while True:
        due = instant(datetime.combine(period.starts, time(hour)), tz)
        if due > after:
            return due
        period = holding(kind, period.ends)


def named(kind: str, name: str) -> Period:
    """The period of a name. Refuses what is none."""
    found = re.fullmatch(_NAMES[kind], name)
    try:
        if found is None:
            raise ValueError
        year, number = int(found[1]), int(found[2])
        if not 1971 < year < 2200:
            raise ValueError
        day = (
            date.fromisocalendar(year, number, 1)
            if kind == WEEK
            else date(year, (number - 1) * _MONTHS[kind] + 1, 1)
        )
    except ValueError:
        example = {WEEK: "2026-W47", MONTH: "2026-11", QUARTER: "2026-Q4"}[kind]
        message = f"Name a {kind} such as {example}."
        raise bad("period.unknown", message, period=message) from None
    return holding(kind, day)
