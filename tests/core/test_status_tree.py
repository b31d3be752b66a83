"""Components within components: the worst part decides, at each instant, unless the whole was set worse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.status import Component, StateChange, StatusPage, snapshot
from quarterdeck.core.status.tree import in_order, parents
from quarterdeck.core.status.words import COMPONENT_STATES, rank

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
PAGE = StatusPage("p", "P")
SHOP = [
    Component("shop", "Web", "Shop", position=1),
    Component("pay", "elsewhere", "Payments", position=9, parent="shop"),
    Component("cards", "", "Cards", position=1, parent="pay"),
    Component("search", "", "Search", position=2, parent="shop"),
    Component("mail", "Web", "Mail", position=2, depends_on=("shop",)),
]


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def shown(changes: list[StateChange], components: list[Component] = SHOP):
    page = snapshot(PAGE, components, changes, [], NOW)
    return page, {v.component.id: v for g in page.groups for v in g.components}


def test_parts_stand_behind_their_whole_and_in_its_group():
    page, _ = shown([])
    assert [g.name for g in page.groups] == ["Web"]
    assert [(v.component.id, v.depth) for v in page.groups[0].components] == [
        ("shop", 0), ("search", 1), ("pay", 1), ("cards", 2), ("mail", 0),
    ]  # fmt: skip


def test_the_worst_part_is_the_state_of_the_whole_through_all_levels():
    page, views = shown(
        [StateChange("cards", "major_outage", ago(hours=1)), StateChange("shop", "operational", ago(days=5))]
    )
    assert [views[i].state for i in ("cards", "pay", "shop", "search", "mail")] == [
        "major_outage", "major_outage", "major_outage", "operational", "operational",
    ]  # fmt: skip
    assert (views["shop"].inherited, views["cards"].inherited) == (True, False)
    assert page.verdict.sentence == "Major outage: Cards."


def test_what_is_set_worse_than_its_parts_stays_so():
    _, views = shown(
        [
            StateChange("shop", "partial_outage", ago(hours=2)),
            StateChange("cards", "degraded_performance", ago(hours=1)),
        ]
    )
    assert (views["shop"].state, views["shop"].inherited) == ("partial_outage", False)


def test_the_uptime_of_a_whole_counts_the_outages_of_its_parts_once():
    fine = [StateChange(c.id, "operational", ago(days=10)) for c in SHOP]
    out = [StateChange("cards", "major_outage", ago(hours=24)), StateChange("search", "major_outage", ago(hours=24)),
           StateChange("cards", "operational", ago(hours=12)), StateChange("search", "operational", ago(hours=0))]  # fmt: skip
    _, views = shown(fine + out)
    assert views["shop"].record.uptime_percent == 90.0
    assert views["cards"].record.uptime_percent == 95.0
    assert views["mail"].record.uptime_percent == 100.0


def test_a_circle_of_parents_is_taken_apart_and_nothing_is_lost():
    round_ = [Component("a", "", "A", parent="b"), Component("b", "", "B", parent="a"), Component("c", "", "C", parent="c"),
              Component("d", "", "D", parent="gone")]  # fmt: skip
    assert set(parents(round_).values()) == {""}
    assert {c.id for c, _ in in_order(round_)} == {"a", "b", "c", "d"}


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefgx")), max_size=12),
       st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from(COMPONENT_STATES), st.integers(0, 99)), max_size=20))  # fmt: skip
def test_any_tree_shows_every_component_once_and_no_whole_is_better_than_a_part(links, flow):
    up = dict(links)
    components = [Component(i, i, i, parent=up.get(i, "")) for i in "abcdefg"]
    _, views = shown([StateChange(i, state, ago(hours=h)) for i, state, h in flow], components)
    assert sorted(views) == list("abcdefg")
    for one, parent in parents(components).items():
        assert not parent or rank(views[parent].state) >= rank(views[one].state)
