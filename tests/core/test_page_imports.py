"""What of another product's status page can be taken over, and why not, before anything is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.imports import PRODUCTS, plan, read
from quarterdeck.core.status.imports.plan import public_ref
from support.other_pages import DOCUMENTS, cachet, instatus, kuma, statuspage


def lines(product: str, document: dict[str, Any]) -> list[tuple[str, str, str]]:
    planned = plan(read(product, document), "page", {}, ())
    return [(one.verdict, one.kind, one.what) for one in planned.lines]


def test_statuspage_is_read_with_groups_affected_components_and_reasons():
    found = read("statuspage", statuspage())
    assert [(c.group, c.name, c.state) for c in found.components] == [
        ("Shop", "Checkout", "operational"), ("Shop", "Search", "degraded_performance"), ("", "API", "operational"),
    ]  # fmt: skip
    first, last, planned = found.posts
    assert (first.status_word, first.body, first.components) == (
        "investigating",
        "We look.",
        {"c1": "partial_outage"},
    )
    assert (last.status_word, last.components) == ("resolved", {"c1": "operational"})
    assert planned.scheduled_for == datetime(2026, 12, 1, 1, tzinfo=UTC)
    assert [s.address for s in found.subscribers] == ["a@example.com"]
    why = {c.what: c.why for c in found.cannot}
    assert why["Odd"] == "Its state 'on_fire' is none we know."
    assert why["b@example.com"].startswith("It was quarantined")
    assert why["Nothing said"] == "It has no update that can be read."
    assert "country" in why["5550100"]


def test_cachet_is_read_by_its_numbers():
    found = read("cachet", cachet())
    assert [(c.group, c.name) for c in found.components] == [("Core", "API")]
    assert [(p.status_word, p.at.hour) for p in found.posts if p.incident == "9"] == [
        ("investigating", 8),
        ("resolved", 9),
    ]
    assert [p.status_word for p in found.posts if p.incident == "s2"] == [
        "scheduled",
        "in_progress",
        "completed",
    ]
    assert found.posts[0].components == {"1": "major_outage"}
    assert {c.what for c in found.cannot} == {"Old", "Hidden", "n@example.com"}


def test_instatus_is_read_with_parents_as_groups():
    found = read("instatus", instatus())
    assert [(c.group, c.name, c.state) for c in found.components] == [("Shop", "Checkout", "partial_outage")]
    told = [p for p in found.posts if p.incident == "i"]
    assert [(p.status_word, p.body, dict(p.components)) for p in told] == [
        ("investigating", "We look.", {"a": "major_outage"}), ("resolved", "Over.", {"a": "operational"}),
    ]  # fmt: skip
    work = next(p for p in found.posts if p.incident == "m")
    assert work.scheduled_until == datetime(2026, 12, 24, 2, 30, tzinfo=UTC)
    assert {c.what for c in found.cannot} == {"Gone", "u@example.com", "s3"}


def test_uptime_kuma_is_read_and_a_monitor_in_two_groups_stays_in_the_first():
    found = read("kuma", kuma())
    assert [(c.group, c.name) for c in found.components] == [("Shop", "Checkout"), ("All", "API")]
    assert [(p.incident, p.status_word) for p in found.posts] == [
        ("i4", "investigating"),
        ("m5", "scheduled"),
    ]
    assert {c.what: c.why for c in found.cannot} == {
        "Checkout": "It is in two groups; it stays in Shop.", "Never": "It has no time of its own.",
    }  # fmt: skip


def test_the_plan_says_what_is_taken_what_changes_and_what_is_there_already():
    document = statuspage()
    document["components"].append({"id": "c9", "name": "API", "status": "operational"})
    document["incidents"][1]["incident_updates"] *= 2  # the same update twice is one
    document["incidents"][0]["incident_updates"][0]["affected_components"][0]["code"] = "gone"
    told = lines("statuspage", document)
    assert ("ok", "component", "Checkout") in told
    assert ("change", "component", "API") in told, "two of one name become one"
    assert ("change", "incident", "Checkout is slow") in told, (
        "a component that is not there is left out of it"
    )
    assert ("ok", "maintenance", "Larger database") in told
    assert ("cannot", "component", "Odd") in told

    found = read("statuspage", statuspage())
    first = plan(found, "page", {}, ())
    again = plan(
        found,
        "page",
        {("Shop", "Checkout"): "x", ("Shop", "Search"): "y", ("", "API"): "z"},
        [i for i, _, _ in first.posts],
    )
    assert again.components == () and again.posts == ()
    assert {one.verdict for one in again.lines if one.kind != "subscriber"} == {"there", "cannot"}
    assert plan(found, "other", {}, [i for i, _, _ in first.posts]).posts, "another page has none of them yet"


def test_a_public_ref_can_always_stand_in_an_address():
    assert public_ref("statuspage", "i1") == "statuspage-i1"
    for odd in ("../etc", "a b", "ü", "x" * 200, ""):
        assert public_ref("kuma", odd).replace("-", "").replace("_", "").isalnum()
        assert len(public_ref("kuma", odd)) <= 40
    assert public_ref("kuma", "a b") != public_ref("kuma", "a-b"), "two are never one"


@pytest.mark.parametrize("document", [None, [], "x", 7, {}, {"other": 1}])
def test_what_is_of_nothing_we_know_is_refused_with_what_to_bring(document):
    with pytest.raises(Refused, match="document"):
        read("statuspage", document)
    with pytest.raises(Refused, match="product"):
        read("pager", {"components": []})


WRONG = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["id", "name", "status", "components", "updates", "incident_updates", "data", "group", "started", "start"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.parametrize("product", PRODUCTS)
@given(where=st.randoms(use_true_random=False), put=WRONG)
def test_a_document_with_anything_wrong_anywhere_is_read_around_it(product, where, put):
    document = json.loads(json.dumps(DOCUMENTS[product]()))
    at: Any = document
    while True:
        key = where.choice(list(at) if isinstance(at, dict) else range(len(at))) if at else None
        if key is None:
            break
        if isinstance(at[key], dict | list) and at[key] and where.random() < 0.8:
            at = at[key]
        else:
            at[key] = put
            break
    try:
        planned = plan(read(product, document), "page", {}, ())
    except Refused:
        return
    assert all(one.what == one.what.strip() for one in planned.lines)
    assert len({i for i, _, _ in planned.posts}) == len(planned.posts), "nothing comes in twice"
