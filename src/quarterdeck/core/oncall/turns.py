"""The arithmetic of one layer: whose turn it is, until when, inside which windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from .schedule import EVERY_DAY, Layer, Restriction
from .wall import instant, wall, zone

Stretch = tuple[datetime, datetime, str]
# For each weekday, the windows that start on it: their start and end counted from its midnight on the wall.
Windows = tuple[tuple[tuple[timedelta, timedelta], ...], ...]
_DAY = timedelta(days=1)
# Past this many days without a window there is none: windows repeat every week.
_WEEK_AND_MORE = 10


@dataclass(frozen=True, slots=True)
class _Frame:
    """What every question about a layer needs: its zone, and where and how long its turns are on the wall."""

    tz: ZoneInfo | timezone
    anchor: datetime
    span: timedelta
    windows: Windows

    def handover(self, turn: int) -> datetime:
        """When turn number `turn` begins."""
        return instant(self.anchor + turn * self.span, self.tz)

    def turn(self, at: datetime) -> int:
        """The turn that runs at an instant. (A wall time that comes twice makes the first guess too low.)"""
        number = (wall(at, self.tz) - self.anchor) // self.span
        while self.handover(number + 1) <= at:
            number += 1
        while self.handover(number) > at:
            number -= 1
        return number


def holder(layer: Layer, at: datetime) -> str | None:
    """The person this layer has on call at an instant, None outside its life and its windows."""
    if not layer.people or at < layer.starts_at or (layer.ends_at is not None and at >= layer.ends_at):
        return None
    frame = _frame(layer)
    if frame.windows and not any(start <= at < end for start, end in _near(frame, at)):
        return None
    return layer.people[frame.turn(at) % len(layer.people)]


def next_change(layer: Layer, at: datetime) -> datetime | None:
    """The first instant after `at` at which `holder` may answer differently; None if it never will."""
    if not layer.people or (layer.ends_at is not None and at >= layer.ends_at):
        return None
    if at < layer.starts_at:
        return layer.starts_at
    frame = _frame(layer)
    found = [layer.ends_at] if layer.ends_at is not None else []
    inside = True
    if frame.windows:
        inside = any(start <= at < end for start, end in _near(frame, at))
        edge = _next_edge(frame, at)
        found += [edge] if edge is not None else []
    if inside and len(set(layer.people)) > 1:
        found.append(_next_handover(frame, at))
    return min(found, default=None)


def stretches(layer: Layer, start: datetime, end: datetime) -> list[Stretch]:
    """Every turn of a layer between two instants, cut to them and to its windows, in order."""
    low = max(start, layer.starts_at)
    high = end if layer.ends_at is None else min(end, layer.ends_at)
    if low >= high or not layer.people:
        return []
    frame = _frame(layer)
    turns = _turns(frame, layer.people, low, high)
    if not frame.windows:
        return list(turns)
    return list(_inside(turns, _windows(frame, low, high)))


@lru_cache(maxsize=4096)
def _frame(layer: Layer) -> _Frame:
    tz, span = zone(layer.zone), max(layer.turn.span, timedelta(hours=1))
    began = wall(layer.starts_at, tz)
    anchor = datetime.combine(began.date(), layer.handover_time.replace(tzinfo=None, fold=0))
    every = min(span, _DAY)
    if layer.turn.unit == "weeks" and layer.handover_weekday is not None:
        anchor -= _DAY * ((anchor.weekday() - layer.handover_weekday) % 7)
        every *= 7
    if anchor > began:
        anchor -= every
    # The first turn began at the last possible handover before the start, so it is as long as it can be.
    anchor += (began - anchor) // span * span
    return _Frame(tz, anchor, span, _by_weekday(layer.restrictions))


def _by_weekday(restrictions: tuple[Restriction, ...]) -> Windows:
    """The windows of a week; none at all when together they leave no second open."""
    if not restrictions:
        return ()
    week: Windows = tuple(
        tuple(sorted(_span(r) for r in restrictions if day in (r.weekdays or EVERY_DAY))) for day in EVERY_DAY
    )
    monday = datetime(2001, 1, 1)  # noqa: DTZ001
    windows = _on_wall(week, monday - 2 * _DAY, 12)
    always = any(start <= monday and end >= monday + 7 * _DAY for start, end in windows)
    return () if always else week


def _span(r: Restriction) -> tuple[timedelta, timedelta]:
    start, end = _of_day(r.start_time), _of_day(r.end_time)
    return start, end if end > start else end + _DAY


def _of_day(t: time) -> timedelta:
    return timedelta(hours=t.hour, minutes=t.minute, seconds=t.second, microseconds=t.microsecond)


def _on_wall(week: Windows, first: datetime, days: int) -> list[tuple[datetime, datetime]]:
    """The windows that start on `days` days from that of `first`, as wall times, merged where they meet."""
    merged: list[tuple[datetime, datetime]] = []
    day = datetime.combine(first.date(), time())
    weekday = day.weekday()
    for _ in range(days):
        for start, end in week[weekday]:
            begins, ends = day + start, day + end
            if merged and begins <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
            else:
                merged.append((begins, ends))
        day, weekday = day + _DAY, (weekday + 1) % 7
    return merged


def _near(frame: _Frame, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The windows that may hold an instant. Tomorrow's too: a midnight that comes twice has begun before."""
    for start, end in _on_wall(frame.windows, wall(at, frame.tz) - _DAY, 3):
        yield instant(start, frame.tz), instant(end, frame.tz)


def _next_edge(frame: _Frame, at: datetime) -> datetime | None:
    """The next start or end of a window. (At one a jump swallows nothing changes.)"""
    today = wall(at, frame.tz)
    for start, end in _on_wall(frame.windows, today - _DAY, _WEEK_AND_MORE):
        for edge in (start, end):
            if (found := instant(edge, frame.tz)) > at:
                return found
    return None


def _next_handover(frame: _Frame, at: datetime) -> datetime:
    number = frame.turn(at) + 1
    while (found := frame.handover(number)) <= at:
        number += 1
    return found


def _turns(frame: _Frame, people: tuple[str, ...], low: datetime, high: datetime) -> Iterator[Stretch]:
    number = frame.turn(low)
    start = low
    while start < high:
        end = min(frame.handover(number + 1), high)
        if end > start:
            yield start, end, people[number % len(people)]
        start, number = max(start, end), number + 1


def _windows(frame: _Frame, low: datetime, high: datetime) -> list[tuple[datetime, datetime]]:
    """The windows between two instants, in order."""
    first, last = wall(low, frame.tz) - _DAY, wall(high, frame.tz)
    found: list[tuple[datetime, datetime]] = []
    for start, end in _on_wall(frame.windows, first, (last - first).days + 3):
        begins, ends = instant(start, frame.tz), instant(end, frame.tz)
        if begins < ends:
            found.append((begins, ends))
    return found


def _inside(turns: Iterator[Stretch], windows: list[tuple[datetime, datetime]]) -> Iterator[Stretch]:
    first = 0
    for start, end, person in turns:
        while first < len(windows) and windows[first][1] <= start:
            first += 1
        number = first
        while number < len(windows) and windows[number][0] < end:
            yield max(start, windows[number][0]), min(end, windows[number][1]), person
            number += 1
