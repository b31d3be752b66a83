"""Daily bars and uptime of a component."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.status import Component, Post, StatusPage, snapshot
from quarterdeck.core.status.bars import FORMULA, StateChange, calendar, record
from quarterdeck.core.status.words import COMPONENT_STATES

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def changed(*pairs):
    return [StateChange("c", state, at) for at, state in pairs]


def bars(changes, zone="UTC", days=3):
    return record(changes, calendar(zone, NOW, days))


def test_the_last_bar_is_today_in_the_zone_of_the_page():
    days = calendar("Pacific/Auckland", NOW, 90)
    assert len(days.dates) == 90
    assert days.dates[-1] == date(2026, 11, 19)
    assert days.edges[-1] == NOW


def test_an_outage_shows_on_its_day_with_its_seconds():
    start = NOW - 20 * DAY
    found = bars(
        changed((start, "operational"), (NOW - DAY, "major_outage"), (NOW - DAY + HOUR, "operational"))
    )
    assert [d.worst for d in found.days] == ["operational", "major_outage", "operational"]
    assert found.days[1].major_seconds == 3600
    assert found.days[1].downtime_seconds == 3600
    assert found.state == "operational"


def test_an_outage_over_midnight_is_shared_between_its_days():
    midnight = datetime(2026, 11, 17, tzinfo=UTC)
    found = bars(changed((midnight - HOUR, "partial_outage"), (midnight + 2 * HOUR, "operational")))
    assert [d.partial_seconds for d in found.days] == [3600, 7200, 0]


def test_days_before_the_first_record_have_no_data():
    found = bars(changed((NOW - HOUR, "operational")))
    assert [d.worst for d in found.days] == [None, None, "operational"]
    assert found.uptime_percent == 100.0


def test_without_any_record_there_is_no_uptime():
    found = bars([])
    assert (found.state, found.uptime_percent) == ("operational", None)
    assert [d.worst for d in found.days] == [None, None, None]


@pytest.mark.parametrize(
    ("state", "percent"),
    [
        ("major_outage", 90.0),
        ("partial_outage", 97.0),
        ("degraded_performance", 100.0),
        ("under_maintenance", 100.0),
    ],
)
def test_uptime_weighs_states_as_the_published_formula_says(state, percent):
    start = NOW - 10 * HOUR
    found = bars(changed((start, state), (start + HOUR, "operational")))
    assert found.uptime_percent == percent
    assert "30 %" in FORMULA


def test_planned_maintenance_is_not_part_of_the_recorded_time():
    start = NOW - 11 * HOUR
    found = bars(
        changed(
            (start, "under_maintenance"), (start + HOUR, "major_outage"), (start + 2 * HOUR, "operational")
        )
    )
    assert found.uptime_percent == 90.0


def test_a_second_of_outage_never_shows_as_one_hundred_percent():
    start = NOW - 2 * DAY
    found = bars(
        changed(
            (start, "operational"),
            (NOW - HOUR, "major_outage"),
            (NOW - HOUR + timedelta(seconds=1), "operational"),
        )
    )
    assert found.uptime_percent == 99.99


def test_a_change_in_the_future_does_not_count():
    assert bars(changed((NOW + HOUR, "major_outage"))).state == "operational"


def test_of_two_changes_at_one_instant_the_last_counts():
    assert bars(changed((NOW - HOUR, "major_outage"), (NOW - HOUR, "operational"))).uptime_percent == 100.0


def test_a_day_on_which_the_clocks_change_has_its_own_length():
    now = datetime(2026, 10, 26, 23, tzinfo=UTC)
    found = record(changed((now - 20 * DAY, "major_outage")), calendar("Europe/Berlin", now, 3))
    assert [d.major_seconds for d in found.days] == [25 * 3600, 24 * 3600, 0]


changes_ = st.lists(
    st.builds(
        StateChange,
        st.just("c"),
        st.sampled_from(COMPONENT_STATES),
        st.integers(0, 5 * 24 * 3600).map(lambda s: NOW - timedelta(seconds=s)),
    ),
    max_size=10,
    unique_by=lambda c: c.at,
)


@given(changes_, st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland"]))
def test_every_second_since_the_first_record_is_in_one_bar(changes, zone):
    found = record(changes, calendar(zone, NOW, 5))
    first = max(min((c.at for c in changes), default=NOW), calendar(zone, NOW, 5).edges[0])
    down = [d.downtime_seconds + d.degraded_seconds + d.maintenance_seconds for d in found.days]
    assert sum(down) <= (NOW - first).total_seconds()
    if found.uptime_percent is not None:
        assert 0 <= found.uptime_percent <= 100
        assert (found.uptime_percent == 100) == (sum(d.downtime_seconds for d in found.days) == 0)
    assert record(list(reversed(changes)), calendar(zone, NOW, 5)) == found


def test_what_breaks_while_maintenance_is_under_way_is_shown_and_counts_for_no_uptime():
    out = changed(
        (NOW - 2 * DAY, "operational"), (NOW - 10 * HOUR, "major_outage"), (NOW - 6 * HOUR, "operational")
    )
    window = [(NOW - 12 * HOUR, NOW - 8 * HOUR)]
    plain, excluded = record(out, calendar("UTC", NOW, 3)), record(out, calendar("UTC", NOW, 3), window)
    assert plain.days == excluded.days
    assert plain.uptime_percent == 91.66  # 4 of 48 hours
    assert excluded.uptime_percent == 95.45  # 2 of 44 hours


@given(st.lists(st.integers(0, 72), min_size=2, max_size=6))
def test_excluding_everything_leaves_nothing_to_say(hours):
    flow = changed(*((NOW - h * HOUR, COMPONENT_STATES[h % 5]) for h in hours))
    assert record(flow, calendar("UTC", NOW, 4), [(NOW - 9 * DAY, NOW)]).uptime_percent is None


def test_maintenance_is_excluded_for_as_long_as_it_was_done_and_not_for_as_long_as_it_was_planned():
    def post(word, at):
        return Post(f"{word}{at}", "MNT-1", "Disks", word, "", at, components={"c": "under_maintenance"}, impact="maintenance",
                    scheduled_for=NOW - 9 * HOUR, scheduled_until=NOW - HOUR)  # fmt: skip

    flow = [StateChange("c", "operational", NOW - DAY), StateChange("c", "major_outage", NOW - 4 * HOUR),
            StateChange("c", "operational", NOW - 2 * HOUR)]  # fmt: skip
    told = [
        post("scheduled", NOW - DAY),
        post("in_progress", NOW - 6 * HOUR),
        post("verifying", NOW - 5 * HOUR),
        post("completed", NOW - 3 * HOUR),
    ]
    page = snapshot(StatusPage("p", "P"), [Component("c", "", "C")], flow, told, NOW)
    assert page.groups[0].components[0].record.uptime_percent == 95.23  # 1 of 21 hours
    running = snapshot(StatusPage("p", "P"), [Component("c", "", "C")], flow, told[:2], NOW)
    assert running.groups[0].components[0].record.uptime_percent == 100.0
