"""A month of a schedule as a grid of days: who holds it, public holidays, who is away, and where nobody is. Reads only.

Days and times are those of the viewer's zone; who is on call is the core's to say.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from quarterdeck.core.oncall import Absence, Schedule, Shift, shifts

from .oncall import Names, day_time, wall
from .week import Links, agenda, scales, since_begun

KEY = "month"
MOST = 4
_DAY = timedelta(days=1)
_starts, _ends = attrgetter("starts_at"), attrgetter("ends_at")


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside the shifts: public holidays by day, and who of the schedule is away."""

    holidays: Mapping[date, str]
    absences: Sequence[Absence]


def first_of(asked: str, now: datetime) -> date:
    """The first of the month asked for ("2026-11" or a day in it); of this one when it is none."""
    try:
        found = date.fromisoformat(f"{asked}-01" if len(asked) == 7 else asked[:10])
    except ValueError:
        found = wall(now).date()
    if not 2000 < found.year < 2200:
        found = wall(now).date()
    return found.replace(day=1)


def span(first: date) -> tuple[date, date]:
    """The days a grid shows: whole weeks, from Monday to Sunday."""
    last = (first + timedelta(days=31)).replace(day=1) - _DAY
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def midnights(days: tuple[date, date]) -> tuple[datetime, datetime]:
    """When the first of these days begins and the last one ends."""
    return _midnight(days[0]), _midnight(days[1] + _DAY)


def month(
    schedule: Schedule, first: date, now: datetime, names: Names, links: Links, around: Around
) -> dict[str, Any]:
    """The grid, and the same as a list for phones."""
    begin, end = span(first)
    start, until = midnights((begin, end))
    final = since_begun(shifts(schedule, start, until), schedule, now)
    order = {p: n for n, p in enumerate(dict.fromkeys(p for x in schedule.layers for p in x.people))}
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    told = [_day(day, first, final, now, names, links, around, order) for day in days]
    before, after = first - _DAY, (first + timedelta(days=31)).replace(day=1)
    return {
        "title": date_format(first, "F Y"),
        "dated": True,
        "scales": scales(first, links.url, KEY),
        "weekdays": [date_format(day, "D") for day in days[:7]],
        "weeks": [told[n : n + 7] for n in range(0, len(told), 7)],
        "before_href": f"{links.url}?span={KEY}&month={before:%Y-%m}",
        "after_href": f"{links.url}?span={KEY}&month={after:%Y-%m}",
        "today_href": f"{links.url}?span={KEY}",
        "agenda": agenda(final, names, now, links, day_time),
    }


def held(final: Sequence[Shift], low: datetime, high: datetime) -> Sequence[Shift]:
    """Those that touch the time between two instants: in order and without hole, they stand side by side."""
    return final[bisect_right(final, low, key=_ends) : bisect_left(final, high, key=_starts)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), timezone.get_current_timezone())


def _day(
    day: date, first: date, final: Sequence[Shift], now: datetime, names: Names, links: Links, around: Around,
    order: Mapping[str, int],
) -> dict[str, Any]:  # fmt: skip
    low, high = _midnight(day), _midnight(day + _DAY)
    here = held(final, low, high)
    away = {a.person for a in around.absences if a.starts_at < high and a.ends_at > low}
    return {
        "number": day.day,
        "full": date_format(day, "l j F"),
        "today": day == wall(now).date(),
        "outside": (day.year, day.month) != (first.year, first.month),
        "holiday": around.holidays.get(day, ""),
        "shifts": [_shift(s, low, high, now, names, links, order) for s in here[:MOST]],
        "more": max(0, len(here) - MOST),
        "away": ", ".join(sorted(names(p) for p in away)),
    }


def _shift(
    s: Shift,
    low: datetime,
    high: datetime,
    now: datetime,
    names: Names,
    links: Links,
    order: Mapping[str, int],
) -> dict[str, Any]:
    begins = "" if s.starts_at <= low else f"{wall(s.starts_at):%H:%M}"
    ends = "" if s.ends_at >= high else f"{wall(s.ends_at):%H:%M}"
    when = f"{begins} to {ends}" if begins and ends else begins or (f"to {ends}" if ends else "")
    if s.person is None:
        kind, text = "gap", "Nobody"
    else:
        several = f" +{len(s.people) - 1}" if len(s.people) > 1 else ""
        first = "You" if s.person == names.viewer else names.full(s.person)
        text = first + several
        kind = "alt" if order.get(s.person, 0) % 2 else ""
        if names.viewer in s.people:
            kind = "me"
        elif s.source in ("override", "swap", "cover"):
            kind = "over"
    return {
        "text": text,
        "when": when,
        "kind": kind,
        "title": f"{names.all(s.people)}, {day_time(s.starts_at)} to {day_time(s.ends_at)}",
        "href": links.to(s, now),
    }
