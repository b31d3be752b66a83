"""The two buckets of a source: how much goes in at once, how much in the long run, and what is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.web.ingest_limits import Gate, Limits


def gate(requests: int, alerts: int) -> Gate:
    made = Gate("one", requests, alerts)
    made.requests_at = made.alerts_at = 0.0
    return made


def test_a_minutes_worth_goes_in_at_once_and_then_one_for_each_part_of_the_minute():
    one = gate(60, 0)
    assert [one.request(0.0) for _ in range(60)] == [0.0] * 60
    assert one.request(0.0) == pytest.approx(1.0)
    assert one.request(0.5) == pytest.approx(0.5)
    assert one.request(1.0) == 0.0
    assert one.refused_requests == 2


def test_a_body_is_never_cut_and_what_is_too_much_of_it_is_debt():
    one = gate(0, 60)
    assert one.take(100, 0.0) == 0.0
    assert one.take(1, 0.0) == pytest.approx(41.0)
    assert one.take(1, 42.0) == 0.0
    assert (one.refused_requests, one.refused_alerts) == (1, 1)


def test_without_a_limit_nothing_is_refused():
    one = gate(0, 0)
    assert not any(one.request(0.0) or one.take(1000, 0.0) for _ in range(1000))


def test_a_body_without_an_alert_passes_a_source_in_debt():
    one = gate(0, 1)
    assert one.take(10, 0.0) == 0.0
    assert one.take(0, 0.0) == 0.0


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 50)), max_size=60), st.integers(1, 600))
def test_never_more_than_a_minutes_worth_and_what_time_adds(steps, limit):
    one, now, taken, largest = gate(0, limit), 0.0, 0, 0
    for wait, alerts in steps:
        now += wait
        if one.take(alerts, now) == 0.0:
            taken += alerts
            largest = max(largest, alerts)
    assert taken <= limit + now * limit / 60 + largest + 1e-6


def test_counts_that_could_not_be_written_are_given_back():
    limits = Limits(1, 0)
    one = limits.gate("one", None, None)
    assert one.request(one.requests_at) == 0.0
    one.requests += 1
    assert one.request(one.requests_at) > 0
    found = limits.counted()
    assert found == {"one": (1, 0, 1, 0)}
    assert limits.counted() == {}
    limits.back(found)
    assert limits.counted() == found


def test_a_source_of_its_own_limits_keeps_them_and_learns_new_ones():
    limits = Limits(60, 60)
    one = limits.gate("one", 1, 0)
    assert (one.request_rate, one.alert_rate) == (1 / 60, 0)
    limits.refresh([("one", None, 120), ("never heard of", 1, 1)])
    assert (one.request_rate, one.alert_rate) == (1, 2)
