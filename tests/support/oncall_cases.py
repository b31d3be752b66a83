"""Schedules of every kind around changes of the clocks, and an oracle that looks at the wall minute by minute."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from quarterdeck.core.oncall import Absence, FixedShift, Layer, Override, Restriction, Schedule, Turn

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(1999, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
ZONES = sorted(
    z for z in available_timezones() if not z.startswith(("posix/", "right/")) and z != "localtime"
)
# Jumps of half an hour, two hours, a day; at midnight; a fall back over midnight; two a year in Ramadan.
STRANGE = (
    "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "America/Sao_Paulo", "America/St_Johns",
    "Africa/Casablanca", "America/Havana", "Asia/Gaza", "Europe/Berlin", "America/New_York",
    "Asia/Kathmandu", "UTC",
)  # fmt: skip


@cache
def changes(name):
    """The instants at which the offset of a zone changes, to the minute; it looks every two days."""
    tz, found, at = ZoneInfo(name), [], FIRST
    before = at.astimezone(tz).utcoffset()
    while at < LAST:
        following = at + 2 * DAY
        after = following.astimezone(tz).utcoffset()
        if after != before:
            low, high = at, following
            while high - low > MINUTE:
                middle = low + (high - low) // MINUTE // 2 * MINUTE
                low, high = (low, middle) if middle.astimezone(tz).utcoffset() == after else (middle, high)
            found.append(high)
        at, before = following, after
    return found


minutes = st.integers(0, 1439).map(lambda m: time(m // 60, m % 60))
weekdays = st.lists(st.integers(0, 6), max_size=4, unique=True).map(tuple)
kinds = st.sampled_from(["usual", "usual", "also", "never", "only"])
windows = st.lists(st.builds(Restriction, minutes, minutes, weekdays, kinds), max_size=3).map(tuple)
turns = st.one_of(
    st.builds(Turn, st.just("hours"), st.integers(1, 40)),
    st.builds(Turn, st.just("days"), st.integers(1, 5)),
    st.builds(Turn, st.just("weeks"), st.integers(1, 2)),
    st.builds(Turn, st.just("months"), st.integers(1, 3)),
)
zones = st.one_of(st.sampled_from(STRANGE), st.sampled_from(ZONES))


@st.composite
def rotations(draw, number, start, names):
    people = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(tuple))
    near = start.date()
    return Layer(
        id=f"l{number}",
        name=f"L{number}",
        people=people,
        turn=draw(turns),
        handover_time=draw(minutes),
        handover_weekday=draw(st.none() | st.integers(0, 6)),
        starts_at=start - draw(st.integers(-1440, 60 * 24 * 60)) * MINUTE,
        ends_at=draw(st.none() | st.just(start + 40 * HOUR)),
        zone=draw(st.sampled_from(names)),
        restrictions=draw(windows),
        at_once=draw(st.integers(1, len(set(people)))),
        handover_day=draw(st.none() | st.integers(1, 31)),
        when_absent=draw(st.sampled_from(["leave", "skip"])),
        gaps_allowed=draw(st.booleans()),
        region="here",
        holidays=frozenset(draw(st.lists(st.integers(-3, 5).map(lambda n: near + n * DAY), max_size=4))),
    )


@st.composite
def spans(draw, start, least=-600, most=3000):
    begins = start + draw(st.integers(least, most)) * MINUTE
    return begins, begins + draw(st.integers(1, 900)) * MINUTE


@st.composite
def fixed_layers(draw, number, start):
    shifts = tuple(
        FixedShift(draw(st.sampled_from("fgh")), *draw(spans(start)), f"f{n}")
        for n in range(draw(st.integers(1, 4)))
    )
    begun = start - 30 * DAY
    return Layer(
        f"l{number}", f"L{number}", (), Turn("weeks"), time(9), None, begun, None, "UTC", fixed=shifts
    )


@st.composite
def cases(draw):
    """A schedule, and a stretch of days of its life, half of them around a change of the clocks."""
    names = draw(st.lists(zones, min_size=1, max_size=2))
    near = draw(st.booleans())
    known = changes(names[0]) if near else []
    if known:
        start = draw(st.sampled_from(known)) - DAY
    else:
        start = FIRST + draw(st.integers(0, (LAST - FIRST) // HOUR)) * HOUR
    layers = [
        draw(fixed_layers(n, start)) if draw(st.integers(0, 5)) == 5 else draw(rotations(n, start, names))
        for n in range(draw(st.integers(0, 3)))
    ]
    overrides = [
        Override(
            f"o{n}",
            draw(st.sampled_from("abxy")),
            *draw(spans(start)),
            "",
            draw(st.sampled_from(["all", "one", "add", "remove"])),
            draw(st.sampled_from("abcf")),
            draw(st.sampled_from(["", "w1"])),
        )
        for n in range(draw(st.integers(0, 3)))
    ]
    absences = [
        Absence(draw(st.sampled_from("abcd")), *draw(spans(start))) for _ in range(draw(st.integers(0, 3)))
    ]
    return Schedule("s", "s", "S", names[0], tuple(layers), tuple(overrides), tuple(absences)), start


class Walker:
    """The oracle for one layer: looks at the clock on the wall each minute, remembers how far it ever got."""

    def __init__(self, schedule, layer, start):
        self.layer, self.tz, self.absences = layer, ZoneInfo(layer.zone), schedule.absences
        self.reached = max(self.shown(start - n * HOUR) for n in range(50))
        self.begun = begun = self.shown(layer.starts_at)
        anchor = begun.replace(hour=layer.handover_time.hour, minute=layer.handover_time.minute)
        by_weekday = layer.turn.unit == "weeks" and layer.handover_weekday is not None
        if by_weekday:
            while anchor.weekday() != layer.handover_weekday:
                anchor -= DAY
        while anchor > begun:
            anchor -= min(layer.turn.span, 7 * DAY if by_weekday else DAY)
        while anchor + layer.turn.span <= begun:
            anchor += layer.turn.span
        self.anchor = anchor
        self.months = self.monthly() if layer.turn.unit == "months" else []

    def shown(self, at):
        return at.astimezone(self.tz).replace(tzinfo=None, second=0, microsecond=0)

    def monthly(self):
        """Every possible handover on the day of the month, from the first turn on, each so many months."""
        day, clock = self.layer.handover_day or self.begun.day, self.layer.handover_time
        found, month = [], date(self.begun.year, self.begun.month, 1) - DAY
        month = month.replace(day=1)
        while len(found) < 12:
            last = monthrange(month.year, month.month)[1]
            found.append(datetime.combine(month.replace(day=min(day, last)), clock))
            month = (month + 31 * DAY).replace(day=1)
        first = max(n for n, handover in enumerate(found) if handover <= self.begun)
        return found[first :: self.layer.turn.length]

    def turn(self):
        if self.layer.turn.unit == "months":
            return sum(handover <= self.reached for handover in self.months) - 1
        return (self.reached - self.anchor) // self.layer.turn.span

    def who(self, at):
        """People first to last; nobody is empty."""
        layer = self.layer
        self.reached = max(self.reached, self.shown(at))
        if at < layer.starts_at or (layer.ends_at and at >= layer.ends_at):
            return ()
        if layer.fixed:
            held = [s.person for s in layer.fixed if s.starts_at <= at < s.ends_at]
            return tuple(sorted(set(held), key=held.index))
        if layer.restrictions and not any(self.inside(r) for r in layer.restrictions):
            return ()
        away = {a.person for a in self.absences if a.starts_at <= at < a.ends_at}
        found, turn = [], self.turn()
        for n in range(len(layer.people)):
            person = layer.people[(turn + n) % len(layer.people)]
            skipped = layer.when_absent == "skip" and person in away
            if person not in found and not skipped and len(found) < layer.at_once:
                found.append(person)
        return tuple(found)

    def inside(self, r):
        now, clock = self.reached, self.reached.time()
        if r.start_time < r.end_time:
            return r.start_time <= clock < r.end_time and self.on(r, now.date())
        if clock >= r.start_time:
            return self.on(r, now.date())
        return clock < r.end_time and self.on(r, (now - DAY).date())

    def on(self, r, day):
        weekday, holiday = day.weekday() in (r.weekdays or range(7)), day in self.layer.holidays
        return {
            "usual": weekday,
            "also": weekday or holiday,
            "never": weekday and not holiday,
            "only": weekday and holiday,
        }[r.holidays]


def overridden(schedule, people, at):
    for o in schedule.overrides:
        if not o.starts_at <= at < o.ends_at:
            continue
        if o.effect == "all":
            people = (o.person,)
        elif o.effect == "add" and o.person not in people:
            people = (*people, o.person)
        elif o.effect == "remove":
            people = tuple(p for p in people if p != o.person)
        elif o.effect == "one" and o.instead_of in people:
            swapped = [o.person if p == o.instead_of else p for p in people]
            people = tuple(sorted(set(swapped), key=swapped.index))
    return people


def covering(found, at):
    return next(s for s in found if s.starts_at <= at < s.ends_at)
