"""Hours on call per person and day, by kind: what a payroll takes. The sums are those of the schedule, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .hours import NIGHT, Home, Night, slices
from .schedule import Shift

_NONE = timedelta(0)
_NOWHERE = Home()


@dataclass(frozen=True, slots=True)
class PayRow:
    """One person on one local day. Each moment is of one kind: a holiday before a weekend before a night."""

    person: str
    day: date
    by_day: timedelta = _NONE
    by_night: timedelta = _NONE
    on_weekend: timedelta = _NONE
    on_holiday: timedelta = _NONE

    @property
    def total(self) -> timedelta:
        return self.by_day + self.by_night + self.on_weekend + self.on_holiday


def payroll(shifts: Sequence[Shift], homes: Mapping[str, Home], night: Night = NIGHT) -> list[PayRow]:
    """A row for every person and local day with any time on call, by person and day. Without a home: UTC."""
    found: dict[tuple[str, date], list[timedelta]] = {}
    for shift in shifts:
        for person in shift.people:
            for part in slices(shift.starts_at, shift.ends_at, homes.get(person, _NOWHERE), night):
                held = found.get((person, part.day))
                if held is None:
                    held = found[person, part.day] = [_NONE] * 4
                held[3 if part.holiday else 2 if part.weekend else 1 if part.night else 0] += part.length
    return [PayRow(*key, *found[key]) for key in sorted(found)]
