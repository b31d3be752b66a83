"""One score for the drill and one for each role, from what was seen. 100 is everything seen, in time.

automatic = mean of the shares of the items that count; ratings = mean of the points / 4. Where both are there, the
score is 60 % of the first and 40 % of the second; where one is, it alone. What was not seen is left out, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from quarterdeck.core.incidents import Stamped, Template
from quarterdeck.core.incidents import events as ev

from . import crisis, roles, steps, whole
from .course import Course, read
from .shapes import Item, Rating, Setting

AUTOMATIC, RATED = 0.6, 0.4
MOST_POINTS = 4


@dataclass(frozen=True, slots=True)
class RoleResult:
    """`people` held it, in order. `score` is 0 to 100, None when nothing of it was seen."""

    role: str
    title: str
    people: tuple[str, ...]
    items: tuple[Item, ...]
    ratings: tuple[Rating, ...]
    score: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """`items` are those of the whole. `to_restore` is drill time to the resolution."""

    items: tuple[Item, ...]
    steps: tuple[Item, ...]
    injects: tuple[Item, ...]
    roles: tuple[RoleResult, ...]
    score: int | None
    to_restore: timedelta | None

    def item(self, key: str) -> Item | None:
        return next((i for i in self.items if i.key == key), None)

    def role(self, key: str) -> RoleResult | None:
        return next((r for r in self.roles if r.role == key), None)


def result(log: Sequence[Stamped], template: Template, setting: Setting) -> Result:
    """Everything that is scored, as of `setting.until`."""
    course = read(log, template, setting)
    expected, fired = steps.steps(course), steps.injects(course)
    found = tuple(_role(course, role, expected, fired) for role in _roles(course))
    every = whole.items(course)
    parts = [i for r in found for i in r.items if i.key in crisis.PARTS]
    total = score([*every, *expected, *fired, *parts], setting.ratings)
    return Result(tuple(every), tuple(expected), tuple(fired), found, total, _restored(course))


def _roles(course: Course) -> tuple[str, ...]:
    """Those of the incident, and those a step, an inject or a rating speaks of."""
    setting = course.setting
    named = [*(e.role for e in setting.expected), *(i.role for i in setting.injects if i.fired_at)]
    known = course.roles()
    more = dict.fromkeys(r for r in [*named, *(r.role for r in setting.ratings)] if r and r not in known)
    return (*known, *more)


def _role(course: Course, role: str, expected: Sequence[Item], fired: Sequence[Item]) -> RoleResult:
    mine = [i for i in fired if i.role == role]
    items = [
        *roles.items(course, role),
        *crisis.items(course, role, mine),
        *(i for i in expected if i.role == role),
        *mine,
    ]
    ratings = tuple(r for r in course.setting.ratings if r.role == role)
    people = tuple(dict.fromkeys(a.person for a in course.held(role)))
    known = course.template.role(role)
    title = known.title if known else role.replace("_", " ").capitalize()
    return RoleResult(role, title, people, tuple(items), ratings, score(items, ratings))


def score(items: Iterable[Item], ratings: Iterable[Rating]) -> int | None:
    """0 to 100; None when nothing was seen."""
    shares = [i.share for i in items if i.share is not None]
    points = [r.points for r in ratings if r.points is not None]
    automatic = sum(shares) / len(shares) if shares else None
    rated = sum(points) / len(points) / MOST_POINTS if points else None
    if automatic is None or rated is None:
        only = rated if automatic is None else automatic
        return None if only is None else round(100 * only)
    return round(100 * (AUTOMATIC * automatic + RATED * rated))


def _restored(course: Course) -> timedelta | None:
    done = next((s for s in reversed(course.log) if isinstance(s.event, ev.Resolved)), None)
    return course.setting.minute(done.at) if done else None
