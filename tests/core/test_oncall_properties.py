"""On-call arithmetic against a walk minute by minute, over the zones of the world from 2000 to 2040."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.core.oncall import Layer, Override, Restriction, Schedule, Turn, on_call, shifts
from quarterdeck.core.oncall.turns import next_change, stretches
from quarterdeck.core.oncall.wall import instant, wall

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
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
    """The instants at which the offset of a zone changes, to the minute; it looks every eight days."""
    tz, found, at = ZoneInfo(name), [], FIRST
    before = at.astimezone(tz).utcoffset()
    while at < LAST:
        following = at + 8 * DAY
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
windows = st.lists(
    st.builds(Restriction, minutes, minutes, st.lists(st.integers(0, 6), max_size=4, unique=True).map(tuple)),
    max_size=3,
).map(tuple)
turns = st.one_of(
    st.builds(Turn, st.just("hours"), st.integers(1, 40)),
    st.builds(Turn, st.just("days"), st.integers(1, 5)),
    st.builds(Turn, st.just("weeks"), st.integers(1, 2)),
)
zones = st.one_of(st.sampled_from(STRANGE), st.sampled_from(ZONES))


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
        Layer(
            id=f"l{n}",
            name=f"L{n}",
            people=draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4).map(tuple)),
            turn=draw(turns),
            handover_time=draw(minutes),
            handover_weekday=draw(st.none() | st.integers(0, 6)),
            starts_at=start - draw(st.integers(-1440, 60 * 24 * 60)) * MINUTE,
            ends_at=draw(st.none() | st.just(start + 40 * HOUR)),
            zone=draw(st.sampled_from(names)),
            restrictions=draw(windows),
        )
        for n in range(draw(st.integers(0, 3)))
    ]
    overrides = []
    for n in range(draw(st.integers(0, 2))):
        begins = start + draw(st.integers(-600, 3000)) * MINUTE
        overrides.append(
            Override(
                f"o{n}", draw(st.sampled_from("xyz")), begins, begins + draw(st.integers(1, 900)) * MINUTE
            )
        )
    return Schedule("s", "s", "S", names[0], tuple(layers), tuple(overrides)), start


class Walker:
    """The oracle for one layer: looks at the clock on the wall each minute, remembers how far it ever got."""

    def __init__(self, layer, start):
        self.layer, self.tz = layer, ZoneInfo(layer.zone)
        self.reached = max(self.shown(start - n * HOUR) for n in range(50))
        begun = self.shown(layer.starts_at)
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

    def shown(self, at):
        return at.astimezone(self.tz).replace(tzinfo=None)

    def who(self, at):
        layer = self.layer
        self.reached = max(self.reached, self.shown(at))
        if at < layer.starts_at or (layer.ends_at and at >= layer.ends_at):
            return None
        if layer.restrictions and not any(self.inside(r) for r in layer.restrictions):
            return None
        return layer.people[(self.reached - self.anchor) // layer.turn.span % len(layer.people)]

    def inside(self, r):
        now, clock = self.reached, self.reached.time()
        days = r.weekdays or range(7)
        if r.start_time < r.end_time:
            return r.start_time <= clock < r.end_time and now.weekday() in days
        if clock >= r.start_time:
            return now.weekday() in days
        return clock < r.end_time and (now - DAY).weekday() in days


def covering(found, at):
    return next(s for s in found if s.starts_at <= at < s.ends_at)


@settings(max_examples=settings.default.max_examples // 3)
@given(cases())
def test_the_final_schedule_is_what_a_walk_minute_by_minute_sees(case):
    schedule, start = case
    found = shifts(schedule, start, start + 3 * DAY)
    walkers = [Walker(layer, start) for layer in schedule.layers]
    index = 0
    for n in range(3 * 24 * 60):
        at = start + n * MINUTE
        wanted = None
        for walker in walkers:
            wanted = walker.who(at) or wanted
        for override in schedule.overrides:
            if override.starts_at <= at < override.ends_at:
                wanted = override.person
        while found[index].ends_at <= at:
            index += 1
        assert found[index].person == wanted, at


@settings(max_examples=settings.default.max_examples // 2)
@given(cases(), st.integers(1, 120))
def test_shifts_cover_the_whole_line_without_overlap(case, days):
    schedule, start = case
    end = start + days * DAY
    found = shifts(schedule, start, end)
    assert found[0].starts_at == start
    assert found[-1].ends_at == end
    assert all(a.ends_at == b.starts_at for a, b in pairwise(found))
    assert all(s.starts_at < s.ends_at for s in found)
    assert all((a.person, a.ref) != (b.person, b.ref) for a, b in pairwise(found))


@settings(max_examples=settings.default.max_examples // 2)
@given(cases(), st.lists(st.integers(0, 20 * 24 * 60), min_size=1, max_size=10))
def test_who_is_on_call_now_agrees_with_the_shifts(case, offsets):
    schedule, start = case
    found = shifts(schedule, start, start + 21 * DAY)
    moments = [start + n * MINUTE for n in offsets] + [s.starts_at for s in found[:5]]
    for at in moments:
        shift, now = covering(found, at), on_call(schedule, at)
        assert (now.person, now.source, now.ref) == (shift.person, shift.source, shift.ref)
        if shift is not found[-1]:
            assert now.until == shift.ends_at
        else:
            assert now.until is None or now.until >= shift.ends_at


@settings(max_examples=settings.default.max_examples // 2)
@given(cases(), st.integers(1, 20 * 24 * 60))
def test_two_windows_of_time_see_what_one_sees(case, split):
    schedule, start = case
    middle, end = start + split * MINUTE, start + 21 * DAY
    parts = shifts(schedule, start, middle) + shifts(schedule, middle, end)
    together = shifts(schedule, start, end)
    for part in parts:
        whole = covering(together, part.starts_at)
        assert (whole.person, whole.ref) == (part.person, part.ref)


@settings(max_examples=settings.default.max_examples // 2)
@given(cases())
def test_a_layer_changes_only_where_it_says(case):
    schedule, start = case
    for layer in schedule.layers:
        at, edges = start, set()
        while (at := next_change(layer, at)) is not None and at < start + 5 * DAY:
            edges.add(at)
        own = stretches(layer, start, start + 5 * DAY)
        for (_, ends, person), (begins, _, after) in pairwise(own):
            assert ends <= begins
            if ends < begins or person != after:
                assert {ends, begins} <= edges


@pytest.mark.parametrize("letter", sorted({z[0] for z in ZONES}))
def test_wall_times_stand_for_unique_instants_in_order_in_every_zone(letter):
    for name in (z for z in ZONES if z.startswith(letter)):
        tz = ZoneInfo(name)
        for change in changes(name):
            low, high = wall(change - MINUTE, tz), wall(change, tz)
            assert instant(high, tz) <= change
            if high - low > MINUTE:
                assert instant(low + MINUTE, tz) == instant(high - MINUTE, tz) == instant(high, tz) == change
            else:
                assert instant(low, tz) <= change - MINUTE
            daily = [instant(high + n * DAY + MINUTE, tz) for n in range(-3, 4)]
            assert daily == sorted(daily)
            # A day that a zone leaves out has no handover of its own.
            assert len(set(daily)) == 7 or high - low >= DAY
