"""Targets: which one judges an incident, exact breaches, business hours, and what is still ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.metrics.hours import ALWAYS, BUSINESS, elapsed, latest
from quarterdeck.core.metrics.targets import Course, Target, Targets, ahead, judge, kept, run_out

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
LATER = MONDAY + 60 * DAY


def course(number, *, ack=None, commander=None, resolved=None, impact=None, severity=2, team="pay"):
    reported = MONDAY + number * DAY
    at = lambda minutes: None if minutes is None else micros(reported + minutes * MINUTE)  # noqa: E731
    return Course(f"INC-{number}", severity, team, micros(reported), at(ack), at(commander), None, at(impact), at(resolved))  # fmt: skip


FIXTURE = [
    course(0, ack=1, commander=4, resolved=30, severity=1),
    course(1, ack=3, commander=2, resolved=60, severity=1, impact=-30),
    course(9, ack=5, resolved=90, team="web"),
    course(10, ack=7, commander=9, resolved=120),
    course(23, ack=9, commander=9, resolved=600, severity=3, team="web"),
]


def breached(*targets, courses=FIXTURE, now=LATER):
    found = kept(judge(courses, Targets(targets), "UTC", now))
    return found.measured, found.breached


@pytest.mark.requirement("R-231")
def test_a_late_response_is_counted_and_named():
    assert breached(Target("time_to_respond", 4 * MINUTE)) == (5, ("INC-9", "INC-10", "INC-23"))
    assert breached(Target("time_to_respond", 4 * MINUTE, team="web")) == (2, ("INC-9", "INC-23"))
    assert breached(Target("time_to_respond", MINUTE, severity=1)) == (2, ("INC-1",)), (
        "exactly in time is in time"
    )


@pytest.mark.requirement("R-232")
def test_a_late_resolution_and_a_long_impact_are_counted_and_named():
    assert breached(Target("time_to_resolve", HOUR)) == (5, ("INC-9", "INC-10", "INC-23"))
    assert breached(Target("impact_duration", HOUR)) == (1, ("INC-1",)), "the impact began before the report"


@pytest.mark.requirement("R-234")
def test_the_closest_target_counts():
    usual, strict = Target("time_to_resolve", 24 * HOUR), Target("time_to_resolve", HOUR, severity=2)
    mine = Target("time_to_resolve", 100 * MINUTE, severity=2, team="web")
    teams = Target("time_to_resolve", MINUTE, team="web")
    assert breached(usual) == (5, ())
    assert breached(usual, strict) == (5, ("INC-9", "INC-10"))
    assert breached(usual, strict, mine) == (5, ("INC-10",))
    assert breached(usual, strict, mine, teams) == (5, ("INC-10", "INC-23"))


@pytest.mark.requirement("R-234")
def test_an_old_incident_is_judged_by_the_target_of_its_time():
    first = Target("time_to_resolve", HOUR, since=MONDAY)
    second = Target("time_to_resolve", 15 * HOUR, since=MONDAY + 10 * DAY)
    assert breached(first, second) == (5, ("INC-9",))
    gone = Target("time_to_resolve", HOUR, since=MONDAY + 10 * DAY, withdrawn=True)
    assert breached(second, first, gone) == (3, ("INC-9",))


def test_what_goes_on_is_counted_once_it_has_missed():
    going = course(40, ack=2)
    target = Target("time_to_resolve", HOUR)
    reported = MONDAY + 40 * DAY
    assert breached(target, courses=[going], now=reported + HOUR) == (0, ())
    assert breached(target, courses=[going], now=reported + HOUR + MINUTE) == (1, ("INC-40",))
    known = Targets([target, Target("time_to_respond", MINUTE)])
    (one,) = ahead(going, known, "UTC")
    assert (one.by, one.soon_at) == (reported + HOUR, reported + 45 * MINUTE)
    assert [one.state(reported + n * MINUTE) for n in (44, 45, 60, 61)] == [
        "running",
        "soon",
        "soon",
        "missed",
    ]
    late = run_out(going, known, "UTC", reported + 2 * HOUR)
    assert [(m.key, by) for m, _, by in late] == [
        ("time_to_respond", reported + MINUTE),
        ("time_to_resolve", reported + HOUR),
    ]


def test_business_hours_leave_out_nights_and_weekends():
    friday = datetime(2026, 11, 6, 16, 30, tzinfo=UTC)
    monday = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
    assert elapsed(friday, monday, BUSINESS, "UTC") == 90 * MINUTE
    assert elapsed(friday, monday, ALWAYS, "UTC") == monday - friday
    assert latest(friday, 90 * MINUTE, BUSINESS, "UTC") == monday
    assert latest(friday, 30 * MINUTE, BUSINESS, "UTC") == monday - HOUR, (
        "the evening and the weekend cost nothing"
    )
    # 16:30 UTC is 17:30 in Paris: that Friday is over there.
    assert elapsed(friday, monday, BUSINESS, "Europe/Paris") == 2 * HOUR


@given(
    st.integers(0, 10_000), st.integers(0, 40_000), st.integers(1, 5000), st.sampled_from(("UTC", "Australia/Lord_Howe"))
)  # fmt: skip
def test_the_latest_moment_is_the_last_that_is_in_time(start, after, span, zone):
    begins = MONDAY + start * MINUTE
    at, most = begins + after * MINUTE, span * MINUTE
    assert (elapsed(begins, at, BUSINESS, zone) <= most) == (at <= latest(begins, most, BUSINESS, zone))
