"""A rehearsal is in working hours of a working day, wherever somebody lives, and each month at its own time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.oncall.rehearsal import is_working, next_working, slot

zones = st.sampled_from(sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc")))
months = st.dates(date(2020, 1, 1), date(2040, 12, 1)).map(lambda d: d.replace(day=1))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(st.text(max_size=40), months, zones)
def test_a_slot_is_in_working_hours_of_the_month(person, month, zone):
    at = slot(person, month, zone)
    local = at.astimezone(ZoneInfo(zone))
    assert (local.year, local.month) == (month.year, month.month)
    assert local.weekday() < 5
    assert 10 <= local.hour < 16
    assert slot(person, month, zone) == at


@given(moments, zones, st.integers(0, 30))
def test_the_next_working_time_is_never_at_night_on_a_weekend_or_while_away(at, zone, days):
    away = [(at, at + timedelta(days=days))]
    found = next_working(at, zone, away)
    assert is_working(found, zone)
    assert at + timedelta(days=days) <= found <= at + timedelta(days=days + 5)


def test_people_are_not_all_tried_at_once():
    assert len({slot(f"p{n}", date(2026, 11, 1), "UTC") for n in range(50)}) > 40
