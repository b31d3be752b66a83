"""Days of work that comes again, quarters, and what a risk is worth; by properties and by example."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.reviews import cadence, risks

DAYS = st.dates(date(1990, 1, 1), date(2150, 1, 1))
RHYTHMS = st.sampled_from(sorted(cadence.CADENCES))


@given(DAYS, RHYTHMS, st.integers(-2000, 5000))
def test_the_next_day_lies_after_and_none_is_left_out(first: date, rhythm: str, ahead: int) -> None:
    after = first + timedelta(days=ahead)
    found = cadence.following(first, rhythm, after)
    assert found > after or (ahead < 0 and found == first)
    days = [cadence.nth(first, rhythm, n) for n in range(3)]
    assert list(cadence.between(first, rhythm, first, days[-1])) == days


def test_the_last_day_of_a_month_comes_back_after_a_shorter_one() -> None:
    first = date(2027, 1, 31)
    found = list(cadence.between(first, "monthly", first, date(2027, 3, 31)))
    assert found == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]
    assert cadence.months_after(datetime(2028, 2, 29, 9, tzinfo=UTC), 12) == datetime(
        2029, 2, 28, 9, tzinfo=UTC
    )


@given(DAYS)
def test_a_quarter_ends_where_the_next_one_begins(day: date) -> None:
    begins = cadence.quarter_after(day)
    assert begins.day == 1 and begins > day
    assert (
        cadence.quarter(begins - timedelta(days=1)) == cadence.quarter(day) == cadence.quarter_before(begins)
    )


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
def test_a_likelier_or_graver_risk_is_never_of_a_lower_level(likelihood: int, effect: int, more: int) -> None:
    names = [name for name, _ in reversed(risks.LEVELS)]
    least = names.index(risks.level(likelihood, effect))
    assert names.index(risks.level(max(likelihood, more), effect)) >= least
    assert names.index(risks.level(likelihood, max(effect, more))) >= least


def test_what_is_late_of_a_risk_depends_on_its_state() -> None:
    today = "2027-03-01"
    late = {
        risks.overdue(risks.Standing(state, "2027-02-01", "2027-02-02", "2027-02-03"), today)
        for state in risks.STATES
    }
    assert late == {"due", "acceptance", ""}
    assert risks.overdue(risks.Standing("open", "2027-04-01", "2027-02-02"), today) == "review"
    assert risks.overdue(risks.Standing("open", today, today), today) == ""


def test_a_risk_is_reduced_with_a_safeguard_and_accepted_for_a_while() -> None:
    with pytest.raises(Refused, match="safeguard is in place"):
        risks.may_move("open", "reduced", note="", safeguard_state="planned")
    risks.may_move("open", "reduced", note="", safeguard_state="in_place")
    with pytest.raises(Refused, match="Say why"):
        risks.may_move("open", "withdrawn", note=" ", safeguard_state="none")
    with pytest.raises(Refused, match="at most a year"):
        risks.may_accept("2029-01-01", "2027-01-01", "2028-01-02", "Small")
    with pytest.raises(Refused, match="can be borne"):
        risks.may_accept("2027-06-01", "2027-01-01", "2028-01-02", "")
