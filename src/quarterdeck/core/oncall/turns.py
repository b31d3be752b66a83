"""The arithmetic of one rotation: which turn runs, until when, inside which windows. All of it on the wall clock."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from .schedule import EVERY_DAY, Layer, Turn
from .wall import DAY, MONDAY, WEEK, instant, reached, steady_monday, wall, zone
from .windows import Span, Windows

People = tuple[str, ...]
# Begins, ends, the number of the turn: cut to the windows.
Piece = tuple[datetime, datetime, int]
_WHOLE: tuple[Span, ...] = ((timedelta(0), WEEK),)


class Even:
    """Turns that are equally long on the wall."""

    __slots__ = ("anchor", "span")

    def __init__(self, anchor: datetime, span: timedelta) -> None:
        self.anchor, self.span = anchor, span

    def begin(self, number: int) -> datetime:
        return self.anchor + number * self.span

    def number(self, shown: datetime) -> int:
        return (shown - self.anchor) // self.span


class Monthly:
    """Turns of months, from the same day of the month; from the last of a month that is too short."""

    __slots__ = ("clock", "day", "first", "months")

    def __init__(self, first: int, day: int, clock: time, months: int) -> None:
        """`first` is the month in which the first turn begins, counted from the year 0."""
        self.first, self.day, self.clock, self.months = first, day, clock, months

    def begin(self, number: int) -> datetime:
        year, month = divmod(self.first + number * self.months, 12)
        day = min(self.day, monthrange(year, month + 1)[1])
        return datetime.combine(date(year, month + 1, day), self.clock)

    def number(self, shown: datetime) -> int:
        number = (shown.year * 12 + shown.month - 1 - self.first) // self.months
        return number if self.begin(number) <= shown else number - 1


class Rotation:
    """A layer of turns, ready to answer."""

    __slots__ = ("groups", "people", "turns", "tz", "varies", "windows")

    def __init__(self, layer: Layer) -> None:
        self.tz = zone(layer.zone)
        self.turns = _turns(layer, wall(layer.starts_at, self.tz))
        windows = Windows(layer.restrictions, layer.holidays) if layer.restrictions else None
        # Windows that leave no second out are none.
        self.windows = None if windows is None or windows.always else windows
        self.people = layer.people
        self.groups = tuple(present(self.order(n), layer.at_once) for n in range(len(layer.people)))
        self.varies = len(set(self.groups)) > 1

    def order(self, number: int) -> People:
        """Everybody, from the one whose turn this is."""
        first = number % len(self.people)
        return self.people[first:] + self.people[:first]

    def turn(self, at: datetime) -> int | None:
        """The turn that runs at an instant; None outside the windows."""
        shown = reached(at, self.tz)
        if self.windows is not None and not self.windows.is_open(shown):
            return None
        return self.turns.number(shown)

    def next_change(self, at: datetime) -> datetime | None:
        """The first instant after `at` at which others may be on call, or nobody."""
        shown = reached(at, self.tz)
        found: datetime | None = None
        if self.windows is not None:
            found = self.windows.next_edge(shown)
        if self.varies and (self.windows is None or self.windows.is_open(shown)):
            handover = self.turns.begin(self.turns.number(shown) + 1)
            found = handover if found is None else min(found, handover)
        return None if found is None else instant(found, self.tz)

    def pieces(self, low: datetime, high: datetime) -> list[Piece]:
        """Every turn between two instants, cut to them and to the windows, in order."""
        found: list[Piece] = []
        begun = low
        for begins, ends, number in self._around(low, high):
            begins, ends = max(begins, begun), min(ends, high)
            # What lies outside, and what a jump of the clocks has swallowed.
            if begins >= ends:
                continue
            if found and found[-1][1] == begins and found[-1][2] == number:
                found[-1] = (found[-1][0], ends, number)
            else:
                found.append((begins, ends, number))
            begun = ends
        return found

    def _around(self, low: datetime, high: datetime) -> Iterator[Piece]:
        """Week by week, from before `low` to after `high`."""
        first, last = (wall(at, self.tz) for at in (low, high))
        for week in range((first - MONDAY - DAY) // WEEK, (last - MONDAY + DAY) // WEEK + 1):
            spans = _WHOLE if self.windows is None else self.windows.spans_in(week)
            if spans:
                yield from self._week(week, spans)

    def _week(self, week: int, spans: tuple[Span, ...]) -> Iterator[Piece]:
        monday, start = MONDAY + week * WEEK, steady_monday(week, self.tz)
        number = self.turns.number(monday + spans[0][0])
        follows = self.turns.begin(number + 1) - monday
        for begins, ends in spans:
            while begins < ends:
                while follows <= begins:
                    number += 1
                    follows = self.turns.begin(number + 1) - monday
                until = min(ends, follows)
                if start is not None:
                    yield start + begins, start + until, number
                else:
                    yield instant(monday + begins, self.tz), instant(monday + until, self.tz), number
                begins = until


@lru_cache(maxsize=4096)
def rotation(layer: Layer) -> Rotation:
    return Rotation(layer)


def present(order: People, at_once: int, away: frozenset[str] = frozenset()) -> People:
    """The first so many in an order of people who are not away."""
    found: dict[str, None] = {}
    for person in order:
        if person not in away:
            found[person] = None
            if len(found) >= at_once:
                break
    return tuple(found)


def _turns(layer: Layer, began: datetime) -> Even | Monthly:
    """The first turn began at the last possible handover before the start, so it is as long as it can be."""
    clock = layer.handover_time.replace(tzinfo=None, fold=0)
    if layer.turn.unit == "months":
        return _monthly(layer, began, clock)
    span = max(layer.turn.span, timedelta(hours=1))
    anchor, every = datetime.combine(began.date(), clock), min(span, DAY)
    if layer.turn.unit == "weeks" and layer.handover_weekday is not None:
        anchor -= DAY * ((anchor.weekday() - layer.handover_weekday) % len(EVERY_DAY))
        every *= 7
    if anchor > began:
        anchor -= every
    anchor += (began - anchor) // span * span
    return Even(anchor, span)


def _monthly(layer: Layer, began: datetime, clock: time) -> Monthly:
    day = began.day if layer.handover_day is None else layer.handover_day
    first = began.year * 12 + began.month - 1
    found = Monthly(first, min(max(day, 1), 31), clock, max(layer.turn.length, 1))
    if found.begin(0) > began:
        found.first -= 1
    return found


def shortest(turn: Turn) -> timedelta:
    """How short turns of this kind can be: what the number of turns in a time is reckoned with."""
    if turn.unit == "months":
        return timedelta(days=28) * max(turn.length, 1)
    return max(turn.span, timedelta(hours=1))
