"""What a post without an incident takes, and how what is entered later enters the bars."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import StateChange, calendar, record
from quarterdeck.core.status.backfill import entered
from quarterdeck.core.status.posting import Thread, Written, checked, event_of
from quarterdeck.core.status.words import COMPONENT_STATES, rank

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ON_PAGE = {"c1": "Checkout"}
NEW = Written("Some cards fail.", "Cards fail", reason="A partner's trouble.", next_update_at=NOW + HOUR)
OPEN = Thread(["p1", "p2"], "identified", NOW + HOUR)
OVER = Thread(["p1", "p2"], "resolved")


def refused(said: Written, thread: Thread | None = None) -> Refused:
    with pytest.raises(Refused) as found:
        checked(said, thread, ON_PAGE, NOW)
    return found.value


@pytest.mark.requirement("R-044")
def test_an_update_promises_the_next_one_unless_it_is_the_last():
    assert refused(replace(NEW, next_update_at=None)).code == "next_update_at.missing"
    assert refused(replace(NEW, next_update_at=NOW)).code == "next_update_at.past"
    last = checked(
        Written("Cards work.", status_word="resolved", next_update_at=NOW + HOUR), OPEN, ON_PAGE, NOW
    )
    assert last.next_update_at is None
    assert checked(NEW, None, ON_PAGE, NOW).status_word == "investigating"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": " "}, "body"), ({"body": "x" * 10_001}, "body"), ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"), ({"reason": " "}, "reason"), ({"kind": "summary"}, "kind"),
        ({"kind": "rumour"}, "kind"), ({"status_word": "on fire"}, "status"), ({"components": {"c9": "operational"}}, "components"),
        ({"started_at": NOW - HOUR}, "ended_at"), ({"ended_at": NOW}, "started_at"),
        ({"started_at": NOW, "ended_at": NOW - HOUR}, "ended_at"),
        ({"started_at": NOW - HOUR, "ended_at": NOW + HOUR}, "ended_at"),
        ({"started_at": NOW - 6000 * 24 * HOUR, "ended_at": NOW}, "started_at"),
    ],
)  # fmt: skip
def test_what_something_new_lacks_is_said_at_its_field(change, field):
    assert set(refused(replace(NEW, **change)).fields) == {field}


def test_an_unknown_state_is_refused_and_other_names_of_one_are_taken():
    assert refused(replace(NEW, components={"c1": "broken"})).code == "component.state"
    assert checked(replace(NEW, components={"c1": "degraded"}), None, ON_PAGE, NOW).components == {
        "c1": "degraded_performance"
    }


@pytest.mark.parametrize(
    ("word", "following", "fits"),
    [
        ("investigating", "identified", True), ("identified", "monitoring", True), ("monitoring", "resolved", True),
        ("monitoring", "investigating", True), ("monitoring", "identified", False), ("resolved", "investigating", True),
        ("resolved", "resolved", False), ("resolved", "monitoring", False), ("postmortem", "investigating", True),
    ],
)  # fmt: skip
def test_updates_follow_the_lifecycle(word, following, fits):
    said = Written("News.", status_word=following, next_update_at=NOW + HOUR)
    if fits:
        assert checked(said, Thread(["p"], word), ON_PAGE, NOW).status_word == following
    else:
        assert refused(said, Thread(["p"], word)).code == "status_word.order"


def test_a_correction_names_its_post_and_leaves_status_and_promise():
    said = Written("It was not all cards.", kind="correction", corrects="p1")
    found = checked(said, OPEN, ON_PAGE, NOW)
    assert (found.status_word, found.next_update_at) == ("identified", NOW + HOUR)
    assert checked(said, OVER, ON_PAGE, NOW).next_update_at is None
    assert set(refused(replace(said, corrects="p9"), OPEN).fields) == {"corrects"}
    late = replace(OPEN, next_update_at=NOW - HOUR)
    assert refused(said, late).code == "next_update_at.past"


def test_a_summary_is_of_what_is_over():
    said = Written("What we learned.", kind="summary")
    assert refused(said, OPEN).code == "post.open"
    assert checked(said, OVER, ON_PAGE, NOW).status_word == "postmortem"
    assert refused(said, Thread(["p1"], "in_progress")).code == "post.open"
    for word in ("completed", "cancelled"):
        assert checked(said, Thread(["p1"], word), ON_PAGE, NOW).status_word == word


def test_maintenance_is_updated_where_it_is_planned():
    planned = Thread(["p1"], "scheduled")
    assert refused(Written("Later.", next_update_at=NOW + HOUR), planned).code == "post.maintenance"
    right = checked(Written("At ten.", kind="correction", corrects="p1"), planned, ON_PAGE, NOW)
    assert (right.status_word, right.next_update_at) == ("scheduled", None)


def test_maintenance_of_another_product_is_ended_by_a_post():
    theirs = Thread(["p1"], "in_progress", imported=True)
    ended = checked(Written("Done."), theirs, ON_PAGE, NOW)
    assert (ended.status_word, ended.next_update_at) == ("completed", None)
    assert (
        checked(Written("Not now.", status_word="cancelled"), theirs, ON_PAGE, NOW).status_word == "cancelled"
    )
    assert refused(Written("More.", status_word="monitoring"), theirs).code == "status_word.order"
    over = Thread(["p1"], "completed", imported=True)
    assert refused(Written("More."), over).code == "post.maintenance"


def test_what_is_entered_later_is_over_and_promises_nothing():
    past = replace(NEW, started_at=NOW - 2 * HOUR, ended_at=NOW - HOUR)
    found = checked(past, None, ON_PAGE, NOW)
    assert (found.status_word, found.next_update_at, found.is_past) == ("resolved", None, True)
    assert refused(past, OPEN).code == "post.past"


def test_every_post_is_one_event():
    assert event_of(replace(NEW, status_word="investigating"), None) == "opened"
    assert event_of(Written("x", status_word="resolved"), None) == "resolved"
    assert event_of(Written("x", status_word="monitoring"), OPEN) == "updated"
    assert event_of(Written("x", status_word="resolved"), OPEN) == "resolved"
    assert event_of(Written("x", kind="correction"), OPEN) == "corrected"
    assert event_of(Written("x", kind="summary"), OVER) == "summary"


STATES = st.sampled_from(COMPONENT_STATES)
TIMES = st.integers(0, 60).map(lambda n: NOW - timedelta(hours=n))


def state_at(changes, at):
    known = [c for c in sorted(changes, key=lambda c: c.at) if c.at <= at]
    return known[-1].state if known else None


@given(
    st.lists(st.tuples(TIMES, STATES), min_size=1, max_size=8), STATES, st.integers(1, 60), st.integers(0, 59)
)
def test_the_past_is_at_least_as_bad_as_entered_and_everything_else_as_recorded(rows, state, began, lasted):
    recorded = sorted((StateChange("c1", s, at) for at, s in rows), key=lambda c: c.at)
    start = NOW - timedelta(hours=began)
    end = min(start + timedelta(hours=lasted + 1), NOW)
    both = [*recorded, *entered(recorded, "c1", state, start, end)]
    for n in range(62 * 2):
        at = NOW - timedelta(minutes=30 * n)
        before, after = state_at(recorded, at), state_at(both, at)
        if before is None or not start <= at < end:
            assert after == before
        else:
            assert rank(after) == max(rank(before), rank(state))


def test_an_outage_entered_later_is_in_the_bar_of_its_day_and_in_the_uptime():
    up = [StateChange("c1", "operational", NOW - 24 * 10 * HOUR)]
    added = entered(up, "c1", "major_outage", NOW - 50 * HOUR, NOW - 48 * HOUR)
    found = record([*up, *added], calendar("UTC", NOW))
    day = found.days[-3]
    assert (day.worst, day.major_seconds, found.state) == ("major_outage", 7200, "operational")
    assert found.uptime_percent < 100
