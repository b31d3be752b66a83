"""What came back, and whether early command goes with faster ends: figures with their number, and a caution where that
is small. They show what went together, never what caused what (R-236).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from .figures import Summary, summary
from .targets import Course

REPEAT_WITHIN = timedelta(days=90)
# Below this many on one side a comparison shows chance.
ENOUGH = 10
REPEATS = (
    "An incident is a repeat when, in the 90 days before its report, there was another with the same problem, or with "
    "a service in common and the same cause as their reviews sort it. Without reviews nothing is known to repeat."
)
COMPARED = (
    "Resolved incidents by whether a person accepted command in time: being in command by declaring does not count. "
    "Severe incidents get a commander sooner and take longer; compare within one severity."
)


class Happened(NamedTuple):
    """An incident as its repeats are told by; `reported` in microseconds. `cause` is a key, "" for unknown."""

    ref: str
    reported: int
    services: frozenset[str]
    cause: str
    problems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Repeats:
    """`known` are the incidents whose cause or problem is known; `repeats` (of `incidents`) by reference."""

    incidents: int
    known: int
    repeats: tuple[str, ...]


def repeats(found: Iterable[Happened], since: int) -> Repeats:
    """Of the incidents reported from `since` (microseconds) on; those before are only looked back at."""
    ordered = sorted(found, key=lambda h: (h.reported, h.ref))
    within = REPEAT_WITHIN // timedelta(microseconds=1)
    last: dict[tuple[str, ...], int] = {}
    again: list[str] = []
    count = known = 0
    for one in ordered:
        marks = [("problem", p) for p in one.problems] + [
            ("cause", one.cause, s) for s in one.services if one.cause
        ]
        if one.reported >= since:
            count += 1
            known += bool(marks)
            if any(m in last and one.reported - last[m] <= within for m in marks):
                again.append(one.ref)
        last.update(dict.fromkeys(marks, one.reported))
    return Repeats(count, known, tuple(again))


@dataclass(frozen=True, slots=True)
class Compared:
    """Times to resolve of incidents commanded within the minutes, and of the others. `few`: too few to tell."""

    early: Summary
    late: Summary

    @property
    def few(self) -> bool:
        return min(self.early.n, self.late.n) < ENOUGH


def compared(courses: Sequence[Course], within: timedelta) -> Compared:
    """Resolved incidents only."""
    limit = within // timedelta(microseconds=1)
    early: list[timedelta] = []
    late: list[timedelta] = []
    for c in courses:
        if c.resolved is None:
            continue
        took = timedelta(microseconds=max(c.resolved - c.reported, 0))
        in_time = c.commander is not None and c.commander - c.reported <= limit
        (early if in_time else late).append(took)
    return Compared(summary(early), summary(late))
