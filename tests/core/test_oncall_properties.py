"""On-call arithmetic against a walk minute by minute, over the zones of the world from 1999 to 2040."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.core.oncall import on_call, shifts
from quarterdeck.core.oncall.layers import next_change, stretches
from quarterdeck.core.oncall.lint import lint
from quarterdeck.core.oncall.wall import instant, reached, wall
from support.oncall_cases import DAY, MINUTE, ZONES, Walker, cases, changes, covering, overridden


@settings(max_examples=settings.default.max_examples // 3)
@given(cases())
def test_the_final_schedule_is_what_a_walk_minute_by_minute_sees(case):
    schedule, start = case
    found = shifts(schedule, start, start + 3 * DAY)
    walkers = [Walker(schedule, layer, start) for layer in schedule.layers]
    index = 0
    for n in range(3 * 24 * 60):
        at = start + n * MINUTE
        wanted = ()
        for walker in walkers:
            wanted = walker.who(at) or wanted
        wanted = overridden(schedule, wanted, at)
        while found[index].ends_at <= at:
            index += 1
        assert found[index].people == wanted, at
        assert found[index].person == (wanted[0] if wanted else None)


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
    assert all((a.people, a.source, a.ref) != (b.people, b.source, b.ref) for a, b in pairwise(found))


@settings(max_examples=settings.default.max_examples // 2)
@given(cases(), st.lists(st.integers(0, 20 * 24 * 60), min_size=1, max_size=10))
def test_who_is_on_call_now_agrees_with_the_shifts(case, offsets):
    schedule, start = case
    found = shifts(schedule, start, start + 21 * DAY)
    moments = [start + n * MINUTE for n in offsets] + [s.starts_at for s in found[:5]]
    for at in moments:
        shift, now = covering(found, at), on_call(schedule, at)
        assert (now.people, now.source, now.ref) == (shift.people, shift.source, shift.ref)
        assert now.reason.startswith(shift.reason)
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
        assert (whole.people, whole.source, whole.ref) == (part.people, part.source, part.ref)


@settings(max_examples=settings.default.max_examples // 2)
@given(cases())
def test_a_layer_changes_only_where_it_says(case):
    schedule, start = case
    for layer in schedule.layers:
        at, edges, away = start, set(), schedule.absences
        while (at := next_change(layer, at, away)) is not None and at < start + 5 * DAY:
            edges.add(at)
        own = stretches(layer, start, start + 5 * DAY, away)
        for (_, ends, person, _), (begins, _, after, _) in pairwise(own):
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


@pytest.mark.parametrize("letter", sorted({z[0] for z in ZONES}))
def test_the_furthest_the_clock_has_been_is_what_a_look_each_minute_finds(letter):
    for name in (z for z in ZONES if z.startswith(letter)):
        tz = ZoneInfo(name)
        for change in changes(name)[-2:]:
            furthest = max(wall(change - n * MINUTE, tz) for n in range(121, 0, -1))
            for n in range(0, 121, 7):
                at = change + n * MINUTE
                furthest = max(furthest, wall(at, tz), wall(at - MINUTE, tz))
                assert furthest <= reached(at, tz) < furthest + MINUTE


@settings(max_examples=settings.default.max_examples // 2)
@given(cases())
def test_a_layer_never_overlaps_itself(case):
    schedule, start = case
    for layer in schedule.layers:
        own = stretches(layer, start, start + 60 * DAY, schedule.absences)
        assert all(begins < ends for begins, ends, _, _ in own)
        assert all(before[1] <= after[0] for before, after in pairwise(own))


@settings(max_examples=settings.default.max_examples // 2)
@given(cases())
def test_the_shifts_of_people_are_the_whole_line_without_the_gaps_that_are_named(case):
    schedule, start = case
    end = start + 20 * DAY
    found = shifts(schedule, start, end)
    held = sum((s.ends_at - s.starts_at for s in found if s.people), timedelta(0))
    missing = sum((s.ends_at - s.starts_at for s in found if not s.people), timedelta(0))
    assert held + missing == end - start
    named = [f for f in lint(schedule, start, end) if f.kind == "gap"]
    for layer in (x for x in schedule.layers if not x.gaps_allowed):
        for gap in (s for s in found if not s.people):
            low, high = max(gap.starts_at, layer.starts_at), min(gap.ends_at, layer.ends_at or gap.ends_at)
            if low < high:
                assert (layer.id, low, high) in {(f.ref, f.starts_at, f.ends_at) for f in named}
