"""Rest after a bad night: who was woken so often that somebody else should take over for the next hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .hours import NIGHT, Home, Night
from .schedule import Absence
from .wall import wall, zone


@dataclass(frozen=True, slots=True)
class RestRule:
    """After so many wake-ups in one night, relief for so long. (Eleven hours: directive 2003/88/EC, article 3.)"""

    wakeups: int = 2
    night: Night = NIGHT
    relief: timedelta = timedelta(hours=11)


@dataclass(frozen=True, slots=True)
class Relief:
    """A proposal: this person should not be called in this time. `reason` is a clause without a full stop."""

    person: str
    starts_at: datetime
    ends_at: datetime
    reason: str


def reliefs(
    person: str, wakeups: Sequence[datetime], home: Home, rule: RestRule | None = None
) -> list[Relief]:
    """One for each night with enough wake-ups, from the one that was too many; calls by day do not count."""
    rule = rule or RestRule()
    tz = zone(home.zone)
    nights: dict[date, int] = {}
    found = []
    for at in sorted(wakeups):
        shown = wall(at, tz)
        if not rule.night.holds(shown.time()):
            continue
        evening = rule.night.evening(shown)
        nights[evening] = nights.get(evening, 0) + 1
        if nights[evening] == max(rule.wakeups, 1):
            reason = f"woken {nights[evening]} times in the night of {evening:%Y-%m-%d}"
            found.append(Relief(person, at, at + rule.relief, reason))
    return found


def as_absence(relief: Relief) -> Absence:
    """The relief as an absence: a layer that skips the absent then passes this person over."""
    return Absence(relief.person, relief.starts_at, relief.ends_at, relief.reason)
