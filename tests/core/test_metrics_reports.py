"""Periods of reports, what repeats, and incidents with early command beside those without."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.metrics.periods import before, holding, last_complete, named, next_due
from quarterdeck.core.metrics.response import Happened, compared, repeats
from quarterdeck.core.metrics.targets import Course

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def test_periods_have_names_and_bounds():
    at = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert [last_complete(k, at, "UTC").name for k in ("week", "month", "quarter")] == [
        "2026-W46",
        "2026-10",
        "2026-Q3",
    ]
    assert last_complete("week", at, "Europe/Paris").name == "2026-W47", "it is Monday there"
    assert named("week", "2026-W53").starts == date(2026, 12, 28)
    starts, ends = named("month", "2026-10").bounds("Europe/Paris")
    assert ends - starts == 31 * DAY + timedelta(hours=1), "clocks went back"
    for kind, name in (
        ("week", "2026-W60"),
        ("month", "2026-13"),
        ("quarter", "2026-Q5"),
        ("week", "0001-W01"),
    ):
        with pytest.raises(Refused):
            named(kind, name)


@given(st.sampled_from(("week", "month", "quarter")), st.dates(date(1980, 1, 1), date(2100, 1, 1)))
def test_periods_follow_each_other_without_a_hole(kind, day):
    period = holding(kind, day)
    assert period.starts <= day < period.ends
    assert before(period).ends == period.starts and named(kind, period.name) == period
    due = next_due(kind, period.bounds("Asia/Beirut")[0], "Asia/Beirut", 8)
    assert last_complete(kind, due, "Asia/Beirut") == before(period)


def happened(number, days, cause="", services=("checkout",), problems=()):
    return Happened(
        f"INC-{number}", micros(START + days * DAY), frozenset(services), cause, frozenset(problems)
    )


@pytest.mark.requirement("R-236")
def test_repeats_share_a_problem_or_a_service_and_its_cause():
    found = repeats(
        [
            happened(1, -80, "capacity"),
            happened(2, 5, "capacity"),
            happened(3, 6, "capacity", services=("search",)),
            happened(4, 7, "change"),
            happened(5, 8, problems=("p1",), services=()),
            happened(6, 9, problems=("p1",), services=("search",)),
            happened(7, 120, "change"),
            happened(8, 121),
        ],
        micros(START),
    )
    assert (found.incidents, found.known, found.repeats) == (7, 6, ("INC-2", "INC-6"))


@pytest.mark.requirement("R-236")
def test_incidents_with_early_command_stand_beside_the_others_with_their_number():
    def course(number, commander, resolved):
        at = lambda minutes: None if minutes is None else micros(START + minutes * MINUTE)  # noqa: E731
        return Course(f"INC-{number}", 2, "", micros(START), None, at(commander), None, None, at(resolved))

    found = compared(
        [course(1, 5, 30), course(2, 15, 50), course(3, 16, 90), course(4, None, 70), course(5, 1, None)],
        15 * MINUTE,
    )
    assert (found.early.n, found.early.median) == (2, 40 * MINUTE)
    assert (found.late.n, found.late.median) == (2, 80 * MINUTE)
    assert found.few
    many = [course(n, n % 2 and 5, 30 + n) for n in range(1, 21)]
    assert not compared(
        [c._replace(commander=c.commander if n % 2 else None) for n, c in enumerate(many)], 15 * MINUTE
    ).few
