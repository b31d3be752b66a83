"""Earlier drills beside each other: how long each thing took, the score, the median, and whether it gets better.

Only drills: no real incident is ever among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from .score import Result

# Key -> (title, whether less is better). Times are seconds of drill time, the score is 0 to 100.
MEASURES: dict[str, tuple[str, bool]] = {
    "acknowledge": ("Time to acknowledge", True),
    "command": ("Time to command", True),
    "first_update": ("Time to first update", True),
    "restore": ("Time to restore", True),
    "score": ("Score", False),
}
# The last so many are set against all before them; with fewer than twice as many there is no trend.
LATEST = 2
# Differences below this share are no trend.
STEADY = 0.1


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one drill. None where it was not seen."""

    acknowledge: int | None = None
    command: int | None = None
    first_update: int | None = None
    restore: int | None = None
    score: int | None = None

    def value(self, key: str) -> int | None:
        found: int | None = getattr(self, key)
        return found


@dataclass(frozen=True, slots=True)
class Trend:
    """`n` drills have a value. `direction`: better, worse, steady, "" when they are too few."""

    n: int
    median: float | None
    direction: str


def figures(found: Result) -> Figures:
    def seconds(key: str) -> int | None:
        item = found.item(key)
        return int(item.measured.total_seconds()) if item and item.measured is not None else None

    told = [s for s in (seconds("internal_update"), seconds("public_update")) if s is not None]
    restore = int(found.to_restore.total_seconds()) if found.to_restore is not None else None
    return Figures(seconds("acknowledge"), seconds("command"), min(told, default=None), restore, found.score)


def trend(key: str, course: Sequence[Figures]) -> Trend:
    """Over drills in the order they were held."""
    values = [v for f in course if (v := f.value(key)) is not None]
    middle = float(median(values)) if values else None
    if len(values) < 2 * LATEST:
        return Trend(len(values), middle, "")
    before, lately = float(median(values[:-LATEST])), float(median(values[-LATEST:]))
    if abs(lately - before) <= STEADY * max(abs(before), 1.0):
        return Trend(len(values), middle, "steady")
    less_is_better = MEASURES[key][1]
    return Trend(len(values), middle, "better" if (lately < before) is less_is_better else "worse")
