"""At which times of the next days a policy would reach nobody at all. Asks the functions of the what-if; reads only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import attrgetter

from quarterdeck.core.escalation.conditions import Cause, is_open, listed, needs
from quarterdeck.core.escalation.plan import Page, Resolved, walk
from quarterdeck.core.escalation.policy import SEVERITIES, Policy, Target
from quarterdeck.core.oncall import Schedule, Shift, shifts

from .directory import Directory
from .escalations import urgency_of

AHEAD = timedelta(days=7)
# Schedules and times of day change on the half hour nearly always; what is shorter is not looked for.
EVERY = timedelta(minutes=30)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_starts = attrgetter("starts_at")


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time in which an alert of these severities (none: any) would reach nobody whom the policy names."""

    starts_at: datetime
    ends_at: datetime
    severities: tuple[str, ...]


class _Ahead(Directory):
    """Answers for many instants of one stretch of time, in order: each schedule is unrolled once, and whom targets mean
    is worked out again only when somebody's turn is over.
    """

    def __init__(self, now: datetime, end: datetime) -> None:
        super().__init__(now)
        self._stretch = (now, end)
        self._end = self._until = end
        self._shifts: dict[str, list[Shift]] = {}

    def move(self, now: datetime) -> None:
        if now < self._until:
            self.now = self.wall = now
            return
        super().move(now)
        self._until = self._end

    def holders(self, schedule: Schedule) -> tuple[str, ...]:
        if schedule.id not in self._shifts:
            self._shifts[schedule.id] = shifts(schedule, *self._stretch)
        found = self._shifts[schedule.id]
        held = found[bisect_right(found, self.wall, key=_starts) - 1]
        self._until = min(self._until, held.ends_at)
        return held.people


def unreached(policy: Policy, now: datetime) -> list[Spell]:
    """Every such stretch of the next seven days, to the half hour. Somebody without any contact is nobody."""
    asks = needs(policy).severity
    # Further rounds at the same instant would find the same people.
    once, end = replace(policy, repeats=0), now + AHEAD
    targets = [*(t for s in policy.steps for t in s.targets), *policy.catch_all]
    directory = _Ahead(now, end)
    directory.load_targets(targets)
    reached: dict[object, bool] = {}
    found: list[Spell] = []
    moments = [*_moments(now, end), end]
    for at, until in pairwise(moments):
        directory.move(at)
        # Whom it calls depends on the moment only by who is on call and which windows are open.
        people = tuple(directory.on_call(t).people for t in targets)
        open_ = tuple(is_open(w, at) for s in policy.steps for w in s.windows)
        lost: tuple[str, ...] = ()
        for severity in SEVERITIES if asks else ("",):
            alike = (severity, people, open_)
            if alike not in reached:
                reached[alike] = _reaches(once, severity, at, directory)
            lost += () if reached[alike] else (severity,)
        if not lost:
            continue
        which = () if len(lost) == len(SEVERITIES) or not asks else lost
        if found and found[-1].ends_at == at and found[-1].severities == which:
            found[-1] = replace(found[-1], ends_at=until)
        else:
            found.append(Spell(at, until, which))
    return found


def _moments(now: datetime, end: datetime) -> Iterator[datetime]:
    yield now
    at = now + EVERY - (now - _EPOCH) % EVERY
    while at < end:
        yield at
        at += EVERY


def _reaches(policy: Policy, severity: str, at: datetime, directory: Directory) -> bool:
    def on_call(target: Target, when: datetime) -> Resolved:
        return directory.on_call(target)

    def reachable(page: Page) -> bool:
        urgency = page.urgency or urgency_of(severity or "critical")
        return bool(directory.ways(page.person, urgency).planned)

    # Nobody who is paged can be reached: then the next step comes at once, so all of it is at this instant.
    rungs = walk(policy, at, on_call, Cause(severity), reachable)
    return any(reachable(p) for rung in rungs for p in rung.pages)


def told(spells: list[Spell], most: int = 5) -> str:
    """One sentence for whoever has just saved the policy; "" when it reaches somebody at any time."""
    if not spells:
        return ""
    first = "; ".join(spoken(s) for s in spells[:most])
    more = f" and {len(spells) - most} more times" if len(spells) > most else ""
    return f"In the next 7 days it reaches nobody {first}{more}: then only the administrators are called."


def spoken(spell: Spell) -> str:
    """From Sat 28 Nov 00:00 to Mon 30 Nov 09:00 UTC for info alerts."""
    whom = f" for {listed(spell.severities)} alerts" if spell.severities else ""
    return f"from {_day(spell.starts_at)} to {_day(spell.ends_at)} UTC{whom}"


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %d %b %H:%M}"
