"""Ninety days of one component as one picture: heights and colours for the eye, a sentence for the ear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from quarterdeck.core.status.bars import DAYS, Day
from quarterdeck.core.status.shapes import ComponentView

from .icons import tone
from .words import Words

_STEP, _WIDE, _HIGH = 9, 7, 28
_LISTED = 12
# An ordinary day is 20 high. Worse days stand above it, so that they can be told apart without their colour.
_ORDINARY, _NO_DATA = 20, 3
_HEIGHT = {
    "under_maintenance": 10,
    "degraded_performance": 23,
    "partial_outage": 26,
    "major_outage": 28,
}


def bars(view: ComponentView, words: Words, today: date) -> dict[str, Any] | None:
    """What lies over the ninety green days: days without data, then disturbed ones, the last with their words."""
    last = view.record.days[-DAYS:]
    if not any(day.worst for day in last):
        return None
    first = DAYS - len(last)
    empty = [*range(first), *(first + n for n, day in enumerate(last) if day.worst is None)]
    disturbed = [(first + n, day) for n, day in enumerate(last) if day.worst in _HEIGHT]
    lower = [*empty, *(n for n, day in disturbed if _HEIGHT[day.worst or ""] < _ORDINARY)]
    plain = [
        {"tone": "ground", "path": "".join(_bar(n, _ORDINARY) for n in lower)},
        {"tone": "none", "path": "".join(_bar(n, _NO_DATA) for n in empty)},
        *(_unmarked(status, disturbed[:-_LISTED]) for status in _HEIGHT),
    ]
    return {
        "plain": [one for one in plain if one["path"]],
        "marked": [_marked(n, day, words, today) for n, day in disturbed[-_LISTED:]],
    }


def bars_label(view: ComponentView, name: str, words: Words, today: date) -> str:
    """The picture in a sentence: how many days were disturbed, and which."""
    marked = [day for day in view.record.days[-DAYS:] if day.worst in _HEIGHT]
    if not marked:
        return words.said("undisturbed", name=name)
    listed = "; ".join(_title(day, words, today) for day in reversed(marked[-_LISTED:]))
    return words.counted("disturbed", len(marked)).replace("{days}", listed).replace("{name}", name)


def _unmarked(status: str, days: Sequence[tuple[int, Day]]) -> dict[str, str]:
    """Days of one state in one path, without words: what keeps a page small on which everything is broken."""
    path = "".join(_bar(n, _HEIGHT[status]) for n, day in days if day.worst == status)
    return {"tone": tone(status), "path": path}


def _marked(n: int, day: Day, words: Words, today: date) -> dict[str, str]:
    status = day.worst or "operational"
    return {"tone": tone(status), "path": _bar(n, _HEIGHT[status]), "title": _title(day, words, today)}


def _title(day: Day, words: Words, today: date) -> str:
    seconds = {
        "major_outage": day.major_seconds,
        "partial_outage": day.partial_seconds,
        "degraded_performance": day.degraded_seconds,
        "under_maintenance": day.maintenance_seconds,
    }[day.worst or "degraded_performance"]
    length = words.span(timedelta(seconds=seconds))
    return f"{words.short_day(day.date, today)}: {words.state(day.worst or '')}, {length}"


def _bar(n: int, height: int) -> str:
    return f"M{n * _STEP} {_HIGH - height}h{_WIDE}v{height}h-{_WIDE}z"
