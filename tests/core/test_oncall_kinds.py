"""Months, several at once, fixed shifts, following the sun, holidays, absences, overrides of one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import (
    Absence,
    FixedShift,
    Layer,
    Override,
    Restriction,
    Schedule,
    Turn,
    check,
    on_call,
    shifts,
)
from quarterdeck.core.oncall.holidays import regions, with_holidays
from quarterdeck.core.oncall.lint import lint
from quarterdeck.core.oncall.sun import Site, follow_the_sun, uncovered

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def local(*parts, tz=BERLIN):
    return datetime(*parts, tzinfo=tz).astimezone(UTC)


MONDAY = local(2026, 11, 2, 9)


def a_layer(*people, turn=None, starts_at=MONDAY, id="primary", **more):
    return Layer(
        id=id, name=id.title(), people=people, turn=turn or Turn("weeks"), handover_time=time(9),
        handover_weekday=None, starts_at=starts_at, ends_at=None, zone="Europe/Berlin", **more,
    )  # fmt: skip


def a_schedule(*layers, overrides=(), absences=()):
    return Schedule("s", "payments", "Payments", "Europe/Berlin", layers, tuple(overrides), tuple(absences))


def told(found):
    return [(s.people, s.source) for s in found]


def code(call, *args):
    with pytest.raises(Refused) as refusal:
        call(*args)
    return refusal.value.code


# Months


def test_turns_of_months_change_on_the_same_day_or_the_last_of_a_shorter_month():
    layer = a_layer("ana", "ben", turn=Turn("months"), starts_at=local(2027, 1, 31, 9), handover_day=31)
    found = shifts(a_schedule(layer), local(2027, 1, 31, 9), local(2027, 7, 1))
    assert [s.starts_at.astimezone(BERLIN).date() for s in found] == [
        date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31),
        date(2027, 4, 30), date(2027, 5, 31), date(2027, 6, 30),
    ]  # fmt: skip
    assert [s.person for s in found][:3] == ["ana", "ben", "ana"]


def test_a_leap_day_is_the_last_day_of_its_month():
    layer = a_layer("ana", "ben", turn=Turn("months"), starts_at=local(2028, 1, 30, 9))
    assert on_call(a_schedule(layer), local(2028, 2, 1)).until == local(2028, 2, 29, 9)


def test_turns_of_months_keep_the_hour_when_clocks_change():
    layer = a_layer("ana", "ben", turn=Turn("months", 3), starts_at=local(2027, 1, 15, 9))
    assert on_call(a_schedule(layer), MONDAY + 90 * DAY).until == local(2027, 4, 15, 9)


def test_the_turn_of_months_that_runs_at_the_start_began_before():
    layer = a_layer("ana", "ben", turn=Turn("months"), starts_at=local(2027, 1, 10, 9), handover_day=20)
    assert on_call(a_schedule(layer), local(2027, 1, 10, 9)).until == local(2027, 1, 20, 9)


# Several at once


def test_several_people_take_a_turn_together_the_first_is_primary():
    schedule = a_schedule(a_layer("ana", "ben", "cleo", at_once=2))
    found = shifts(schedule, MONDAY, MONDAY + 3 * WEEK)
    assert [s.people for s in found] == [("ana", "ben"), ("ben", "cleo"), ("cleo", "ana")]
    assert [s.person for s in found] == ["ana", "ben", "cleo"]
    now = on_call(schedule, MONDAY + WEEK)
    assert (now.person, now.people, now.until) == ("ben", ("ben", "cleo"), MONDAY + 2 * WEEK)


def test_everybody_at_once_still_changes_who_is_first():
    schedule = a_schedule(a_layer("ana", "ben", at_once=2))
    assert on_call(schedule, MONDAY).until == MONDAY + WEEK


def test_an_override_replaces_one_of_several():
    schedule = a_schedule(
        a_layer("ana", "ben", at_once=2),
        overrides=[Override("o", "dan", MONDAY, MONDAY + HOUR, "dentist", "one", "ana")],
    )
    now = on_call(schedule, MONDAY)
    assert (now.people, now.source, now.ref) == (("dan", "ben"), "override", "o")
    assert now.reason.startswith("override: dentist, until")
    assert on_call(schedule, MONDAY + HOUR).people == ("ana", "ben")


def test_an_override_adds_a_person_or_takes_one_out():
    schedule = a_schedule(
        a_layer("ana"),
        overrides=[
            Override("plus", "dan", MONDAY, MONDAY + 2 * HOUR, "release day", "add"),
            Override("minus", "ana", MONDAY + HOUR, MONDAY + 3 * HOUR, "", "remove"),
        ],
    )
    found = shifts(schedule, MONDAY, MONDAY + 4 * HOUR)
    assert [(s.people, s.ref) for s in found] == [
        (("ana", "dan"), "plus"),
        (("dan",), "minus"),
        ((), "minus"),
        (("ana",), "primary"),
    ]
    assert found[2].person is None


def test_an_override_of_somebody_who_is_not_on_call_says_nothing():
    schedule = a_schedule(
        a_layer("ana"), overrides=[Override("o", "dan", MONDAY, MONDAY + HOUR, "", "one", "ben")]
    )
    assert told(shifts(schedule, MONDAY, MONDAY + DAY)) == [(("ana",), "layer")]
    assert on_call(schedule, MONDAY).until is None


# Fixed shifts


FIXED = replace(
    a_layer(id="import"),
    fixed=(
        FixedShift("ana", MONDAY, MONDAY + 8 * HOUR, "row-1"),
        FixedShift("ben", MONDAY + 6 * HOUR, MONDAY + 12 * HOUR, "row-2"),
    ),
)


def test_fixed_shifts_are_on_call_as_written_several_at_once_in_their_order():
    schedule = a_schedule(FIXED)
    check(schedule)
    found = shifts(schedule, MONDAY, MONDAY + DAY)
    assert [(s.people, s.source, s.ref) for s in found] == [
        (("ana",), "fixed", "row-1"),
        (("ana", "ben"), "fixed", "row-1"),
        (("ben",), "fixed", "row-2"),
        ((), "nobody", ""),
    ]
    now = on_call(schedule, MONDAY + 7 * HOUR)
    assert (now.people, now.until) == (("ana", "ben"), MONDAY + 8 * HOUR)
    assert now.reason == "fixed shift in layer Import, until 2026-11-02 17:00 CET"


def test_fixed_shifts_go_over_the_layers_below_and_let_them_through_elsewhere():
    found = shifts(a_schedule(a_layer("zoe"), FIXED), MONDAY, MONDAY + DAY)
    assert [s.person for s in found] == ["ana", "ana", "ben", "zoe"]


# Following the sun

SITES = (
    Site("Sydney", "Australia/Sydney", ("sam", "sue"), time(8), time(17)),
    Site("Berlin", "Europe/Berlin", ("ana", "ben"), time(8), time(17)),
    Site("San Francisco", "America/Los_Angeles", ("kim", "lee"), time(8), time(17)),
)


def test_following_the_sun_makes_a_layer_of_each_site():
    layers = follow_the_sun(SITES, ["a", "b", "c"], MONDAY)
    check(a_schedule(*layers))
    at_noon = local(2026, 11, 3, 12)
    assert on_call(a_schedule(*layers), at_noon).person in ("ana", "ben")
    assert on_call(a_schedule(*layers), datetime(2026, 11, 3, 20, tzinfo=UTC)).person in ("kim", "lee")


def test_the_hole_that_sites_leave_is_found_over_the_whole_year():
    holes = uncovered(follow_the_sun(SITES, ["a", "b", "c"], MONDAY), MONDAY)
    assert holes
    wide = tuple(replace(site, opens=time(6), closes=time(18)) for site in SITES)
    assert uncovered(follow_the_sun(wide, ["a", "b", "c"], MONDAY), MONDAY) == []
    tight = (
        replace(SITES[1], opens=time(7), closes=time(19)),
        replace(SITES[2], opens=time(10), closes=time(22)),
    )
    only_when_clocks_differ = uncovered(follow_the_sun(tight, ["a", "b"], MONDAY), MONDAY)
    assert 0 < len(only_when_clocks_differ) < 60


def test_one_site_does_not_follow_the_sun():
    assert code(follow_the_sun, SITES[:1], ["a"], MONDAY) == "sun.sites"


# Holidays

CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 26)})


def on_days(kind, weekdays=(0, 1, 2, 3, 4)):
    layer = a_layer("ana", region="DE-BE", restrictions=(Restriction(time(9), time(17), weekdays, kind),))
    schedule = with_holidays(a_schedule(layer), {"DE-BE": CHRISTMAS})
    found = shifts(schedule, local(2026, 12, 21), local(2026, 12, 28))
    return [s.starts_at.astimezone(BERLIN).day for s in found if s.person]


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        ("usual", [21, 22, 23, 24, 25]),
        ("never", [21, 22, 23, 24]),
        ("also", [21, 22, 23, 24, 25, 26]),
        ("only", [25]),
    ],
)
def test_windows_heed_the_holidays_of_their_region(kind, days):
    assert on_days(kind) == days


def test_the_night_of_a_holiday_reaches_into_the_next_week():
    layer = a_layer("ana", region="X", restrictions=(Restriction(time(18), time(6), (), "only"),))
    schedule = with_holidays(a_schedule(layer), {"X": frozenset({date(2026, 12, 27)})})
    found = [s for s in shifts(schedule, local(2026, 12, 20), local(2027, 1, 10)) if s.person]
    assert [(s.starts_at, s.ends_at) for s in found] == [(local(2026, 12, 27, 18), local(2026, 12, 28, 6))]
    assert on_call(schedule, local(2026, 12, 1)).until == local(2026, 12, 27, 18)
    assert on_call(schedule, local(2026, 12, 29)).until is None


def test_a_schedule_says_whose_holidays_it_needs():
    asks = a_layer("ana", region="DE-BE", restrictions=(Restriction(time(9), time(17), (), "never"),))
    assert regions(a_schedule(asks, a_layer("ben", region="FR"))) == {"DE-BE"}
    assert code(check, a_schedule(replace(asks, region=""))) == "layer.region"


# Absences

AWAY = Absence("ana", MONDAY + DAY, MONDAY + 3 * DAY, "holiday")


def test_the_turn_of_somebody_absent_goes_to_the_next_and_all_others_stay():
    schedule = a_schedule(a_layer("ana", "ben", "cleo", when_absent="skip"), absences=[AWAY])
    found = shifts(schedule, MONDAY, MONDAY + 4 * WEEK)
    assert told(found) == [
        (("ana",), "layer"), (("ben",), "cover"), (("ana",), "layer"),
        (("ben",), "layer"), (("cleo",), "layer"), (("ana",), "layer"),
    ]  # fmt: skip
    now = on_call(schedule, MONDAY + DAY)
    assert (now.person, now.until) == ("ben", MONDAY + 3 * DAY)
    assert now.reason.startswith("layer Primary, instead of somebody absent")
    assert on_call(schedule, MONDAY).until == MONDAY + DAY


def test_a_turn_left_with_somebody_absent_is_warned_of():
    schedule = a_schedule(a_layer("ana", "ben"), absences=[AWAY])
    assert told(shifts(schedule, MONDAY, MONDAY + WEEK)) == [(("ana",), "layer")]
    found = lint(schedule, MONDAY, MONDAY + 2 * WEEK)
    assert [(f.kind, f.person, f.starts_at, f.ends_at) for f in found] == [
        ("absent", "ana", MONDAY + DAY, MONDAY + 3 * DAY)
    ]


def test_one_of_several_who_is_absent_is_replaced_by_the_next_in_order():
    schedule = a_schedule(a_layer("ana", "ben", "cleo", at_once=2, when_absent="skip"), absences=[AWAY])
    assert on_call(schedule, MONDAY + DAY).people == ("ben", "cleo")


def test_where_everybody_in_a_layer_is_absent_the_layer_below_shows():
    away = [Absence(p, MONDAY, MONDAY + DAY) for p in ("ana", "ben")]
    top = a_layer("ana", "ben", id="top", when_absent="skip")
    schedule = a_schedule(a_layer("zoe"), top, absences=away)
    assert on_call(schedule, MONDAY).person == "zoe"
    assert [s.person for s in shifts(schedule, MONDAY, MONDAY + 2 * DAY)] == ["zoe", "ana"]
    assert on_call(a_schedule(top, absences=away), MONDAY).person is None
