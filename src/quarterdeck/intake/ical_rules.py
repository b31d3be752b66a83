"""When a repeating event of iCalendar takes place, on the wall, within a horizon. A rule that would cost more than
some thousand steps is not followed, whatever else bounds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from dateutil.rrule import rrulebase, rrulestr

MOST_STEPS = 30_000
MOST_DATES = 5_000
LONGEST_RULE = 400
MOST_INTERVAL = 5_000
# How many looks of the library each unit takes in a year.
_YEARLY_STEPS = {"HOURLY": 8_784, "DAILY": 366, "WEEKLY": 366, "MONTHLY": 372, "YEARLY": 366}
_YEAR = timedelta(days=365)
_NAMES = {"SECONDLY": "every second", "MINUTELY": "every minute"}


class TooMuch(Exception):
    """An event that is not followed; the text is a clause that follows its name."""


def occurrences(source: Any, start: datetime, tz: tzinfo, since: datetime, until: datetime) -> list[datetime]:
    """The wall times (naive, in `tz`) at which an event begins, from about `since` until `until`; without those it
    excludes. Raises TooMuch.
    """
    low, high = (_shown(at, tz) for at in (since - timedelta(days=2), until + timedelta(days=2)))
    rules = source.get("RRULE")
    if isinstance(rules, list):
        raise TooMuch("has more than one rule of repeating.")
    # The first time counts, whether or not the rule would have it.
    found = {start}
    if rules is not None:
        found.update(at for at in _followed(rules, start, tz, high) if at >= low)
    found.update(_dates(source.get("RDATE"), tz))
    left = found - set(_dates(source.get("EXDATE"), tz))
    return sorted(at for at in left if low <= at <= high)


def _followed(rule: Any, start: datetime, tz: tzinfo, high: datetime) -> Iterator[datetime]:
    said = rule.to_ical().decode()
    if len(said) > LONGEST_RULE:
        raise TooMuch("has a rule of repeating that is too long to follow.")
    parts = dict(p.split("=", 1) for p in said.upper().split(";") if "=" in p)
    unit, interval = parts.get("FREQ", ""), int(parts.get("INTERVAL", "1"))
    if unit in _NAMES:
        raise TooMuch(f"repeats {_NAMES[unit]}, which no shift and no absence does.")
    if unit not in _YEARLY_STEPS or not 1 <= interval <= MOST_INTERVAL or start.year < 1970:
        raise TooMuch("has a rule of repeating that cannot be followed.")
    last = min(high, _until(rule, tz) or high)
    count = int(parts.pop("COUNT", "0"))
    parts.pop("UNTIL", None)
    times = 1
    for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= parts.get(part, "").count(",") + 1
    divided = interval if unit in ("HOURLY", "DAILY") else 1
    if max(last - start, timedelta(0)) / _YEAR * _YEARLY_STEPS[unit] * times / divided > MOST_STEPS:
        raise TooMuch("repeats so often, or has done so for so long, that it is not followed.")
    text = ";".join(f"{k}={v}" for k, v in parts.items()) + f";UNTIL={last:%Y%m%dT%H%M%S}"
    made: rrulebase = rrulestr(text, dtstart=start, ignoretz=True)
    for number, at in enumerate(made):
        if at > last or (count and number >= count):
            return
        yield at


def _until(rule: Any, tz: tzinfo) -> datetime | None:
    said = rule.get("UNTIL")
    value = said[0] if isinstance(said, list) and said else said
    if isinstance(value, datetime):
        return _shown(value, tz) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, 23, 59, 59)  # noqa: DTZ001 - on the wall
    return None


def _dates(said: Any, tz: tzinfo) -> Iterator[datetime]:
    """The dates of EXDATE or RDATE on the wall of `tz`."""
    lists = said if isinstance(said, list) else [] if said is None else [said]
    number = 0
    for each in lists:
        for one in each.dts:
            number += 1
            if number > MOST_DATES:
                raise TooMuch(f"lists more than {MOST_DATES:,} dates.")
            value = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            if not isinstance(value, datetime):
                yield datetime(value.year, value.month, value.day)  # noqa: DTZ001
            elif value.tzinfo is None:
                yield value
            else:
                yield _shown(value, tz)


def _shown(at: datetime, tz: tzinfo) -> datetime:
    return at.astimezone(UTC).astimezone(tz).replace(tzinfo=None, fold=0)
