"""How the duty of one schedule was spread over its people: nights, weekends and calls as bars beside their mean.

Reads only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quarterdeck.app.oncall.fairness import Spread
from quarterdeck.core.kernel.text import counted
from quarterdeck.core.oncall.fairness import Load

from .oncall import Names

MOST = 6
# Above so many times the mean, and by more than a few, it is marked as uneven.
UNEVEN, FEW = 1.5, 3
_KINDS: tuple[tuple[str, str, Callable[[Load], int]], ...] = (
    ("Nights", "nights", lambda load: load.nights),
    ("Weekends", "weekends", lambda load: load.weekends),
    ("Calls", "calls", lambda load: load.interruptions),
)


def panel(spread: Spread, key: str, names: Names) -> dict[str, Any]:
    """The people who carried most, at most `MOST`; the mean is that of everybody with a shift."""
    loads = [load for load in spread.loads if load.shifts]
    means = [sum(of(x) for x in loads) / len(loads) if loads else 0.0 for *_, of in _KINDS]
    most = [max((of(x) for x in loads), default=0) for *_, of in _KINDS]
    rows = [
        {
            "person": names.someone(load.person),
            "cells": [
                {
                    "value": of(load), "mean": round(mean, 2), "most": top or 1,
                    "tone": "amber" if _is_uneven(of(load), mean) else "ink",
                }
                for (*_, of), mean, top in zip(_KINDS, means, most, strict=True)
            ],
        }
        for load in loads[:MOST]
    ]  # fmt: skip
    return {
        "title": "Fairness, last 13 weeks",
        "note": f"{counted(len(loads), 'person', 'people')}, tick is the mean",
        "href": f"/on-call/fairness?schedule={key}",
        "kinds": [title for title, *_ in _KINDS],
        "rows": rows,
        "more": max(len(loads) - MOST, 0),
        "uneven": _uneven(loads, means, names),
    }


def _is_uneven(value: int, mean: float) -> bool:
    return value > mean * UNEVEN and value - mean > FEW


def _uneven(loads: list[Load], means: list[float], names: Names) -> str:
    """The one who is furthest above a mean; "" where nobody is."""
    found = [
        (of(load) / mean, load.person, what)
        for (_, what, of), mean in zip(_KINDS, means, strict=True)
        for load in loads
        if mean and _is_uneven(of(load), mean)
    ]
    if not found:
        return ""
    times, person, what = max(found)
    verb = "has" if what == "calls" else "works"
    return f"{names.full(person)} {verb} {times:.1f} times the mean of {what}."
