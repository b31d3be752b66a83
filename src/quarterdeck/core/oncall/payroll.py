"""Hours on call per person and day, by kind: what a payroll takes. The sums are those of the schedule, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .holidays import Compensation, counted
from .hours import NIGHT, Home, Night, Slice, slices
from .schedule import Shift

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class PayRow:
    """One person on one local day. Each moment is of one kind: a holiday before a weekend before a night.

    `counted` is the time weighed by the compensation rule.
    """

    person: str
    day: date
    by_day: timedelta = _NONE
    by_night: timedelta = _NONE
    on_weekend: timedelta = _NONE
    on_holiday: timedelta = _NONE
    counted: timedelta = _NONE

    @property
    def total(self) -> timedelta:
        return self.by_day + self.by_night + self.on_weekend + self.on_holiday


def payroll(
    shifts: Sequence[Shift],
    homes: Mapping[str, Home],
    rule: Compensation | None = None,
    night: Night = NIGHT,
) -> list[PayRow]:
    """A row for every person and local day with any time on call, by person and day. Without a home: UTC."""
    rule = rule or Compensation()
    found: dict[tuple[str, date], PayRow] = {}
    for shift in shifts:
        for person in shift.people:
            for part in slices(shift.starts_at, shift.ends_at, homes.get(person, Home()), night):
                key = (person, part.day)
                found[key] = _add(found.get(key) or PayRow(*key), part, rule)
    return [found[key] for key in sorted(found)]


def _add(row: PayRow, part: Slice, rule: Compensation) -> PayRow:
    holiday = part.length if part.holiday else _NONE
    weekend = part.length if part.weekend and not part.holiday else _NONE
    night = part.length if part.night and not (part.weekend or part.holiday) else _NONE
    return PayRow(
        row.person,
        row.day,
        row.by_day + part.length - holiday - weekend - night,
        row.by_night + night,
        row.on_weekend + weekend,
        row.on_holiday + holiday,
        row.counted + counted(part, rule),
    )
