"""The windows of a layer's restrictions on the wall clock, week by week: open or not, and where that changes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .schedule import EVERY_DAY, Restriction
from .wall import DAY, MONDAY, WEEK

Span = tuple[timedelta, timedelta]


@dataclass(frozen=True, slots=True)
class Week:
    """Counted from the first moment of Monday: whether the windows were open just before it, and each change."""

    open_before: bool
    edges: tuple[timedelta, ...]

    def is_open(self, since_monday: timedelta) -> bool:
        return self.open_before ^ (bisect_right(self.edges, since_monday) & 1 == 1)

    def spans(self) -> tuple[Span, ...]:
        """The stretches of the week in which the windows are open."""
        bounds = [*([timedelta(0)] if self.open_before else []), *self.edges]
        if len(bounds) % 2:
            bounds.append(WEEK)
        return tuple((a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=True) if a < b)


class Windows:
    """A usual week, and the weeks that holidays make different."""

    __slots__ = ("spans", "special", "special_spans", "usual", "weeks")

    def __init__(self, restrictions: tuple[Restriction, ...], holidays: frozenset[date]) -> None:
        self.usual = _week(restrictions, MONDAY, frozenset())
        self.special: dict[int, Week] = {}
        if any(r.holidays != "usual" for r in restrictions):
            # A window of a Sunday reaches into the next week.
            weeks = {_number(day + n * DAY) for day in holidays for n in (0, 1)}
            made = {n: _week(restrictions, MONDAY + n * WEEK, holidays) for n in weeks}
            self.special = {n: week for n, week in made.items() if week != self.usual}
        self.weeks = sorted(self.special)
        self.spans = self.usual.spans()
        self.special_spans = {n: week.spans() for n, week in self.special.items()}

    @property
    def always(self) -> bool:
        return self.usual == Week(True, ()) and not self.special

    def is_open(self, shown: datetime) -> bool:
        number, rest = divmod(shown - MONDAY, WEEK)
        return self.special.get(number, self.usual).is_open(rest)

    def next_edge(self, shown: datetime) -> datetime | None:
        """The first change after a wall time; None if there never is one."""
        number, rest = divmod(shown - MONDAY, WEEK)
        edges = self.special.get(number, self.usual).edges
        found = bisect_right(edges, rest)
        while found == len(edges):
            following = self._next_week(number)
            if following is None:
                return None
            number, found = following, 0
            edges = self.special.get(number, self.usual).edges
        return MONDAY + number * WEEK + edges[found]

    def spans_in(self, week: int) -> tuple[Span, ...]:
        return self.special_spans.get(week, self.spans)

    def _next_week(self, number: int) -> int | None:
        """The next one that may have a change: any, or if usual weeks have none, the next special one."""
        if self.usual.edges:
            return number + 1
        place = bisect_right(self.weeks, number)
        return self.weeks[place] if place < len(self.weeks) else None


def _number(day: date) -> int:
    return (day - MONDAY.date()).days // 7


def _week(restrictions: tuple[Restriction, ...], monday: datetime, holidays: frozenset[date]) -> Week:
    merged: list[tuple[timedelta, timedelta]] = []
    for begins, ends in sorted(_starting(restrictions, monday, holidays)):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((begins, ends))
    none = timedelta(0)
    edges = tuple(edge for window in merged for edge in window if none <= edge < WEEK)
    return Week(any(begins < none <= ends for begins, ends in merged), edges)


def _starting(
    restrictions: tuple[Restriction, ...], monday: datetime, holidays: frozenset[date]
) -> Iterator[Span]:
    """The windows that start from the day before a week to the day after, counted from its beginning."""
    for number in range(-1, 8):
        midnight = number * DAY
        holiday = (monday + midnight).date() in holidays
        for r in restrictions:
            if _starts(r, number % 7, holiday):
                start, end = _of_day(r.start_time), _of_day(r.end_time)
                yield midnight + start, midnight + (end if end > start else end + DAY)


def _starts(r: Restriction, weekday: int, holiday: bool) -> bool:
    usual = weekday in (r.weekdays or EVERY_DAY)
    match r.holidays:
        case "usual":
            return usual
        case "also":
            return usual or holiday
        case "never":
            return usual and not holiday
        case "only":
            return usual and holiday


def _of_day(t: time) -> timedelta:
    return timedelta(hours=t.hour, minutes=t.minute, seconds=t.second, microseconds=t.microsecond)
