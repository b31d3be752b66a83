"""At which times of the next days a policy would reach nobody at all. Asks the functions of the what-if; reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from quarterdeck.core.escalation.conditions import Cause, listed, needs
from quarterdeck.core.escalation.plan import Page, Resolved, walk
from quarterdeck.core.escalation.policy import SEVERITIES, Policy, Target

from .directory import Directory
from .escalations import urgency_of

AHEAD = timedelta(days=7)
# Schedules and times of day change on the half hour nearly always; what is shorter is not looked for.
EVERY = timedelta(minutes=30)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time in which an alert of these severities (none: any) would reach nobody whom the policy names."""

    starts_at: datetime
    ends_at: datetime
    severities: tuple[str, ...]


def unreached(policy: Policy, now: datetime) -> list[Spell]:
    """Every such stretch of the next seven days, to the half hour. Somebody without any contact is nobody."""
    asks = needs(policy).severity
    # Further rounds at the same instant would find the same people.
    once, end = replace(policy, repeats=0), now + AHEAD
    directory = Directory(now)
    directory.load_targets([*(t for s in policy.steps for t in s.targets), *policy.catch_all])
    found: list[Spell] = []
    moments = [*_moments(now, end), end]
    for at, until in pairwise(moments):
        directory.move(at)
        lost = tuple(s for s in (SEVERITIES if asks else ("",)) if not _reaches(once, s, at, directory))
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
