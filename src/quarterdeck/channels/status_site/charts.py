"""Figures of a page as drawings with a table behind: lines break where nothing was pushed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from quarterdeck.core.status.metrics import DAYS, HOURS, MetricView, Point

from . import looks
from .filling import Fields
from .spoken import Tongue
from .words import Words

_WIDE, _HIGH, _EDGE = 600, 100, 4
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def chart(view: MetricView, words: Words, tongue: Tongue) -> Fields:
    """One metric: its latest value and two drawings, by the hour and by the day."""
    name, unit = tongue.metric(view.metric.names, view.metric.name), view.metric.unit
    latest = (view.hours or view.days)[-1:]

    def hour(at: datetime) -> str:
        return words.moment(at, view.until)

    def day(at: datetime) -> str:
        return words.short_day(at.date(), view.until.date())

    return {
        "name": name,
        "latest": words.said("latest", value=words.number(latest[0].mean, unit)) if latest else "",
        "drawings": [
            _drawing(view.hours, _HOUR, HOURS, view.until, name, unit, words.t["last_hours"], hour, words),
            _drawing(view.days, _DAY, DAYS, view.until, name, unit, words.t["last_days"], day, words),
        ]
        if latest
        else [],
    }


def _drawing(
    points: Sequence[Point], step: timedelta, slots: int, until: datetime, name: str, unit: str, stretch: str,
    told: Callable[[datetime], str], words: Words,
) -> Fields:  # fmt: skip
    least, most = min((p.least for p in points), default=0.0), max((p.most for p in points), default=0.0)
    low, high = words.number(least, unit), words.number(most, unit)
    return {
        "stretch": stretch,
        "label": words.said("chart", name=name, stretch=stretch, least=low, most=high)
        if points
        else f"{name}, {stretch}: {words.t['no_points']}",
        "path": _path(points, step, slots, until),
        "rows": [
            {
                "time": looks.time(p.at, told(p.at)),
                "mean": words.number(p.mean, unit),
                "least": words.number(p.least, unit),
                "most": words.number(p.most, unit),
            }
            for p in reversed(points)
        ],
    }


def _path(points: Sequence[Point], step: timedelta, slots: int, until: datetime) -> str:
    """The means as one path from left to right; a slot without points leaves a gap, one alone is a dot."""
    if not points:
        return ""
    low, high = min(p.mean for p in points), max(p.mean for p in points)
    low = min(low, 0.0) if low > 0 and low < (high - low) * 2 else low
    span = (high - low) or 1.0
    drawn, before = [], None
    for p in points:
        back = int((until - p.at) / step)
        x = round((slots - 1 - back) * _WIDE / (slots - 1), 1)
        y = round(_HIGH - _EDGE - (p.mean - low) / span * (_HIGH - 2 * _EDGE), 1)
        joined = before is not None and p.at - before == step
        drawn.append(f"{'L' if joined else 'M'}{x:g} {y:g}" + ("" if joined else "h0"))
        before = p.at
    return "".join(drawn)
