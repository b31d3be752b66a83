"""How on-call duty is spread: hours, nights, weekends, holidays and interruptions per person, and one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .hours import NIGHT, Home, Night, is_night, slices
from .schedule import Shift
from .wall import DAY, wall, zone

_HOUR = timedelta(hours=1)
_NONE = timedelta(0)


@dataclass(slots=True)
class Load:
    """What one person carries. An hour of a holiday night is in the time, the night time and the holiday time.

    `nights` and `weekends` are how many of them had any time on call; `wakeups` are interruptions at night.
    """

    person: str
    shifts: int = 0
    time: timedelta = _NONE
    night_time: timedelta = _NONE
    weekend_time: timedelta = _NONE
    holiday_time: timedelta = _NONE
    interruptions: int = 0
    wakeups: int = 0
    evenings: set[date] = field(default_factory=set)
    saturdays: set[date] = field(default_factory=set)

    @property
    def nights(self) -> int:
        return len(self.evenings)

    @property
    def weekends(self) -> int:
        return len(self.saturdays)


@dataclass(frozen=True, slots=True)
class Weights:
    """What makes an hour on call heavier, on top of the hour itself, and what a wake-up weighs in hours."""

    night: float = 1.0
    weekend: float = 1.0
    holiday: float = 2.0
    wakeup_hours: float = 2.0
    interruption_hours: float = 0.5


def loads(
    shifts: Sequence[Shift],
    people: Sequence[str],
    homes: Mapping[str, Home],
    interruptions: Mapping[str, Sequence[datetime]] | None = None,
    wakeups: Mapping[str, Sequence[datetime]] | None = None,
    night: Night = NIGHT,
) -> dict[str, Load]:
    """The load of each of the people, and of anybody else in the shifts. People without a shift carry nothing.

    `interruptions` are when somebody was called; those at night in their place are wake-ups, unless `wakeups`
    says which were.
    """
    found = {person: Load(person) for person in people}
    for shift in shifts:
        for person in shift.people:
            _count(found.setdefault(person, Load(person)), shift, homes.get(person, Home()), night)
    for person, moments in (interruptions or {}).items():
        load = found.setdefault(person, Load(person))
        load.interruptions = len(moments)
        if wakeups is None:
            load.wakeups = sum(is_night(at, homes.get(person, Home()), night) for at in moments)
    for person, moments in (wakeups or {}).items():
        found.setdefault(person, Load(person)).wakeups = len(moments)
    return found


def burden(load: Load, weights: Weights | None = None) -> float:
    """In hours: time + night time x 1 + weekend time x 1 + holiday time x 2 + wake-ups x 2 h + other calls x 0.5 h.

    So an ordinary night hour counts two and an hour of a holiday three. The weights can be chosen.
    """
    w = weights or Weights()
    return (
        load.time / _HOUR
        + w.night * (load.night_time / _HOUR)
        + w.weekend * (load.weekend_time / _HOUR)
        + w.holiday * (load.holiday_time / _HOUR)
        + w.wakeup_hours * load.wakeups
        + w.interruption_hours * max(load.interruptions - load.wakeups, 0)
    )


def balance(
    found: Mapping[str, Load], shares: Mapping[str, float] | None = None, weights: Weights | None = None
) -> int:
    """How evenly the burden is spread, from 0 to 100.

    score = 100 x (1 - H / (1 - s)), rounded down, where
    H = 1/2 x sum over people of |burden of the person / burden of all - share of the person|,
    the part of all burden that would have to change hands (the Hoover index), and s is the smallest share, so
    that 1 - s is the worst H can be. A share is what somebody ought to carry: 1/n each, unless `shares` gives
    weights (half for half time). 100: everybody carries their share. 0: one person, whose share is the
    smallest, carries everything. One person alone, and no burden at all, score 100.
    """
    burdens = {person: burden(load, weights) for person, load in found.items()}
    owed = {person: (shares or {}).get(person, 1.0) for person in found}
    total, whole = sum(burdens.values()), sum(owed.values())
    if len(found) < 2 or total <= 0 or whole <= 0:
        return 100
    moved = sum(abs(burdens[p] / total - owed[p] / whole) for p in found) / 2
    worst = 1 - min(owed.values()) / whole
    return max(0, min(100, int(100 * (1 - moved / worst) + 1e-9)))


def _count(load: Load, shift: Shift, home: Home, night: Night) -> None:
    load.shifts += 1
    load.time += shift.ends_at - shift.starts_at
    tz = zone(home.zone)
    for part in slices(shift.starts_at, shift.ends_at, home, night):
        if part.night:
            load.night_time += part.length
            load.evenings.add(night.evening(wall(part.starts_at, tz)))
        if part.weekend:
            load.weekend_time += part.length
            load.saturdays.add(part.day - DAY * (part.day.weekday() - 5))
        if part.holiday:
            load.holiday_time += part.length
