"""Who is on call: layers, overrides, windows, handovers where clocks change, gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import (
    Layer,
    OnCall,
    Override,
    Restriction,
    Schedule,
    Shift,
    Turn,
    check,
    gaps,
    layer_shifts,
    on_call,
    shifts,
)

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def local(*parts, tz=BERLIN):
    return datetime(*parts, tzinfo=tz).astimezone(UTC)


MONDAY = local(2026, 11, 2, 9)
NIGHTS = Restriction(time(18), time(9))
WEEKEND = (
    Restriction(time(18), time(0), (4,)),
    Restriction(time(0), time(0), (5, 6)),
    Restriction(time(0), time(9), (0,)),
)


def a_layer(
    *people,
    turn=None,
    at=time(9),
    starts_at=MONDAY,
    ends_at=None,
    zone="Europe/Berlin",
    windows=(),
    id="primary",
    weekday=None,
):
    return Layer(
        id, id.title(), people, turn or Turn("weeks"), at, weekday, starts_at, ends_at, zone, tuple(windows)
    )


def a_schedule(*layers, overrides=()):
    return Schedule("s", "payments", "Payments", "Europe/Berlin", layers, tuple(overrides))


WEEKLY = a_schedule(a_layer("ana", "ben", "cleo"))


def people(found):
    return [s.person for s in found]


def test_people_take_turns_in_order_from_the_start():
    assert [on_call(WEEKLY, MONDAY + n * WEEK).person for n in range(4)] == ["ana", "ben", "cleo", "ana"]


def test_a_shift_ends_at_the_handover_and_the_next_begins_there():
    handover = MONDAY + WEEK
    assert on_call(WEEKLY, handover - timedelta(microseconds=1)).person == "ana"
    assert on_call(WEEKLY, handover).person == "ben"


def test_who_is_on_call_comes_with_a_reason_and_an_end():
    assert on_call(WEEKLY, MONDAY + HOUR) == OnCall(
        "ana", "layer", "primary", "layer Primary, until 2026-11-09 09:00 CET", MONDAY + WEEK, ("ana",)
    )


def test_the_first_turn_is_the_one_running_at_the_start():
    layer = a_layer("ana", "ben", starts_at=MONDAY + 2 * DAY, weekday=0)
    assert people(shifts(a_schedule(layer), MONDAY, MONDAY + 2 * WEEK)) == [None, "ana", "ben"]
    assert on_call(a_schedule(layer), MONDAY + 2 * DAY).until == MONDAY + WEEK


def test_the_first_turn_is_as_long_as_it_can_be():
    layer = a_layer("ana", "ben", turn=Turn("days", 2), starts_at=MONDAY - HOUR)
    assert on_call(a_schedule(layer), MONDAY - HOUR).until == MONDAY + DAY


def test_turns_of_hours_begin_with_the_first_person():
    layer = a_layer("ana", "ben", turn=Turn("hours", 12), at=time(8), starts_at=local(2026, 11, 2, 21))
    found = shifts(a_schedule(layer), local(2026, 11, 2, 21), local(2026, 11, 3, 21))
    assert [(s.person, s.starts_at.astimezone(BERLIN).hour) for s in found] == [
        ("ana", 21),
        ("ben", 8),
        ("ana", 20),
    ]


def test_a_handover_keeps_its_wall_clock_time_when_the_clocks_change():
    layer = a_layer("ana", "ben", turn=Turn("days"), starts_at=local(2026, 3, 27, 9))
    found = shifts(a_schedule(layer), local(2026, 3, 27, 9), local(2026, 3, 31, 9))
    assert [s.starts_at.astimezone(BERLIN).hour for s in found] == [9, 9, 9, 9]
    assert [s.ends_at - s.starts_at for s in found] == [24 * HOUR, 23 * HOUR, 24 * HOUR, 24 * HOUR]
    autumn = shifts(a_schedule(layer), local(2026, 10, 24, 9), local(2026, 10, 26, 9))
    assert [s.ends_at - s.starts_at for s in autumn] == [25 * HOUR, 24 * HOUR]


def test_a_handover_at_a_time_that_is_left_out_happens_at_the_jump():
    layer = a_layer("ana", "ben", turn=Turn("days"), at=time(2, 30), starts_at=local(2026, 3, 27, 2, 30))
    found = shifts(a_schedule(layer), local(2026, 3, 28, 2, 30), local(2026, 3, 31, 2, 30))
    assert [s.starts_at for s in found][1] == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert people(found) == ["ben", "ana", "ben"]


def test_a_handover_at_a_time_that_comes_twice_happens_the_first_time():
    layer = a_layer("ana", "ben", turn=Turn("days"), at=time(2, 30), starts_at=local(2026, 10, 23, 2, 30))
    at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert on_call(a_schedule(layer), at - timedelta(seconds=1)).person == "ben"
    assert on_call(a_schedule(layer), at).person == "ana"
    assert on_call(a_schedule(layer), at + HOUR).person == "ana"


def test_a_later_layer_goes_over_an_earlier_one_inside_its_windows():
    schedule = a_schedule(a_layer("ana"), a_layer("nina", id="nights", windows=[NIGHTS]))
    found = shifts(schedule, MONDAY, MONDAY + DAY)
    assert [(s.person, s.ref) for s in found] == [("ana", "primary"), ("nina", "nights")]
    assert found[0].ends_at == local(2026, 11, 2, 18)
    assert on_call(schedule, MONDAY).until == local(2026, 11, 2, 18)


def test_windows_on_neighbouring_days_are_one_shift():
    layer = a_layer("wim", "xena", windows=WEEKEND)
    found = shifts(a_schedule(layer), MONDAY, MONDAY + 2 * WEEK)
    assert [(s.person, s.starts_at, s.ends_at) for s in found if s.person] == [
        ("wim", local(2026, 11, 6, 18), local(2026, 11, 9, 9)),
        ("xena", local(2026, 11, 13, 18), local(2026, 11, 16, 9)),
    ]


def test_turns_go_on_outside_the_windows():
    layer = a_layer("ana", "ben", "cleo", turn=Turn("days"), windows=[Restriction(time(9), time(17), (0,))])
    found = [s for s in shifts(a_schedule(layer), MONDAY, MONDAY + 3 * WEEK) if s.person]
    assert people(found) == ["ana", "ben", "cleo"]


def test_a_window_of_the_whole_day_on_every_day_is_no_limit():
    layer = a_layer("ana", windows=[Restriction(time(7), time(7))])
    assert on_call(a_schedule(layer), MONDAY).until is None
    assert shifts(a_schedule(layer), MONDAY, MONDAY + WEEK) == [
        Shift("ana", MONDAY, MONDAY + WEEK, "layer", "primary", ("ana",), "layer Primary")
    ]


def test_an_override_goes_over_every_layer():
    swap = Override("o1", "dan", MONDAY + HOUR, MONDAY + 3 * HOUR, "swap with ana")
    schedule = replace(WEEKLY, overrides=(swap,))
    found = shifts(schedule, MONDAY, MONDAY + DAY)
    assert [(s.person, s.source, s.ref) for s in found] == [
        ("ana", "layer", "primary"),
        ("dan", "override", "o1"),
        ("ana", "layer", "primary"),
    ]
    assert on_call(schedule, MONDAY).until == MONDAY + HOUR
    now = on_call(schedule, MONDAY + HOUR)
    assert (now.person, now.reason) == ("dan", "override: swap with ana, until 2026-11-02 12:00 CET")


def test_the_later_of_two_overrides_counts():
    first = Override("o1", "dan", MONDAY, MONDAY + 4 * HOUR)
    second = Override("o2", "eve", MONDAY + HOUR, MONDAY + 2 * HOUR)
    found = shifts(replace(WEEKLY, overrides=(first, second)), MONDAY, MONDAY + 4 * HOUR)
    assert people(found) == ["dan", "eve", "dan"]


def test_before_the_start_and_after_the_end_of_its_layers_nobody_is_on_call():
    schedule = a_schedule(a_layer("ana", ends_at=MONDAY + DAY))
    found = shifts(schedule, MONDAY - DAY, MONDAY + 2 * DAY)
    assert people(found) == [None, "ana", None]
    assert people(gaps(schedule, MONDAY - DAY, MONDAY + 2 * DAY)) == [None, None]
    before, after = on_call(schedule, MONDAY - DAY), on_call(schedule, MONDAY + DAY)
    assert (before.person, before.until) == (None, MONDAY)
    assert before.reason == "no layer covers this time, until 2026-11-02 09:00 CET"
    assert (after.person, after.until) == (None, None)


def test_a_schedule_without_layers_says_so():
    now = on_call(a_schedule(), MONDAY)
    assert (now.person, now.source, now.reason) == (None, "nobody", "this schedule has no layers")
    assert shifts(a_schedule(), MONDAY, MONDAY + DAY) == [
        Shift(None, MONDAY, MONDAY + DAY, "nobody", "", (), "this schedule has no layers")
    ]


def test_one_person_alone_has_no_end_in_sight():
    now = on_call(a_schedule(a_layer("ana")), MONDAY)
    assert (now.until, now.reason) == (None, "layer Primary")


def test_two_turns_of_one_person_are_one_shift():
    schedule = a_schedule(a_layer("ana", "ana", "ben"))
    assert on_call(schedule, MONDAY).until == MONDAY + 2 * WEEK
    assert people(shifts(schedule, MONDAY, MONDAY + 3 * WEEK)) == ["ana", "ben"]


def test_each_layer_can_be_seen_alone():
    top = a_layer("zoe", id="top")
    found = layer_shifts(a_schedule(*WEEKLY.layers, top), MONDAY, MONDAY + 2 * WEEK)
    assert [(layer.id, people(own)) for layer, own in found] == [
        ("primary", ["ana", "ben"]),
        ("top", ["zoe", "zoe"]),
    ]


def test_an_empty_window_of_time_has_no_shifts():
    assert shifts(WEEKLY, MONDAY, MONDAY) == []


def test_an_unknown_zone_still_pages_in_utc():
    schedule = a_schedule(
        a_layer("ana", "ben", zone="Europe/Pariss", starts_at=datetime(2026, 11, 2, 9, tzinfo=UTC))
    )
    assert on_call(schedule, datetime(2026, 11, 9, 9, tzinfo=UTC)).person == "ben"


def test_an_unknown_zone_is_refused_with_a_proposal():
    with pytest.raises(Refused) as refusal:
        check(a_schedule(a_layer("ana", zone="Europe/Pariss")))
    assert refusal.value.message == "'Europe/Pariss' is not a time zone. Did you mean 'Europe/Paris'?"


@pytest.mark.parametrize("name", ["", "+25:00", "../../etc/passwd", "Europe", "a\0b", "x" * 400])
def test_a_name_that_is_no_zone_is_refused(name):
    with pytest.raises(Refused) as refusal:
        check(replace(WEEKLY, zone=name))
    assert refusal.value.code == "zone.unknown"


@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        (a_schedule(a_layer()), "layer.people"),
        (a_schedule(a_layer(*["x"] * 201)), "layer.people"),
        (a_schedule(a_layer("ana", turn=Turn("hours", 0))), "layer.turn"),
        (a_schedule(a_layer("ana", turn=Turn("weeks", 53))), "layer.turn"),
        (a_schedule(a_layer("ana", weekday=7)), "layer.weekday"),
        (a_schedule(a_layer("ana", ends_at=MONDAY)), "layer.times"),
        (a_schedule(a_layer("ana", windows=[Restriction(time(1), time(2), (9,))])), "layer.weekday"),
        (a_schedule(*[a_layer("ana")] * 51), "schedule.layers"),
        (a_schedule(overrides=[Override("o", "ana", MONDAY, MONDAY)]), "override.times"),
    ],
)
def test_a_schedule_that_means_nothing_is_refused(schedule, code):
    with pytest.raises(Refused) as refusal:
        check(schedule)
    assert refusal.value.code == code


def test_an_ordinary_schedule_is_accepted():
    check(WEEKLY)


def test_a_window_from_a_midnight_that_comes_twice_begins_the_first_time():
    # On 7 November 2010 clocks in St. John's went from 00:01 on Sunday back to 23:01 on Saturday.
    layer = a_layer(
        "ana",
        zone="America/St_Johns",
        windows=[Restriction(time(0), time(6), (6,))],
        starts_at=datetime(2010, 1, 1, tzinfo=UTC),
    )
    first_midnight = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    assert on_call(a_schedule(layer), first_midnight - timedelta(seconds=1)).person is None
    assert on_call(a_schedule(layer), first_midnight + timedelta(minutes=15)).person == "ana"
