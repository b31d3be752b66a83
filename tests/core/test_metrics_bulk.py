"""Figures over many incidents at once are those of each incident by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.moments import from_micros, micros
from quarterdeck.core.metrics import bulk, figures
from quarterdeck.core.metrics.definitions import IncidentTimes, values

START = datetime(2025, 3, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/Paris", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia")
moments = st.integers(micros(START), micros(START + timedelta(days=400)))
rows = st.lists(
    st.tuples(
        st.none() | st.integers(1, 5), moments, *(st.none() | moments for _ in range(7))
    ),
    max_size=40,
)  # fmt: skip


def plain(row: bulk.Row) -> IncidentTimes:
    rank, reported, *rest = row
    acknowledged, commander, told, resolved, impact, declared, messaged = (
        None if at is None else from_micros(at) for at in rest
    )
    return IncidentTimes(
        "INC-1",
        from_micros(reported),
        rank,
        "",
        acknowledged,
        commander,
        told,
        impact,
        resolved,
        False,
        declared,
        messaged,
    )


@given(rows)
def test_every_figure_is_the_same(found):
    incidents = [plain(row) for row in found]
    for key, by_rank in bulk.durations(found).items():
        everything, each = bulk.summaries(by_rank)
        assert everything == figures.summary(values(key, incidents))
        expected = {
            rank: figures.summary(own)
            for rank in range(1, 6)
            if (own := values(key, [i for i in incidents if i.severity == rank]))
        }
        assert dict(each) == expected
        assert [rank for rank, _ in each] == sorted(expected)


@given(rows, st.sampled_from(ZONES), st.integers(0, 300 * 24), st.integers(1, 90 * 24))
def test_every_week_is_the_same(found, zone, hours, length_hours):
    since = START + timedelta(hours=hours)
    until = since + timedelta(hours=length_hours)
    incidents = [plain(row) for row in found]
    expected = figures.weekly(incidents, zone, since=since, until=until)
    assert bulk.weekly(found, zone, since=since, until=until) == expected


def test_no_incidents_give_no_figures():
    assert {key: bulk.summaries(v) for key, v in bulk.durations([]).items()} == dict.fromkeys(
        bulk.durations([]), (figures.Summary(0), ())
    )
