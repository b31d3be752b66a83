"""The shape of Statuspage's JSON for any page: words, ids and times that its readers rely on, over two publications."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.channels.status_site import SiteSettings, render
from quarterdeck.channels.status_site.statuspage_json import files as documents
from quarterdeck.core.status import Component, Post, StateChange, StatusPage, snapshot
from support.budgets import examples

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = SiteSettings("https://status.corvane.example", created_at=NOW - timedelta(days=400))
PAGE = StatusPage("corvane", "Corvane status", "Europe/Berlin")
COMPONENT_WORDS = {
    "operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance",
}  # fmt: skip
INCIDENTS = ("investigating", "identified", "monitoring", "resolved", "postmortem pending", "postmortem")
PLANNED = ("scheduled", "in_progress", "verifying", "completed", "cancelled")
IMPACTS = {"none", "minor", "major", "critical", "maintenance"}
LISTS = {
    "summary": ("incidents", "scheduled_maintenances"),
    "incidents": ("incidents",),
    "incidents/unresolved": ("incidents",),
    "scheduled-maintenances": ("scheduled_maintenances",),
    "scheduled-maintenances/upcoming": ("scheduled_maintenances",),
    "scheduled-maintenances/active": ("scheduled_maintenances",),
}
ids = ("cards", "seats", "gates", "deep")
components_ = st.builds(
    lambda groups, parents, names: [
        Component(c, g, n, position=k, parent=p)
        for k, (c, g, p, n) in enumerate(zip(ids, groups, parents, names, strict=True))
    ],
    st.lists(st.sampled_from(["", "Selling", "Boarding"]), min_size=4, max_size=4),
    st.lists(st.sampled_from(["", *ids]), min_size=4, max_size=4),
    st.lists(st.text(min_size=1, max_size=8), min_size=4, max_size=4),
)
states_ = st.dictionaries(
    st.sampled_from([*ids, "elsewhere"]), st.sampled_from(sorted(COMPONENT_WORDS)), max_size=3
)


@st.composite
def posts_(draw):
    """Threads of incidents and of maintenance, each in its own words, with corrections, summaries and later entries."""
    made = []
    for number, planned in enumerate(draw(st.lists(st.booleans(), max_size=4))):
        ref = f"{'MNT' if planned else 'INC'}-{number}"
        words = list(
            draw(st.lists(st.sampled_from(PLANNED if planned else INCIDENTS), min_size=1, max_size=4))
        )
        if planned and words[-1] in ("completed", "cancelled") and draw(st.booleans()):
            words.append("postmortem")  # as other products end it
        start = draw(st.integers(0, 3_000))
        for step, word in enumerate(words):
            kind = (
                "summary"
                if word == "postmortem"
                else draw(st.sampled_from(["update", "update", "correction"]))
            )
            made.append(
                Post(
                    f"{ref}-{step}", ref, "Cards" if step == 0 else "", word, "…", NOW - (start - step) * MINUTE,
                    components=draw(states_), kind=kind, corrects=f"{ref}-0" if kind == "correction" else "",
                    retroactive=not planned and len(words) == 1, language=draw(st.sampled_from(["", "de"])),
                    scheduled_for=NOW + MINUTE if planned and step == 0 else None,
                    scheduled_until=NOW + 9 * MINUTE if planned and step == 0 else None,
                    impact=draw(st.sampled_from(["", "maintenance", "critical"])), started_at=NOW - (start + 9) * MINUTE if not planned else None,
                )
            )  # fmt: skip
    return made


def read(components, posts, changes, now):
    page = snapshot(PAGE, components, changes, posts, now)
    return {
        name.removeprefix("api/v2/").removesuffix(".json"): json.loads(body)
        for name, body in documents(page, SITE).items()
    }


def moments(value):
    if isinstance(value, dict):
        for name, one in value.items():
            if (name.endswith("_at") or name.startswith("scheduled_")) and isinstance(one, str):
                yield one
            else:
                yield from moments(one)
    elif isinstance(value, list):
        for one in value:
            yield from moments(one)


def check_thread(one, known, planned):
    words = {"scheduled", "in_progress", "verifying", "completed"} if planned else set(INCIDENTS)
    assert one["status"] in words - {"postmortem pending"}
    assert one["impact"] in IMPACTS
    assert {c["id"] for c in one["components"]} <= known.keys()
    assert all(c == known[c["id"]] for c in one["components"]), "a component reads alike wherever it stands"
    told = one["incident_updates"]
    assert [u["display_at"] for u in told] == sorted((u["display_at"] for u in told), reverse=True)
    for update in told:
        assert update["status"] in words - {"postmortem pending"}
        for affected in update["affected_components"] or []:
            assert affected["code"] in known
            assert {affected["old_status"], affected["new_status"]} <= COMPONENT_WORDS
    assert told[-1]["created_at"] == one["created_at"] <= one["updated_at"] == told[0]["display_at"]
    assert one["resolved_at"] is None or one["status"] in {"resolved", "postmortem", "completed"}


def check(told):
    assert {d["page"]["id"] for d in told.values()} == {"corvane"}
    listed = told["components"]["components"]
    known = {c["id"]: c for c in listed}
    assert len(known) == len(listed), "no id twice"
    for one in listed:
        assert one["status"] in COMPONENT_WORDS
        assert one["group_id"] is None or one["id"] in known[one["group_id"]]["components"]
        assert set(one.get("components", [])) <= known.keys()
        assert ("components" in one) is one["group"]
    assert told["summary"]["components"] == listed
    assert told["summary"]["status"] == told["status"]["status"]
    assert told["status"]["status"]["indicator"] in IMPACTS
    for name, parts in LISTS.items():
        for part in parts:
            assert not [i for i, n in Counter(o["id"] for o in told[name][part]).items() if n > 1]
            for one in told[name][part]:
                check_thread(one, known, part == "scheduled_maintenances")
                assert one["id"].startswith("MNT" if part == "scheduled_maintenances" else "INC")
    for one in moments(told):
        assert one.endswith("Z") and datetime.fromisoformat(one).tzinfo is not None
    whole = {o["id"]: o for o in told["incidents"]["incidents"]}
    assert told["summary"]["incidents"] == told["incidents/unresolved"]["incidents"]
    assert all(o == whole[o["id"]] for o in told["summary"]["incidents"])


@settings(max_examples=examples(15), deadline=None)
@given(components_, posts_(), st.integers(1, 5_000))
def test_what_readers_rely_on_holds_for_any_page_and_from_one_publication_to_the_next(
    components, posts, later
):
    changes = [StateChange(c, s, p.at) for p in posts for c, s in p.components.items()]
    first = read(components, posts, changes, NOW)
    check(first)
    second = read(components, posts, changes, NOW + later * MINUTE)
    check(second)
    assert second["status"]["page"]["updated_at"] >= first["status"]["page"]["updated_at"]
    for name in ("components", "incidents", "scheduled-maintenances"):
        part = name.replace("-", "_")
        then, now = ({o["id"]: o for o in told[name][part]} for told in (first, second))
        assert then.keys() <= now.keys()
        for key, one in then.items():
            assert one["created_at"] == now[key]["created_at"]
            assert one["updated_at"] <= now[key]["updated_at"]
            had, has = ([u["id"] for u in o.get("incident_updates", [])] for o in (one, now[key]))
            assert has[len(has) - len(had) :] == had, "what was told stays, below what came since"


@pytest.mark.parametrize("word", ["completed", "postmortem"])
def test_the_summary_of_maintenance_makes_no_incident_of_it_in_any_format(word):
    """By hand the word stays; other products say “postmortem” of it, too."""
    cards = Component("cards", "", "Cards")
    posts = [
        Post(f"p{n}", "MNT-1", "New switches", said, text, NOW - (9 - n) * MINUTE, {"cards": "under_maintenance"},
             kind=kind, scheduled_for=NOW - 8 * MINUTE, scheduled_until=NOW - MINUTE)
        for n, (said, text, kind) in enumerate(
            [("scheduled", "It is planned.", "update"), ("in_progress", "It began.", "update"),
             ("completed", "It is done.", "update"), (word, "We learned much.", "summary")]
        )
    ]  # fmt: skip
    outage = [StateChange("cards", "operational", NOW - timedelta(days=2)),
              StateChange("cards", "major_outage", NOW - 8 * MINUTE), StateChange("cards", "operational", NOW - 7 * MINUTE)]  # fmt: skip
    page = snapshot(PAGE, [cards], outage, posts, NOW)
    seen = page.history[0].days[0].incidents[0]
    assert (seen.status, seen.impact, seen.posts[0].kind) == ("completed", "maintenance", "summary")
    without = snapshot(PAGE, [cards], outage, posts[:-1], NOW)
    assert page.groups == without.groups, "and its time counts for no uptime as before"
    told = render(page, SITE)
    planned = json.loads(told["api/v2/scheduled-maintenances.json"])["scheduled_maintenances"]
    assert [(m["status"], m["impact"], len(m["incident_updates"])) for m in planned] == [
        ("completed", "maintenance", 4)
    ]
    assert json.loads(told["api/v2/incidents.json"])["incidents"] == []
    for name in ("history.atom", "history.rss"):
        (entry,) = feedparser.parse(told[name]).entries
        text = entry.content[0].value if name.endswith("atom") else entry.description
        assert "<strong>Summary</strong>" in text and "We learned much." in text
    (item,) = json.loads(told["feed.json"])["items"]
    assert "<strong>Summary</strong>" in item["content_html"]
    one = told["incidents/MNT-1/index.html"].decode()
    assert "We learned much." in one and "Summary" in one
    assert b"Report published" not in one.encode()
