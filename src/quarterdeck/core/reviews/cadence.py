"""On which days work that comes again falls: preventive tasks and quarters. Calendar dates only, no clock."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta

ONCE = "once"
# key -> (months, days) from one to the next
CADENCES = {
    "weekly": (0, 7), "monthly": (1, 0), "quarterly": (3, 0), "half_yearly": (6, 0), "yearly": (12, 0),
}  # fmt: skip
QUARTER_MONTHS = 3


def nth(first: date, cadence: str, number: int) -> date:
    """The day of the given number, 0 for the first. The 31st becomes the last day of a shorter month."""
    months, days = CADENCES[cadence]
    if days:
        return first + timedelta(days=days * number)
    index = first.year * 12 + first.month - 1 + months * number
    year, month = divmod(index, 12)
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


def following(first: date, cadence: str, after: date) -> date:
    """The first day of the rhythm that lies after `after`."""
    if after < first:
        return first
    months, days = CADENCES[cadence]
    if days:
        number = (after - first).days // days
    else:
        number = ((after.year - first.year) * 12 + after.month - first.month) // months
    found = nth(first, cadence, number)
    while found <= after:
        number += 1
        found = nth(first, cadence, number)
    return found


def between(first: date, cadence: str, low: date, high: date) -> Iterator[date]:
    """Every day of the rhythm from `low` to `high`, both included."""
    day = following(first, cadence, low - timedelta(days=1))
    while day <= high:
        yield day
        day = following(first, cadence, day)


def quarter(day: date) -> str:
    """Such as "2026-Q4"."""
    return f"{day.year}-Q{(day.month - 1) // QUARTER_MONTHS + 1}"


def quarter_after(day: date) -> date:
    """The first day of the next quarter."""
    index = day.year * 12 + (day.month - 1) // QUARTER_MONTHS * QUARTER_MONTHS + QUARTER_MONTHS
    return date(index // 12, index % 12 + 1, 1)


def quarter_before(day: date) -> str:
    """The quarter that was over before the one of this day began."""
    return quarter(
        day.replace(month=(day.month - 1) // QUARTER_MONTHS * QUARTER_MONTHS + 1, day=1) - timedelta(days=1)
    )


def months_after(at: datetime, months: int) -> datetime:
    """The same day and time so many months later, at the end of a shorter month where it has no such day."""
    index = at.year * 12 + at.month - 1 + months
    year, month = divmod(index, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))
