"""On-call arithmetic against calendars: the same turns and windows as recurring events of RFC 5545, expanded by
`recurring-ical-events`, in the zones of the world from 2000 to 2040."""

from __future__ import annotations

import os
from bisect import bisect_right
from calendar import monthrange
from datetime import UTC, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from quarterdeck.core.oncall import Layer, Restriction, Schedule, Turn, on_call, shifts
from support.oncall_cases import DAY, HOUR, MINUTE, STRANGE, ZONES, changes

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
YEARS = range(2000, 2041)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PEOPLE = ("ana", "ben", "cleo", "dan")
SAMPLED = 600
# Expanding a calendar reckons from its first event, so turns have not run for longer than this.
BEFORE = 200

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200 if SOAK else 180)]


def event(zone, start, rule, name, exdates=(), rdates=()):
    lines = [
        "BEGIN:VEVENT",
        f"UID:{name}",
        f"SUMMARY:{name}",
        f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}",
        "DURATION:PT1M",
        f"RRULE:{rule}",
        *[f"EXDATE;TZID={zone}:{at:%Y%m%dT%H%M%S}" for at in exdates],
        *[f"RDATE;TZID={zone}:{at:%Y%m%dT%H%M%S}" for at in rdates],
        "END:VEVENT",
    ]
    return "\r\n".join(lines)


def expanded(events, zone, low, high):
    """Every beginning as instant and name. One that clocks leave out is at their jump."""
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN"
    calendar = icalendar.Calendar.from_ical("\r\n".join([head, *events, "END:VCALENDAR"]))
    found = recurring_ical_events.of(calendar).between(low, high)
    return sorted((shown_first(e["DTSTART"].dt.replace(tzinfo=None), zone), str(e["SUMMARY"])) for e in found)


def shown_first(wall, zone):
    tz = ZoneInfo(zone)
    at = wall.replace(tzinfo=tz).astimezone(UTC)
    if at.astimezone(tz).replace(tzinfo=None) == wall:
        return at
    return max(change for change in changes(zone) if change <= at)


def turn_events(layer, begun):
    """One recurring event for each person in turn: it begins where their turns do."""
    unit, length, count = layer.turn.unit, layer.turn.length, len(layer.people)
    every = length * count
    for n in range(count):
        if unit == "months":
            days = ",".join(str(d) for d in range(min(28, begun.day), begun.day + 1))
            rule = f"FREQ=MONTHLY;INTERVAL={every};BYMONTHDAY={days};BYSETPOS=-1"
            start = months_after(begun, n * length)
        else:
            rule = f"FREQ={'DAILY' if unit == 'days' else 'WEEKLY'};INTERVAL={every}"
            start = begun + n * layer.turn.span
        yield event(layer.zone, start, rule, f"{n}:{layer.people[n]}")


def months_after(begun, months):
    year, month = divmod(begun.year * 12 + begun.month - 1 + months, 12)
    day = min(begun.day, monthrange(year, month + 1)[1])
    return begun.replace(year=year, month=month + 1, day=day)


def window_events(layer, begun):
    """Two for each restriction: its openings and its closings."""
    for number, r in enumerate(layer.restrictions):
        over = DAY if r.end_time <= r.start_time else timedelta(0)
        days = r.weekdays or tuple(range(7))
        first = (begun - 9 * DAY).date()
        while first.weekday() not in days:
            first += DAY
        for what, clock, later in (("open", r.start_time, timedelta(0)), ("close", r.end_time, over)):
            by = ",".join(DAYS[(d + later.days) % 7] for d in days)
            off = [datetime.combine(day + later, clock) for day in sorted(layer.holidays)]
            yield event(
                layer.zone,
                datetime.combine(first + later, clock),
                f"FREQ=WEEKLY;BYDAY={by}",
                f"{number}:{what}",
                exdates=off if r.holidays == "never" else (),
                rdates=off if r.holidays == "also" else (),
            )


class Calendar:
    """The oracle: who is on call by the events that began last."""

    def __init__(self, layer, begun, low, high):
        self.layer = layer
        wide = BEFORE * DAY
        self.turns = expanded(list(turn_events(layer, begun)), layer.zone, low - wide, high)
        windows = list(window_events(layer, begun)) if layer.restrictions else []
        self.windows = expanded(windows, layer.zone, low - 10 * DAY, high) if windows else []

    def who(self, at):
        if at < self.layer.starts_at:
            return None
        if self.layer.restrictions and not any(
            self.inside(n, at) for n in range(len(self.layer.restrictions))
        ):
            return None
        place = bisect_right(self.turns, at, key=lambda e: e[0])
        return self.turns[place - 1][1].partition(":")[2]

    def inside(self, number, at):
        """Open if it opened last; at the same instant the opening comes after the closing of the day before."""
        begun = [(when, what) for when, what in self.windows if when <= at and what.startswith(f"{number}:")]
        last = begun[-1][0]
        return (last, f"{number}:open") in begun and not self.swallowed(number, last)

    def swallowed(self, number, when):
        """A window that a jump of the clocks leaves out altogether: it opens and closes at the jump."""
        opened = [w for w, what in self.windows if what == f"{number}:open" and w == when]
        closed = [w for w, what in self.windows if what == f"{number}:close" and w == when]
        tz, r = ZoneInfo(self.layer.zone), self.layer.restrictions[number]
        at_jump = when.astimezone(tz).time() not in (r.start_time, r.end_time)
        return bool(opened and closed and at_jump and r.start_time < r.end_time)

    def edges(self):
        return {when for when, _ in self.turns} | {when for when, _ in self.windows}


def a_case(zone, year, random):
    """A layer of this zone and a few days about a change of its clocks in this year, or about any day."""
    near = [c for c in changes(zone) if c.year == year]
    middle = random.choice(near) if near else datetime(year, random.randint(1, 12), 15, tzinfo=UTC)
    low = middle - random.randint(2, 5) * DAY
    clock = random.choice([time(9), time(2, 30), time(0), time(random.randint(0, 23), random.randint(0, 59))])
    day = (low - random.randint(0, BEFORE - 20) * DAY).astimezone(ZoneInfo(zone)).date()
    if random.random() < 0.2:
        day = day.replace(day=monthrange(day.year, day.month)[1])
    begun = datetime.combine(day, clock)
    starts_at = shown_first(begun, zone)
    restrictions = tuple(
        Restriction(
            time(random.randint(0, 23), random.choice([0, 30])),
            time(random.randint(0, 23), random.choice([0, 30])),
            tuple(sorted(random.sample(range(7), random.randint(0, 5)))),
            random.choice(["usual", "also", "never"]),
        )
        for _ in range(random.choice([0, 1, 1, 2]))
    )
    turn = random.choice(
        [Turn("days", random.randint(1, 3)), Turn("weeks", random.randint(1, 2)), Turn("months")]
    )
    holidays = frozenset((low + n * DAY).date() for n in random.sample(range(12), 3))
    layer = Layer(
        "l", "L", PEOPLE[: random.randint(1, 4)], turn, clock, None, starts_at, None, zone, restrictions,
        region="x", holidays=holidays,
    )  # fmt: skip
    return layer, begun, low, low + 9 * DAY


@cache
def behaviours():
    """One zone of each behaviour: many names are links to the same."""
    seen = {}
    for zone in ZONES:
        key = (*changes(zone)[:400], datetime(2000, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset())
        seen.setdefault(key, zone)
    return sorted(set(seen.values()) | set(STRANGE))


def pairs():
    if SOAK:
        return [(zone, year) for zone in behaviours() for year in YEARS]
    random = Random(20_26)
    zones = [*STRANGE, *random.sample(ZONES, 40)]
    return [(random.choice(zones), random.choice(YEARS)) for _ in range(SAMPLED)]


def skipped_or_doubled(layer, begun):
    """A first handover that clocks leave out or show twice has no start to reckon from."""
    at, tz = layer.starts_at, ZoneInfo(layer.zone)
    return at.astimezone(tz).replace(tzinfo=None) != begun or at.astimezone(tz).utcoffset() != (
        begun.replace(tzinfo=tz, fold=1).utcoffset()
    )


def test_turns_and_windows_are_those_of_a_calendar_with_the_same_rules():
    compared = 0
    for zone, year in pairs():
        layer, begun, low, high = a_case(zone, year, Random(f"{zone} {year}"))
        if skipped_or_doubled(layer, begun):
            continue
        oracle = Calendar(layer, begun, low - DAY, high + DAY)
        schedule = Schedule("s", "s", "S", "UTC", (layer,))
        found = shifts(schedule, low, high)
        begins = [s.starts_at for s in found]
        edges = {e for e in oracle.edges() | set(begins) if low <= e < high}
        for at in sorted({e + n * MINUTE for e in edges for n in (-1, 0, 1)} | {low + HOUR}):
            if low <= at < high:
                mine = found[bisect_right(begins, at) - 1].person
                assert mine == oracle.who(at), (layer, at)
                compared += 1
        assert on_call(schedule, low + HOUR).person == oracle.who(low + HOUR)
    assert compared > 10 * len(pairs())
