"""Targets: which one an incident is judged by, whether it was met, and by when it must be met. Never judges a person.

A target is never changed: a new one takes its place from a moment on, so that each incident is judged by what was in
force when it was reported (R-231, R-232, R-234).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from quarterdeck.core.kernel.moments import from_micros, micros

from .definitions import METRICS, Metric
from .hours import ALWAYS, elapsed, latest

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)
# So much of the time is gone when an open incident is shown as about to miss its target.
SOON_PERCENT = 75


@dataclass(frozen=True, slots=True)
class Target:
    """A goal for a metric: at most this long. None and "" stand for every severity and every team.

    In force from `since`, until another for the same metric, severity and team takes its place. One that is
    `withdrawn` says that there is none from then on. `since` None: always was.
    """

    metric: str
    at_most: timedelta
    severity: int | None = None
    team: str = ""
    hours: str = ALWAYS
    since: datetime | None = None
    withdrawn: bool = False


class Course(NamedTuple):
    """The moments of an incident that is no drill, in microseconds since 1970; None for what has not happened.

    What they mean stands in `definitions.IncidentTimes`. `open` says that it is not resolved.
    """

    ref: str
    severity: int | None
    team: str
    reported: int
    acknowledged: int | None = None
    commander: int | None = None
    told: int | None = None
    impact: int | None = None
    resolved: int | None = None
    declared: int | None = None
    messaged: int | None = None


class Judged(NamedTuple):
    """What a target says of an incident; `took` is counted in the hours of the target, None while it goes on."""

    course: Course
    target: Target
    took: timedelta | None
    missed: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """How often a target was met. `breached` are the references of the incidents that missed it."""

    measured: int
    breached: tuple[str, ...]


_Key = tuple[str, int | None, str]


class Targets:
    """All targets there have been, ready to be asked for many incidents."""

    def __init__(self, known: Iterable[Target]) -> None:
        self._of: dict[_Key, list[tuple[int, int, Target]]] = {}
        for place, t in enumerate(known):
            from_ = micros(t.since) if t.since else -(2**63)
            self._of.setdefault((t.metric, t.severity, t.team), []).append((from_, place, t))
        for found in self._of.values():
            found.sort(key=lambda one: one[:2])
        self.metrics = tuple(m for m in METRICS if any(key[0] == m for key in self._of))

    def in_force(self, metric: str, severity: int | None, team: str, at: int) -> Target | None:
        """The closest one for this severity and team: of both, of the severity, of the team, of neither."""
        wanted = ((severity, team), (severity, ""), (None, team), (None, ""))
        for key in dict.fromkeys(wanted):
            found = self.exactly(metric, *key, at)
            if found is not None:
                return found
        return None

    def exactly(self, metric: str, severity: int | None, team: str, at: int) -> Target | None:
        """The one for just this severity and team, if one is in force at an instant (microseconds)."""
        last = None
        for from_, _, target in self._of.get((metric, severity, team), ()):
            if from_ > at:
                break
            last = target
        return None if last is None or last.withdrawn else last


def ends(metric: str, course: Course) -> tuple[int | None, int | None]:
    """The start and the stop of a metric, as `definitions` names them. Raises KeyError for an unknown metric."""
    return _moment(METRICS[metric].start, course), _moment(METRICS[metric].stop, course)


def _moment(event: str, c: Course) -> int | None:
    match event:
        case "reported":
            return c.reported
        case "acknowledged":
            return c.acknowledged
        case "responded":
            return min((at for at in (c.acknowledged, c.commander) if at is not None), default=None)
        case "first public update":
            return c.told
        case "impact started":
            return c.impact
        case "declared":
            return c.declared
        case "first customer message":
            return c.messaged
        case _:
            return c.resolved


def judge(courses: Iterable[Course], targets: Targets, zone: str, now: datetime) -> Iterator[Judged]:
    """What the targets in force at its report say of each incident. One that goes on counts once it has missed."""
    at = micros(now)
    for course in courses:
        for metric in targets.metrics:
            target = targets.in_force(metric, course.severity, course.team, course.reported)
            if target is None:
                continue
            start, stop = ends(metric, course)
            if start is None or (stop is None and course.resolved is not None):
                continue
            took = took_by(target, start, at if stop is None else stop, zone)
            missed = took > target.at_most
            if stop is not None or missed:
                yield Judged(course, target, None if stop is None else took, missed)


def took_by(target: Target, start: int, stop: int, zone: str) -> timedelta:
    """The time between two instants (microseconds) in the hours of a target."""
    if target.hours == ALWAYS:
        return timedelta(microseconds=max(stop - start, 0))
    return elapsed(from_micros(start), from_micros(stop), target.hours, zone)


def run_out(
    course: Course, targets: Targets, zone: str, now: datetime
) -> list[tuple[Metric, Target, datetime]]:
    """What an incident has missed, open or over: the metric, its target, and when it was to be met."""
    found = []
    for one in judge([course], targets, zone, now):
        if one.missed:
            start, _ = ends(one.target.metric, course)
            by = latest(from_micros(start or 0), one.target.at_most, one.target.hours, zone)
            found.append((METRICS[one.target.metric], one.target, by))
    return found


class Ahead(NamedTuple):
    """A target an incident has yet to meet. `by` is the last moment to do so; `soon_at` when too little is left."""

    metric: Metric
    target: Target
    by: datetime
    soon_at: datetime

    def state(self, now: datetime) -> str:
        return "missed" if now > self.by else "soon" if now >= self.soon_at else "running"


def ahead(course: Course, targets: Targets, zone: str) -> list[Ahead]:
    """What an incident that is not resolved has yet to meet, the earliest first."""
    found = []
    for metric in targets.metrics:
        target = targets.in_force(metric, course.severity, course.team, course.reported)
        start, stop = ends(metric, course)
        if target is None or start is None or stop is not None or course.resolved is not None:
            continue
        at = from_micros(start)
        by = latest(at, target.at_most, target.hours, zone)
        soon = latest(at, target.at_most * SOON_PERCENT / 100, target.hours, zone)
        found.append(Ahead(METRICS[metric], target, by, soon))
    return sorted(found, key=lambda one: (one.by, one.metric.key))


def kept(judged: Iterable[Judged]) -> Kept:
    """Counts the breaches."""
    found = list(judged)
    return Kept(len(found), tuple(j.course.ref for j in found if j.missed))


def by_metric(judged: Iterable[Judged]) -> Mapping[str, Sequence[Judged]]:
    found: dict[str, list[Judged]] = {}
    for one in judged:
        found.setdefault(one.target.metric, []).append(one)
    return found
