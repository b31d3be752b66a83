"""A maintenance window: what may follow what, what is due when, and what the public sees of it.

A window is asked what comes next and says so from its own facts; a clock that wakes late gets the same answer late.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.value import value

from .words import rank

State = Literal[
    "draft", "proposed", "approved", "announced", "in_progress", "verifying", "completed", "cancelled"
]
What = Literal["announce", "remind", "start", "ask_start", "ending", "finish", "overrun", "missed"]
STATES: tuple[State, ...] = (
    "draft",
    "proposed",
    "approved",
    "announced",
    "in_progress",
    "verifying",
    "completed",
    "cancelled",
)
RUNNING = frozenset({"in_progress", "verifying"})
AHEAD = frozenset({"approved", "announced"})
PLANNING = frozenset({"draft", "proposed"})
OVER = frozenset({"completed", "cancelled"})
LABELS: Mapping[str, str] = {
    "draft": "Draft",
    "proposed": "Waits for approval",
    "approved": "Approved",
    "announced": "Announced",
    "in_progress": "In progress",
    "verifying": "Verifying",
    "completed": "Completed",
    "cancelled": "Cancelled",
}
_FOLLOWS: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"proposed", "approved", "cancelled"}),
    "proposed": frozenset({"draft", "approved", "cancelled"}),
    "approved": frozenset({"draft", "announced", "in_progress", "cancelled"}),
    "announced": frozenset({"in_progress", "cancelled"}),
    "in_progress": frozenset({"verifying", "completed", "cancelled"}),
    "verifying": frozenset({"in_progress", "completed"}),
}
_ADVICE: Mapping[str, str] = {
    "draft": "Propose it first.",
    "proposed": "It waits for somebody's approval.",
    "approved": "It has not begun.",
    "announced": "It has not begun.",
    "in_progress": "Finish, extend or cancel it.",
    "verifying": "Finish it, or go on working.",
    "completed": "It is over; plan another one.",
    "cancelled": "It was cancelled; plan another one.",
}
# What a status page says of each; before it is announced the public knows nothing of it.
_PUBLIC: Mapping[str, str] = {
    "announced": "scheduled",
    "in_progress": "in_progress",
    "verifying": "verifying",
    "completed": "completed",
    "cancelled": "cancelled",
}
# Those who work hear so long before the end that they may still ask for more time.
ENDING = timedelta(minutes=15)


@value
class Course:
    """A window as far as its clock needs it. `reminders` are spans before the start; those in `done` were sent or are
    left out. `told` are the steps that only tell somebody (ask_start, ending, overrun, missed) and were done.
    """

    state: str
    starts_at: datetime
    ends_at: datetime
    announce: timedelta
    reminders: tuple[timedelta, ...] = ()
    done: frozenset[timedelta] = frozenset()
    auto_start: bool = True
    auto_finish: bool = True
    started_at: datetime | None = None
    told: frozenset[str] = frozenset()


@value
class Step:
    """What comes next, and when it is or was due. `skipped` are reminders that make no sense after it."""

    what: What
    at: datetime
    reminder: timedelta | None = None
    skipped: tuple[timedelta, ...] = ()


def may_become(state: str, wanted: str) -> bool:
    return wanted in _FOLLOWS.get(state, frozenset())


def must_become(state: str, wanted: str, verb: str) -> None:
    """Refuses what may not follow. `verb` is what somebody wants to do, as in "be started"."""
    if not may_become(state, wanted):
        word = LABELS.get(state, state).lower()
        raise Refused(
            "maintenance.state", f"This maintenance is {word}, so it cannot {verb}. {_ADVICE.get(state, '')}"
        )


def public_word(state: str) -> str:
    """The word of a status page, "" while the public knows nothing of it."""
    return _PUBLIC.get(state, "")


def next_step(course: Course, now: datetime) -> Step | None:
    """What comes next: due if its time has come, else the time to ask again. None: nothing happens by itself."""
    if course.state in RUNNING:
        return _running(course, now)
    if course.state not in AHEAD:
        return None
    left = left_of(course)
    if now >= course.ends_at:
        return None if "missed" in course.told else Step("missed", course.ends_at, skipped=left)
    if now >= course.starts_at:
        if course.auto_start:
            return Step("start", course.starts_at, skipped=left)
        if "ask_start" not in course.told:
            return Step("ask_start", course.starts_at, skipped=left)
        return Step("missed", course.ends_at)
    if course.state == "approved":
        gone = tuple(r for r in left if course.starts_at - r <= now)
        return Step("announce", course.starts_at - course.announce, skipped=gone)
    return _before(course, left, now)


def left_of(course: Course) -> tuple[timedelta, ...]:
    """The reminders that are still to come, the first first."""
    return tuple(sorted(set(course.reminders) - course.done, reverse=True))


def passed(course: Course, now: datetime) -> frozenset[timedelta]:
    """The reminders whose time is over at `now`: once announced (or moved) then, they say nothing new."""
    return frozenset(r for r in course.reminders if course.starts_at - r <= now)


def ahead(course: Course, now: datetime) -> list[Step]:
    """Everything that will happen by itself or is asked of somebody, in order, as it is planned."""
    found: list[Step] = []
    starts, ends = course.starts_at, course.ends_at
    if course.state in ("draft", "proposed", "approved"):
        found.append(Step("announce", max(starts - course.announce, now)))
    if course.state not in RUNNING | OVER:
        found += [Step("remind", starts - r, r) for r in left_of(course) if starts - r > now]
        found.append(Step("start" if course.auto_start else "ask_start", starts))
    if course.state not in OVER:
        found.append(Step("finish" if course.auto_finish else "overrun", ends))
    return sorted(found, key=lambda s: s.at)


def taken(
    wanted: Mapping[str, str], shown: Mapping[str, str], earlier: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The states that components go into at the start, and what each goes back to in the end. One that is as bad or
    worse by then says more, and stays. `earlier` is what components go back to that another window has under work.
    """
    states = {c: s for c, s in wanted.items() if c in shown and rank(shown[c]) < rank(s)}
    ours = [c for c in wanted if c in states or (c in shown and c in earlier)]
    return states, {c: earlier.get(c, shown[c]) for c in ours}


def given_back(
    wanted: Mapping[str, str],
    before: Mapping[str, str],
    shown: Mapping[str, str],
    held: Mapping[str, str],
) -> dict[str, str]:
    """The states that components go into at the end. One that somebody or something changed meanwhile stays as it is;
    one that another window that runs has under work goes into the state that window wants (`held`).
    """
    return {c: held.get(c, old) for c, old in before.items() if c in wanted and shown.get(c) == wanted[c]}


def too_late(course: Course, step: Step, now: datetime) -> str:
    """What is said where a step is done well after its time; "" where it is in time."""
    late = now - step.at
    if late < timedelta(minutes=2) or course.state == "draft":
        return ""
    return f"{spoken(late)} late: nothing ran here when it was due."


def _running(course: Course, now: datetime) -> Step | None:
    warned = course.ends_at - ENDING
    if (
        "ending" not in course.told
        and now < course.ends_at
        and (course.started_at is None or warned > course.started_at)
    ):
        return Step("ending", warned)
    if course.auto_finish:
        return Step("finish", course.ends_at)
    return None if "overrun" in course.told else Step("overrun", course.ends_at)


def _before(course: Course, left: tuple[timedelta, ...], now: datetime) -> Step:
    """Announced, and not begun: of several reminders that are due the last one says it all."""
    due = [r for r in left if course.starts_at - r <= now]
    if due:
        last = due[-1]
        return Step("remind", course.starts_at - last, last, tuple(due[:-1]))
    if left:
        return Step("remind", course.starts_at - left[0], left[0])
    return Step("start" if course.auto_start else "ask_start", course.starts_at)
