"""Metrics from incidents with known times: exact values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.metrics.definitions import INCIDENTS_PER_WEEK, METRICS, IncidentTimes, measured, values
from quarterdeck.core.metrics.figures import Summary, chosen, summary, weekly

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def an_incident(number, *, ack=None, commander=None, public=None, resolved=None, **more):
    reported = MONDAY + number * DAY
    at = lambda minutes: None if minutes is None else reported + minutes * MINUTE  # noqa: E731
    return IncidentTimes(
        f"INC-{number}",
        reported,
        acknowledged_at=at(ack),
        commander_at=at(commander),
        first_public_update_at=at(public),
        resolved_at=at(resolved),
        **more,
    )


FIXTURE = [
    an_incident(0, ack=1, commander=4, public=10, resolved=30, severity=1, team="pay"),
    an_incident(1, ack=3, commander=2, public=20, resolved=60, severity=1, team="pay"),
    an_incident(9, ack=5, resolved=90, severity=2, team="web"),
    an_incident(10, ack=7, commander=9, public=40, resolved=120, severity=2, team="pay"),
    an_incident(23, ack=9, commander=9, resolved=600, severity=3, team="web"),
    an_incident(24, severity=3),
    an_incident(25, ack=500, public=500, resolved=5000, severity=1, drill=True),
]


@pytest.mark.requirement("R-230")
def test_the_fixture_gives_exact_values():
    assert summary(values("time_to_acknowledge", FIXTURE)) == Summary(
        n=5, median=5 * MINUTE, p10=1.8 * MINUTE, p90=8.2 * MINUTE, iqr=4 * MINUTE, mean=5 * MINUTE
    )
    assert summary(values("time_to_resolve", FIXTURE)) == Summary(
        n=5, median=90 * MINUTE, p10=42 * MINUTE, p90=408 * MINUTE, iqr=60 * MINUTE, mean=180 * MINUTE
    )


@pytest.mark.requirement("R-238")
def test_the_time_to_the_first_public_update_has_exact_values():
    found = summary(values("time_to_first_public_update", FIXTURE))
    assert (found.n, found.median, found.iqr) == (3, 20 * MINUTE, 15 * MINUTE)
    assert (found.p10, found.p90) == (None, None)


@pytest.mark.requirement("R-230")
def test_incidents_are_counted_by_iso_week_with_zeros_between():
    assert [(w.name, w.monday, w.count) for w in weekly(FIXTURE)] == [
        ("2026-W45", date(2026, 11, 2), 2),
        ("2026-W46", date(2026, 11, 9), 2),
        ("2026-W47", date(2026, 11, 16), 0),
        ("2026-W48", date(2026, 11, 23), 2),
    ]
    assert weekly(FIXTURE)[0].by_severity == {1: 2}


def test_the_answer_is_the_earlier_of_acknowledgement_and_command():
    assert values("time_to_respond", FIXTURE)[:3] == [1 * MINUTE, 2 * MINUTE, 5 * MINUTE]


def test_drills_never_count():
    drill = FIXTURE[-1]
    assert all(measured(m, drill) is None for m in METRICS)
    assert drill not in chosen(FIXTURE)
    assert weekly([drill]) == []


def test_incidents_are_chosen_by_severity_team_and_time():
    assert [i.ref for i in chosen(FIXTURE, severity=2)] == ["INC-9", "INC-10"]
    assert [i.ref for i in chosen(FIXTURE, team="web")] == ["INC-9", "INC-23"]
    assert [i.ref for i in chosen(FIXTURE, since=MONDAY + DAY, until=MONDAY + 9 * DAY)] == ["INC-1"]


def test_the_duration_of_the_impact_needs_its_start():
    incident = an_incident(0, resolved=30)
    assert measured("impact_duration", incident) is None
    known = replace(incident, impact_started_at=incident.reported_at - 15 * MINUTE)
    assert measured("impact_duration", known) == 45 * MINUTE


def test_a_stop_before_the_start_counts_as_zero():
    assert measured("time_to_acknowledge", an_incident(0, ack=-2)) == timedelta(0)


def test_no_values_give_no_figures():
    assert summary([]) == Summary(0)
    assert weekly([]) == []


def test_weeks_follow_the_zone_and_the_turn_of_the_year():
    late = IncidentTimes("INC-1", datetime(2027, 1, 3, 23, 30, tzinfo=UTC))
    assert [w.name for w in weekly([late])] == ["2026-W53"]
    assert [w.name for w in weekly([late], "Europe/Berlin")] == ["2027-W01"]


def test_an_asked_for_stretch_shows_all_its_weeks():
    found = weekly(FIXTURE, since=MONDAY - 7 * DAY, until=MONDAY + 13 * DAY)
    assert [(w.name, w.count) for w in found] == [("2026-W44", 0), ("2026-W45", 2), ("2026-W46", 2)]


def test_every_metric_has_a_written_definition():
    for metric in METRICS.values():
        assert metric.definition.startswith("From the ")
        assert "Drills are left out" in metric.definition
    assert "Drills are left out" in INCIDENTS_PER_WEEK


@given(st.lists(st.integers(0, 10**12).map(lambda n: timedelta(microseconds=n)), min_size=1, max_size=30))
def test_figures_lie_in_order_between_the_least_and_the_greatest_value(spans):
    found = summary(spans)
    assert min(spans) <= found.median <= max(spans)
    assert found.n == len(spans)
    assert found.iqr >= timedelta(0)
    if found.p10 is not None:
        assert min(spans) <= found.p10 <= found.median <= found.p90 <= max(spans)
