"""Ninety days of one component as one picture: heights and colours for the eye, a sentence for the ear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from .icons import TONE
from .model import NO_DATA, Component, Day
from .words import Words

DAYS = 90
_STEP, _WIDE, _HIGH = 9, 7, 28
# Worse days stand higher, so that they can be told apart without their colour.
_HEIGHT = {
    "under_maintenance": 12,
    "degraded_performance": 16,
    "partial_outage": 22,
    "major_outage": 28,
}


def bars(days: Sequence[Day], words: Words, today: date) -> dict[str, Any] | None:
    """What lies over the ninety green days: days without data, then each disturbed day with its words."""
    if not days:
        return None
    last = list(days)[-DAYS:]
    first = DAYS - len(last)
    empty = [*range(first), *(first + n for n, day in enumerate(last) if day.status == NO_DATA)]
    marked = [(first + n, day) for n, day in enumerate(last) if day.status in _HEIGHT]
    plain = []
    if empty:
        plain.append({"tone": "none", "path": "".join(_bar(n, _HIGH) for n in empty)})
    if marked:
        plain.append({"tone": "ground", "path": "".join(_bar(n, _HIGH) for n, _ in marked)})
    return {
        "plain": plain,
        "marked": [
            {
                "tone": TONE[day.status],
                "path": _bar(n, _HEIGHT[day.status]),
                "title": _title(day, words, today),
            }
            for n, day in marked
        ],
    }


def bars_label(component: Component, words: Words, today: date) -> str:
    """The picture in a sentence: how many days were disturbed, and which."""
    marked = [day for day in component.days[-DAYS:] if day.status in _HEIGHT]
    if not marked:
        return words.said("undisturbed", name=component.name)
    listed = "; ".join(_title(day, words, today) for day in reversed(marked[-12:]))
    return words.counted("disturbed", len(marked)).replace("{days}", listed).replace("{name}", component.name)


def _title(day: Day, words: Words, today: date) -> str:
    told = f"{words.short_day(day.on, today)}: {words.state(day.status)}"
    return f"{told}, {day.note}" if day.note else told


def _bar(n: int, height: int) -> str:
    return f"M{n * _STEP} {_HIGH - height}h{_WIDE}v{height}h-{_WIDE}z"
