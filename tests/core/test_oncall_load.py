"""Fairness, rest, limits, payroll and coverage, reckoned from shifts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import Absence, Layer, Restriction, Schedule, Shift, Turn, on_call, shifts
from quarterdeck.core.oncall.coverage import Unfit, coverage
from quarterdeck.core.oncall.fairness import Load, balance, burden, loads
from quarterdeck.core.oncall.hours import Home, Night, slices
from quarterdeck.core.oncall.limits import Limits, exceeded
from quarterdeck.core.oncall.pay import PayRules, Rate, check_rules, rules_data, rules_of, worth
from quarterdeck.core.oncall.payroll import payroll
from quarterdeck.core.oncall.rest import RestRule, as_absence, reliefs
from support.budgets import examples
from support.oncall_cases import cases

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def local(*parts, tz=BERLIN):
    return datetime(*parts, tzinfo=tz).astimezone(UTC)


MONDAY = local(2026, 11, 2, 9)
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 26)})
HOME = Home("Europe/Berlin", CHRISTMAS)
HOMES = dict.fromkeys(("ana", "ben", "cleo"), HOME)


def a_shift(person, starts_at, ends_at, *others):
    return Shift(person, starts_at, ends_at, "layer", "l", (person, *others) if person else ())


def a_schedule(*people, absences=(), **more):
    layer = Layer(
        "primary",
        "Primary",
        people,
        more.pop("turn", Turn("weeks")),
        time(9),
        None,
        MONDAY,
        None,
        "Europe/Berlin",
        **more,
    )
    return Schedule("s", "s", "S", "Europe/Berlin", (layer,), (), tuple(absences))


# Hours


def test_a_night_begins_and_ends_by_the_clock_of_the_person():
    parts = list(slices(local(2026, 11, 2, 18), local(2026, 11, 3, 9), Home("Europe/Berlin")))
    assert [(p.day.day, p.length / HOUR, p.night) for p in parts] == [
        (2, 4, False), (2, 2, True), (3, 6, True), (3, 3, False),
    ]  # fmt: skip
    far = [p.length for p in slices(MONDAY, MONDAY + DAY, Home("Asia/Tokyo")) if p.night]
    assert sum(far, timedelta(0)) == 8 * HOUR


def test_the_night_on_which_clocks_go_back_is_an_hour_longer():
    night = [p for p in slices(local(2026, 10, 24, 12), local(2026, 10, 25, 12), HOME) if p.night]
    assert sum((p.length for p in night), timedelta(0)) == 9 * HOUR


# Fairness


def test_nights_weekends_and_holidays_are_counted_per_person():
    found = loads(
        [
            a_shift("ana", local(2026, 12, 24, 9), local(2026, 12, 28, 9)),
            a_shift("ben", local(2026, 12, 28, 9), local(2026, 12, 28, 17)),
        ],
        ["ana", "ben", "cleo"],
        HOMES,
        interruptions={"ana": [local(2026, 12, 25, 3), local(2026, 12, 25, 15)]},
    )
    ana, ben = found["ana"], found["ben"]
    assert (ana.shifts, ana.time, ana.nights, ana.night_time) == (1, 4 * DAY, 4, 32 * HOUR)
    assert (ana.weekends, ana.weekend_time, ana.holiday_time) == (1, 48 * HOUR, 48 * HOUR)
    assert (ana.interruptions, ana.wakeups) == (2, 1)
    assert (ben.shifts, ben.time, ben.nights, ben.weekends) == (1, 8 * HOUR, 0, 0)
    assert found["cleo"] == Load("cleo")
    assert burden(ana) == 96 + 32 + 48 + 2 * 48 + 2 + 0.5


def test_everybody_in_a_group_carries_the_shift():
    found = loads([a_shift("ana", MONDAY, MONDAY + DAY, "ben")], [], HOMES)
    assert found["ana"].time == found["ben"].time == DAY


def given_hours(**hours):
    return {p: Load(p, time=timedelta(hours=h)) for p, h in hours.items()}


@pytest.mark.parametrize(
    ("hours", "score"),
    [
        ({"ana": 40, "ben": 40, "cleo": 40}, 100),
        ({"ana": 120, "ben": 0, "cleo": 0}, 0),
        ({"ana": 60, "ben": 60, "cleo": 0}, 50),
        ({"ana": 30, "ben": 10}, 50),
        ({"ana": 30}, 100),
        ({"ana": 0, "ben": 0}, 100),
        ({}, 100),
    ],
)
def test_balance_is_what_its_formula_says(hours, score):
    assert balance(given_hours(**hours)) == score


def test_half_time_owes_half_the_burden():
    assert balance(given_hours(ana=40, ben=20), {"ana": 1, "ben": 0.5}) == 100
    assert balance(given_hours(ana=40, ben=40), {"ana": 1, "ben": 0.5}) < 100


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=30))
def test_balance_is_between_nothing_and_a_hundred_and_does_not_depend_on_the_unit(hours):
    found = {str(n): Load(str(n), time=timedelta(hours=h)) for n, h in enumerate(hours)}
    twice = {p: Load(p, time=2 * load.time) for p, load in found.items()}
    assert 0 <= balance(found) <= 100
    assert abs(balance(found) - balance(twice)) <= 1
    assert balance(found) == 100 or max(hours) > min(hours)


# Rest


def test_two_wake_ups_in_a_night_propose_relief():
    woken = [local(2026, 11, 3, 23), local(2026, 11, 4, 4), local(2026, 11, 4, 5)]
    (found,) = reliefs("ana", woken, HOME)
    assert (found.starts_at, found.ends_at) == (woken[1], woken[1] + 11 * HOUR)
    assert found.reason == "woken 2 times in the night of 2026-11-03"


def test_calls_by_day_and_single_wake_ups_propose_nothing():
    calls = [local(2026, 11, 3, 21, 59), local(2026, 11, 4, 6), local(2026, 11, 4, 3), local(2026, 11, 5, 3)]
    assert reliefs("ana", calls, HOME) == []
    assert len(reliefs("ana", calls, HOME, RestRule(wakeups=1))) == 2
    assert len(reliefs("ana", calls, HOME, RestRule(1, Night(time(3), time(4))))) == 2


@pytest.mark.requirement("R-193")
def test_the_rotation_passes_over_somebody_who_rests_and_the_figures_say_who_carries_what():
    (relief,) = reliefs("ana", [local(2026, 11, 4, 2), local(2026, 11, 4, 3)], HOME)
    schedule = a_schedule("ana", "ben", "cleo", absences=[as_absence(relief)], when_absent="skip")
    assert on_call(schedule, local(2026, 11, 4, 8)).person == "ben"
    assert on_call(schedule, local(2026, 11, 4, 15)).person == "ana"
    found = loads(shifts(schedule, MONDAY, MONDAY + 3 * WEEK), ["ana", "ben", "cleo"], HOMES)
    assert found["ana"].time == WEEK - 11 * HOUR
    assert found["ben"].time == WEEK + 11 * HOUR
    assert 90 <= balance(found) < 100


# Limits


def test_too_long_too_many_days_and_too_little_rest_are_told():
    found = exceeded(
        [
            a_shift("ana", MONDAY, MONDAY + 5 * DAY),
            a_shift("ana", MONDAY + 5 * DAY, MONDAY + 8 * DAY, "ben"),
            a_shift("ana", MONDAY + 8 * DAY + 4 * HOUR, MONDAY + 8 * DAY + 5 * HOUR),
        ],
        HOMES,
        Limits(consecutive_days=8, consecutive_hours=100, rest_hours=11),
    )
    assert [(e.person, e.limit) for e in found] == [("ana", "days"), ("ana", "hours"), ("ana", "rest")]
    assert found[0].text == "on call on 9 days in a row; the limit is 8"
    assert found[1].text == "on call for 8 d without a break; the limit is 4 d 4 h"
    assert found[2].text == "4 h of rest between two shifts; the limit is 11 h"


def test_a_week_on_call_and_a_rest_are_within_ordinary_limits():
    week = shifts(a_schedule("ana", "ben"), MONDAY, MONDAY + 4 * WEEK)
    assert {e.limit for e in exceeded(week, HOMES)} == {"days"}  # Monday to Monday are eight local days
    assert exceeded(week, HOMES, Limits(8)) == []
    assert exceeded(week, HOMES, Limits(None, None, None)) == []


# Payroll


def test_every_moment_is_of_one_kind_a_holiday_before_a_weekend_before_a_night():
    rows = payroll([a_shift("ana", local(2026, 12, 24, 18), local(2026, 12, 27, 9))], HOMES)
    assert [
        (r.day.day, r.by_day / HOUR, r.by_night / HOUR, r.on_weekend / HOUR, r.on_holiday / HOUR)
        for r in rows
    ] == [
        (24, 4, 2, 0, 0),
        (25, 0, 0, 0, 24),
        (26, 0, 0, 0, 24),
        (27, 0, 0, 9, 0),
    ]


def test_an_hour_is_worth_its_share_or_its_amount_and_a_callout_its_own():
    rules = PayRules(
        weekday=Rate(percent=50), night=Rate("amount", cents=750), weekend=Rate(percent=150),
        holiday=Rate("amount", cents=3333), callout_cents=1250, currency="EUR",
    )  # fmt: skip
    rows = payroll([a_shift("ana", local(2026, 12, 24, 18), local(2026, 12, 27, 9))], HOMES)
    found = [worth(r, rules, callouts=2 if r.day.day == 25 else 0) for r in rows]
    assert [w.counted / HOUR for w in found] == [2, 0, 0, 13.5]
    assert [w.cents for w in found] == [1500, 24 * 3333 + 2500, 24 * 3333, 0]
    assert rules_of(rules_data(rules)) == rules
    assert worth(rows[1], PayRules()).counted == 48 * HOUR


@pytest.mark.parametrize(
    "wrong",
    [
        PayRules(holiday=Rate(percent=-1)), PayRules(night=Rate("amount", cents=-1)),
        PayRules(callout_cents=-5), PayRules(currency="euro"), PayRules(weekend=Rate(percent=1001)),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_meant_are_refused(wrong):
    check_rules(PayRules())
    with pytest.raises(Refused, match="Choose such|three letters"):
        check_rules(wrong)


@settings(max_examples=examples(30))
@given(cases())
def test_the_sums_of_the_payroll_are_those_of_the_schedule(case):
    schedule, start = case
    found = shifts(schedule, start, start + 10 * DAY)
    homes = {"a": Home("Asia/Kathmandu"), "b": Home(schedule.zone, frozenset({start.date()}))}
    rows = payroll(found, homes)
    for person in {p for s in found for p in s.people}:
        held = sum((s.ends_at - s.starts_at for s in found if person in s.people), timedelta(0))
        assert sum((r.total for r in rows if r.person == person), timedelta(0)) == held
    assert [(r.person, r.day) for r in rows] == sorted({(r.person, r.day) for r in rows})


# Coverage


def test_a_gap_ahead_is_seen():
    day = Restriction(time(9), time(17), (0, 1, 2, 3, 4))
    found = coverage(a_schedule("ana", "ben", restrictions=(day,)), MONDAY)
    assert len(found.gaps) == 65
    assert (found.gaps[0].starts_at, found.gaps[0].ends_at) == (MONDAY + 8 * HOUR, MONDAY + DAY)
    assert not found.is_whole
    assert coverage(a_schedule("ana", "ben"), MONDAY).is_whole


def test_one_person_who_carries_most_alone_is_named():
    found = coverage(a_schedule("ana", "ana", "ben"), MONDAY, 12 * WEEK)
    assert [(a.person, round(a.share, 2)) for a in found.alone] == [("ana", 0.67)]
    assert coverage(a_schedule("ana", "ben", at_once=2), MONDAY).alone == ()
    assert coverage(a_schedule("ana", "ben"), MONDAY, 12 * WEEK, most_share=0.4).alone[0].share == 0.5


def test_people_who_cannot_be_called_in_the_middle_of_a_shift_are_named():
    away = Absence("ana", MONDAY + DAY, MONDAY + 2 * DAY)
    schedule = a_schedule("ana", "ben", absences=[away])
    found = coverage(schedule, MONDAY, 2 * WEEK, disabled={"ben": MONDAY + 8 * DAY})
    assert found.unfit == (
        Unfit("ana", "absent", MONDAY + DAY, MONDAY + 2 * DAY, True),
        Unfit("ben", "disabled", MONDAY + 8 * DAY, MONDAY + 14 * DAY, True),
    )
    assert not found.is_whole
    pair = a_schedule("ana", "ben", at_once=2, absences=[away])
    assert coverage(pair, MONDAY, WEEK).is_whole
    assert not coverage(pair, MONDAY, WEEK, disabled={"ben"}).is_whole
