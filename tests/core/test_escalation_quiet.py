"""Until when a page waits for quiet hours: to the end on the wall clock, whatever clocks do, and never an urgent one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.escalation.quiet import Quiet, quiet_hours, until
from quarterdeck.core.kernel.refused import Refused

ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "UTC",
         "America/St_Johns", "Pacific/Apia")  # fmt: skip
MINUTE = timedelta(minutes=1)
times = st.times(max_value=time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)) | st.sampled_from(
    # Hours around changes of clocks, which chance seldom meets.
    [datetime(2026, m, d, h, q, tzinfo=UTC) for m, d in ((3, 8), (3, 29), (4, 4), (10, 25), (11, 1))
     for h in range(24) for q in (0, 30)]
)  # fmt: skip
quiets = st.builds(
    Quiet, st.sampled_from(ZONES), times, times, st.frozensets(st.integers(0, 6), min_size=1)
).filter(lambda q: q.starts != q.ends)


def evening(**more):
    return Quiet("Europe/Madrid", time(22), time(7), **more)


def madrid(*at):
    return datetime(*at, tzinfo=ZoneInfo("Europe/Madrid")).astimezone(UTC)


def test_a_page_at_night_waits_for_the_morning():
    assert until(evening(), madrid(2026, 3, 2, 23, 30), "low") == madrid(2026, 3, 3, 7)
    assert until(evening(), madrid(2026, 3, 3, 6, 59), "low") == madrid(2026, 3, 3, 7)
    assert until(evening(), madrid(2026, 3, 3, 7), "low") is None
    assert until(evening(), madrid(2026, 3, 3, 21, 59), "low") is None


def test_the_day_is_that_on_which_the_hours_begin():
    fridays = evening(days=frozenset({4}))
    assert until(fridays, madrid(2026, 3, 7, 3), "low") == madrid(2026, 3, 7, 7)
    assert until(fridays, madrid(2026, 3, 6, 3), "low") is None


def test_the_night_in_which_clocks_change_ends_at_seven_on_the_wall():
    spring, autumn = madrid(2026, 3, 28, 22), madrid(2026, 10, 24, 22)
    assert until(evening(), spring, "low") == spring + timedelta(hours=8)
    assert until(evening(), autumn, "low") == autumn + timedelta(hours=10)


def test_an_end_that_the_clocks_leave_out_is_the_jump():
    quiet = Quiet("Europe/Madrid", time(22), time(2, 30))
    assert until(quiet, madrid(2026, 3, 28, 23), "low") == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@given(quiets, moments)
def test_nothing_urgent_and_nothing_that_is_let_through_ever_waits(quiet, at):
    assert until(quiet, at, "high") is None
    assert all(until(quiet, at, "low", s) is None for s in quiet.through)
    assert until(None, at, "low") is None


@given(quiets, moments)
def test_who_waits_does_so_for_less_than_a_day_and_an_hour_and_rings_when_the_hours_are_over(quiet, at):
    found = until(quiet, at, "low")
    if found is None:
        return
    tz = ZoneInfo(quiet.zone)
    assert at < found <= at + timedelta(hours=25)
    shown = found.astimezone(tz).time()
    left_out = (found - timedelta(seconds=1)).astimezone(tz).utcoffset() != found.astimezone(tz).utcoffset()
    # Apia left a whole day out.
    assert shown == quiet.ends or left_out
    assert until(quiet, found - timedelta(seconds=1), "low") == found


@given(quiets, moments)
def test_by_the_wall_clock_of_ordinary_days_it_waits_exactly_within_the_hours(quiet, at):
    tz = ZoneInfo(quiet.zone)
    offsets = {(at + n * timedelta(hours=6)).astimezone(tz).utcoffset() for n in range(-9, 10)}
    if len(offsets) > 1:
        return
    here = at.astimezone(tz)
    clock, day = here.time(), here.weekday()
    if quiet.starts < quiet.ends:
        inside = quiet.starts <= clock < quiet.ends and day in quiet.days
    else:
        inside = (clock >= quiet.starts and day in quiet.days) or (
            clock < quiet.ends and (day - 1) % 7 in quiet.days
        )
    assert (until(quiet, at, "low") is not None) == inside


@pytest.mark.parametrize(
    ("starts", "ends", "days", "through"),
    [("22:00", "22:00", [0], []), ("25:00", "07:00", [0], []), ("", "07:00", [0], []), ("22:00", "07:00", [], []),
     ("22:00", "07:00", [7], []), ("22:00", "07:00", [0], ["loud"]), ("22:00:30", "07:00", [0], [])],
)  # fmt: skip
def test_hours_without_end_and_times_that_are_none_are_refused(starts, ends, days, through):
    with pytest.raises(Refused):
        quiet_hours("UTC", starts, ends, days, through)
