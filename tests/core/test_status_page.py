"""The snapshot of a status page: verdict, groups, incidents, history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.status import Component, Post, StateChange, StatusPage, snapshot

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PAGE = StatusPage("corvane", "Corvane status", "Europe/Berlin")
CARDS = Component("cards", "Selling", "Card payments", position=1)
SEATS = Component("seats", "Selling", "Seat reservation", position=2)
GATES = Component("gates", "Boarding", "Gate scanners", position=3)
ALL = [GATES, SEATS, CARDS]


def a_post(n, status, minutes_ago, **more):
    return Post(
        f"p{n}", "INC-1", "Card payments failing", status, f"body {n}", NOW - minutes_ago * MINUTE, **more
    )


def shown(posts=(), changes=(), components=ALL):
    return snapshot(PAGE, components, [StateChange(c, s, NOW - MINUTE) for c, s in changes], posts, NOW)


def test_a_quiet_page_says_that_all_is_well():
    found = shown()
    assert (found.verdict.indicator, found.verdict.sentence) == ("none", "All systems are operational.")
    assert found.open_incidents == ()


def test_components_stand_in_their_groups_in_their_order():
    found = shown(changes=[("seats", "partial_outage")])
    assert [(g.name, g.state, [v.component.id for v in g.components]) for g in found.groups] == [
        ("Selling", "partial_outage", ["cards", "seats"]),
        ("Boarding", "operational", ["gates"]),
    ]


def test_the_verdict_names_the_worst_components_first():
    found = shown(changes=[("seats", "degraded_performance"), ("cards", "major_outage")])
    assert found.verdict.indicator == "critical"
    assert found.verdict.sentence == "Major outage: Card payments. Degraded performance: Seat reservation."


def test_many_impaired_components_are_counted():
    many = [Component(str(n), "", f"C{n}", position=n) for n in range(5)]
    found = shown(changes=[(str(n), "degraded_performance") for n in range(4)], components=many)
    assert found.verdict.sentence == "4 of 5 components are not fully operational."


def test_an_open_incident_gives_the_verdict_its_words():
    found = shown([a_post(1, "investigating", 9, components={"cards": "partial_outage"})])
    assert found.verdict.sentence == "Card payments failing."
    assert found.verdict.indicator == "major"


def test_an_incident_is_its_posts_newest_first():
    posts = [
        a_post(2, "identified", 20, components={"cards": "major_outage"}, next_update_at=NOW + 5 * MINUTE),
        a_post(1, "investigating", 40, components={"cards": "degraded_performance"}),
        a_post(
            3, "monitoring", 5, components={"cards": "degraded_performance"}, next_update_at=NOW + 10 * MINUTE
        ),
    ]
    (incident,) = shown(posts).open_incidents
    assert [p.id for p in incident.posts] == ["p3", "p2", "p1"]
    assert (incident.status, incident.impact) == ("monitoring", "critical")
    assert incident.started_at == NOW - 40 * MINUTE
    assert incident.monitoring_at == incident.updated_at == NOW - 5 * MINUTE
    assert incident.next_update_at == NOW + 10 * MINUTE
    assert [(a.name, a.old, a.new) for a in incident.posts[1].affected] == [
        ("Card payments", "degraded_performance", "major_outage")
    ]


def test_the_start_of_the_disturbance_may_lie_before_the_first_post():
    posts = [a_post(1, "investigating", 40, started_at=NOW - 55 * MINUTE)]
    assert shown(posts).open_incidents[0].started_at == NOW - 55 * MINUTE


def test_a_component_the_page_does_not_show_stays_hidden():
    posts = [a_post(1, "investigating", 9, components={"secret": "major_outage"})]
    (incident,) = shown(posts, changes=[("secret", "major_outage")]).open_incidents
    assert incident.components == ()
    assert incident.posts[0].affected == ()


def test_what_is_resolved_is_in_the_history_of_its_day_and_month():
    posts = [
        replace(a_post(1, "investigating", 0), at=NOW - 40 * DAY, incident_ref="INC-0", title="Slow search"),
        replace(a_post(2, "resolved", 0), at=NOW - 39 * DAY, incident_ref="INC-0", title="Slow search"),
        a_post(3, "investigating", 90),
        a_post(4, "resolved", 30, next_update_at=NOW),
    ]
    found = shown(posts)
    assert found.open_incidents == ()
    assert [(m.month, [d.date for d in m.days]) for m in found.history] == [
        (date(2026, 11, 1), [date(2026, 11, 18)]),
        (date(2026, 10, 1), [date(2026, 10, 9)]),
    ]
    incident = found.history[0].days[0].incidents[0]
    assert incident.resolved_at == NOW - 30 * MINUTE
    assert incident.next_update_at is None


def test_a_relapse_opens_the_incident_again():
    posts = [a_post(1, "investigating", 90), a_post(2, "resolved", 60), a_post(3, "investigating", 30)]
    (incident,) = shown(posts).open_incidents
    assert incident.resolved_at is None
    again = shown([*posts, a_post(4, "resolved", 10), a_post(5, "postmortem", 5)])
    assert again.history[0].days[0].incidents[0].resolved_at == NOW - 10 * MINUTE


def test_a_day_begins_at_midnight_in_the_zone_of_the_page():
    late = replace(a_post(1, "resolved", 0), at=datetime(2026, 11, 16, 23, 30, tzinfo=UTC))
    assert shown([late]).history[0].days[0].date == date(2026, 11, 17)


def test_planned_maintenance_stands_apart_and_is_no_disturbance():
    plan = Post(
        "m1", "MNT-1", "Larger database", "scheduled", "…", NOW - DAY,
        components={"seats": "under_maintenance"},
        scheduled_for=NOW + DAY, scheduled_until=NOW + DAY + 90 * MINUTE,
    )  # fmt: skip
    found = shown([plan])
    assert [m.title for m in found.maintenance] == ["Larger database"]
    assert found.maintenance[0].impact == "maintenance"
    assert found.verdict.indicator == "none"
    begun = replace(plan, id="m2", status_word="in_progress", at=NOW)
    running = shown([plan, begun], [("seats", "under_maintenance")])
    assert running.verdict.indicator == "maintenance"
    assert running.verdict.sentence == "Under maintenance: Seat reservation."


def test_planned_work_is_told_by_its_words_and_not_by_the_impact_another_product_gave_it():
    grave = shown([a_post(1, "scheduled", 5, impact="critical", scheduled_for=NOW + DAY)])
    assert (grave.open_incidents, [i.ref for i in grave.maintenance]) == ((), ["INC-1"])
    assert grave.verdict.indicator == "none", "nothing has begun"
    mild = shown([a_post(1, "investigating", 5, impact="maintenance")])
    assert ([i.ref for i in mild.open_incidents], mild.maintenance) == (["INC-1"], ())


def test_a_post_from_the_future_is_not_shown():
    assert shown([a_post(1, "investigating", -5)]).open_incidents == ()


posts_ = st.lists(
    st.builds(
        Post,
        id=st.uuids().map(str),
        incident_ref=st.sampled_from(["INC-1", "INC-2", "MNT-1"]),
        title=st.sampled_from(["", "Card payments failing"]),
        status_word=st.sampled_from(
            ["", "investigating", "identified", "monitoring", "resolved", "scheduled"]
        ),
        body=st.just("…"),
        at=st.integers(0, 60 * 24 * 60).map(lambda m: NOW - m * MINUTE),
        components=st.dictionaries(
            st.sampled_from(["cards", "seats", "secret"]), st.sampled_from(["operational", "major_outage"])
        ),
    ),
    max_size=10,
    unique_by=lambda p: p.at,
)


@given(posts_, st.randoms(use_true_random=False))
def test_the_snapshot_does_not_depend_on_the_order_of_the_posts(posts, random):
    shuffled = list(posts)
    random.shuffle(shuffled)
    assert shown(shuffled) == shown(posts)


@given(posts_)
def test_every_incident_stands_in_one_place(posts):
    found = shown(posts)
    past = [i.ref for m in found.history for d in m.days for i in d.incidents]
    placed = [i.ref for i in (*found.open_incidents, *found.maintenance)] + past
    assert sorted(placed) == sorted({p.incident_ref for p in posts})
