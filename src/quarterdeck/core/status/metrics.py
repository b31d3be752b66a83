"""Figures on a status page: points that were pushed, folded to hours and days. Nothing is made up between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import from_micros, micros
from quarterdeck.core.kernel.refused import bad

HOURS, DAYS = 48, 90
MOST_POINTS = 1000  # in one batch
KEPT = timedelta(days=DAYS + 2)
EARLY = timedelta(minutes=10)  # how far the clock of whoever pushes may be ahead
LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of the page. `unit` is written behind each value; `names` by language."""

    id: str
    name: str
    unit: str = ""
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """The mean, least and most of what was pushed in a stretch of time that begins `at`."""

    at: datetime
    mean: float
    least: float
    most: float
    count: int


@dataclass(frozen=True, slots=True)
class MetricView:
    """`hours` and `days` hold the stretches for which there is something, oldest first."""

    metric: Metric
    hours: tuple[Point, ...]
    days: tuple[Point, ...]
    until: datetime


def checked(points: Sequence[tuple[datetime, float]], now: datetime) -> dict[datetime, float]:
    """A batch as it is kept, of two for one instant the last. Refuses nonsense: the whole batch or nothing of it."""
    if not 1 <= len(points) <= MOST_POINTS:
        raise bad(
            "points.count",
            f"A batch has between 1 and {MOST_POINTS} points, this has {len(points)}. Send it in parts.",
            points="too many" if points else "none",
        )
    kept: dict[datetime, float] = {}
    for n, (at, value) in enumerate(points):
        if not math.isfinite(value) or abs(value) > LARGEST:
            raise _no(n, "is not a number that can be drawn", "Leave out what was not measured")
        if at > now + EARLY:
            raise _no(n, "lies in the future", "Look at the clock and the time zone of whoever sends it")
        if at < now - KEPT:
            raise _no(n, f"is older than {DAYS} days, which nobody would see", "Send newer points")
        kept[at] = float(value)
    return kept


def single(at: datetime, value: float) -> Point:
    """One value as it was pushed."""
    return Point(at, value, value, value, 1)


def fold(metric: Metric, points: Iterable[Point], now: datetime) -> MetricView:
    """What a page draws of a metric: the last two days by the hour, the last ninety by the day (UTC)."""
    known = sorted((p for p in points if now - KEPT < p.at <= now), key=lambda p: p.at)
    hours = _folded(known, now, timedelta(hours=1), HOURS)
    return MetricView(metric, hours, _folded(known, now, timedelta(days=1), DAYS), now)


def _folded(points: Sequence[Point], now: datetime, step: timedelta, most: int) -> tuple[Point, ...]:
    width = step // timedelta(microseconds=1)
    last = micros(now) // width
    found: dict[int, list[Point]] = {}
    for p in points:
        slot = micros(p.at) // width
        if last - most < slot <= last:
            found.setdefault(slot, []).append(p)
    return tuple(_joined(from_micros(slot * width), parts) for slot, parts in sorted(found.items()))


def _joined(at: datetime, parts: Sequence[Point]) -> Point:
    count = sum(p.count for p in parts)
    mean = math.fsum(p.mean * p.count for p in parts) / count
    return Point(at, mean, min(p.least for p in parts), max(p.most for p in parts), count)


def _no(n: int, what: str, advice: str) -> Exception:
    return bad(
        "points.value",
        f"Point {n + 1} {what}. {advice}; nothing of this batch was taken.",
        points=f"point {n + 1}",
    )
