"""What machines read: Statuspage's JSON, Atom and RSS, and the pictures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as Xml

import feedparser
import pytest

from quarterdeck.channels.status_site import SiteSettings, markup, render
from quarterdeck.core.status import Component, Post, StateChange, StatusPage, snapshot
from support.status_sample import COMPONENTS, NOW, PAGE, URL, at, busy_page, changes, posts, quiet_page

SITE = SiteSettings(URL, created_at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
COMPONENT_WORDS = {
    "operational",
    "degraded_performance",
    "partial_outage",
    "major_outage",
    "under_maintenance",
}
INCIDENT_WORDS = {"investigating", "identified", "monitoring", "resolved", "postmortem"}
MAINTENANCE_WORDS = {"scheduled", "in_progress", "verifying", "completed"}
COMPONENT_FIELDS = {
    "id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date",
    "group_id", "page_id", "group", "only_show_if_degraded",
}  # fmt: skip
INCIDENT_FIELDS = {
    "id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at", "impact", "shortlink",
    "started_at", "page_id", "incident_updates", "components",
}  # fmt: skip
UPDATE_FIELDS = {
    "id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components",
    "deliver_notifications", "custom_tweet", "tweet_id",
}  # fmt: skip


def api(files: dict[str, bytes], name: str):
    return json.loads(files[f"api/v2/{name}.json"])


@pytest.fixture(scope="module")
def files():
    return render(busy_page(), SITE)


def test_the_summary_of_a_small_page_is_exactly_statuspages():
    page = snapshot(
        StatusPage("shop", "Shop", "Europe/Berlin"),
        [Component("pay", "", "Payments", "Cards", 1)],
        [StateChange("pay", "operational", at("08:00", 9)), StateChange("pay", "partial_outage", at("13:00"))],
        [Post("u1", "INC-7", "Cards fail", "identified", "We are on it.", at("13:05"),
              components={"pay": "partial_outage"}, started_at=at("13:00"))],
        NOW,
    )  # fmt: skip
    component = {
        "id": "pay",
        "name": "Payments",
        "status": "partial_outage",
        "created_at": "2026-01-05T09:00:00.000Z",
        "updated_at": "2026-11-18T13:05:00.000Z",
        "position": 1,
        "description": "Cards",
        "showcase": True,
        "start_date": None,
        "group_id": None,
        "page_id": "shop",
        "group": False,
        "only_show_if_degraded": False,
    }
    assert api(render(page, SITE), "summary") == {
        "page": {
            "id": "shop",
            "name": "Shop",
            "url": "https://status.corvane.example",
            "time_zone": "Europe/Berlin",
            "updated_at": "2026-11-18T14:28:00.000Z",
        },
        "components": [component],
        "incidents": [
            {
                "id": "INC-7",
                "name": "Cards fail",
                "status": "identified",
                "created_at": "2026-11-18T13:05:00.000Z",
                "updated_at": "2026-11-18T13:05:00.000Z",
                "monitoring_at": None,
                "resolved_at": None,
                "impact": "major",
                "shortlink": "https://status.corvane.example/incidents/INC-7/",
                "started_at": "2026-11-18T13:00:00.000Z",
                "page_id": "shop",
                "incident_updates": [
                    {
                        "id": "u1",
                        "status": "identified",
                        "body": "We are on it.",
                        "incident_id": "INC-7",
                        "created_at": "2026-11-18T13:05:00.000Z",
                        "updated_at": "2026-11-18T13:05:00.000Z",
                        "display_at": "2026-11-18T13:05:00.000Z",
                        "affected_components": [
                            {
                                "code": "pay",
                                "name": "Payments",
                                "old_status": "operational",
                                "new_status": "partial_outage",
                            }
                        ],
                        "deliver_notifications": True,
                        "custom_tweet": None,
                        "tweet_id": None,
                    }
                ],
                "components": [component],
            }
        ],
        "scheduled_maintenances": [],
        "status": {"indicator": "major", "description": "Partial System Outage"},
    }


def test_every_document_has_the_fields_and_words_that_readers_know(files):
    assert {name for name in files if name.startswith("api/") and name.endswith(".json")} == {
        f"api/v2/{name}.json"
        for name in (
            "summary", "status", "components", "incidents", "incidents/unresolved", "scheduled-maintenances",
            "scheduled-maintenances/upcoming", "scheduled-maintenances/active",
        )
    }  # fmt: skip
    for component in api(files, "components")["components"]:
        assert set(component) - {"components"} == COMPONENT_FIELDS
        assert component["status"] in COMPONENT_WORDS
        assert ("components" in component) is component["group"]
    for incident in api(files, "incidents")["incidents"]:
        assert set(incident) == INCIDENT_FIELDS
        assert incident["status"] in INCIDENT_WORDS
        assert incident["impact"] in {"none", "minor", "major", "critical", "maintenance"}
        assert all(set(update) == UPDATE_FIELDS for update in incident["incident_updates"])
        times = [update["display_at"] for update in incident["incident_updates"]]
        assert times == sorted(times, reverse=True)
    for planned in api(files, "scheduled-maintenances")["scheduled_maintenances"]:
        assert set(planned) == INCIDENT_FIELDS | {"scheduled_for", "scheduled_until"}
        assert planned["status"] in MAINTENANCE_WORDS


def test_open_incidents_and_coming_work_are_in_the_summary_and_past_ones_are_not(files):
    summary = api(files, "summary")
    assert [i["id"] for i in summary["incidents"]] == ["INC-1043", "INC-1042"]
    assert [m["id"] for m in summary["scheduled_maintenances"]] == ["MNT-17"]
    assert api(files, "incidents/unresolved")["incidents"] == summary["incidents"]
    assert [m["id"] for m in api(files, "scheduled-maintenances/upcoming")["scheduled_maintenances"]] == [
        "MNT-17"
    ]
    assert api(files, "scheduled-maintenances/active")["scheduled_maintenances"] == []
    assert {i["id"] for i in api(files, "incidents")["incidents"]} >= {"INC-1039", "INC-0987", "INC-1042"}


def test_groups_list_their_components_and_components_their_group(files):
    listed = api(files, "components")["components"]
    groups = {entry["id"]: entry for entry in listed if entry["group"]}
    assert [group["name"] for group in groups.values()] == ["Selling", "Boarding", "Back office"]
    for entry in listed:
        if not entry["group"]:
            assert entry["id"] in groups[entry["group_id"]]["components"]


def test_words_of_our_own_become_words_of_the_interface():
    flow = [
        Post("a", "INC-1", "t", "postmortem pending", "b", at("10:00", 2)),
        Post(
            "b",
            "MNT-1",
            "t",
            "cancelled",
            "b",
            at("10:00", 2),
            impact="maintenance",
            scheduled_for=at("10:00", -1),
        ),
        Post(
            "c",
            "MNT-2",
            "t",
            "in_progress",
            "b",
            at("10:00"),
            impact="maintenance",
            scheduled_for=at("10:00"),
        ),
    ]
    files = render(snapshot(PAGE, COMPONENTS, [], flow, NOW), SITE)
    assert [i["status"] for i in api(files, "incidents")["incidents"]] == ["resolved"]
    planned = {m["id"]: m["status"] for m in api(files, "scheduled-maintenances")["scheduled_maintenances"]}
    assert planned == {"MNT-1": "completed", "MNT-2": "in_progress"}
    assert [m["id"] for m in api(files, "scheduled-maintenances/active")["scheduled_maintenances"]] == [
        "MNT-2"
    ]
    assert api(files, "status")["status"] == {
        "indicator": "maintenance",
        "description": "Service Under Maintenance",
    }


def test_a_quiet_page_is_operational():
    assert api(render(quiet_page(), SITE), "status")["status"] == {
        "indicator": "none",
        "description": "All Systems Operational",
    }


def test_json_stays_inert_when_it_is_taken_for_a_page():
    nasty = "</script><script>alert(1)</script>&\u2028"
    page = snapshot(
        StatusPage("p", nasty), [Component("c", nasty, nasty, nasty)], [],
        [Post("u", "INC-1", nasty, "investigating", nasty, at("10:00"), components={"c": "major_outage"})], NOW,
    )  # fmt: skip
    files = render(page, SITE)
    for name, content in files.items():
        if name.endswith(".json"):
            assert not set(content.decode()) & set("<>&\u2028")
    assert api(files, "summary")["incidents"][0]["name"] == nasty


@pytest.mark.parametrize("name", ["feed.atom", "history.atom", "history.rss", "incidents/INC-1042/feed.atom"])
def test_a_feed_reader_reads_every_feed(files, name):
    read = feedparser.parse(files[name])
    assert not read.bozo, read.get("bozo_exception")
    assert read.entries
    assert all(entry.id and entry.title and entry.link.startswith(URL) for entry in read.entries)
    assert len({entry.id for entry in read.entries}) == len(read.entries)


def test_an_entry_keeps_its_id_while_its_incident_goes_on(files):
    more = Post("pay-9", "INC-1042", "", "monitoring", "Payments work again.", at("14:30"))
    later = render(snapshot(PAGE, COMPONENTS, changes(), [*posts(), more], NOW + timedelta(minutes=5)), SITE)
    before = {e.id: e for e in feedparser.parse(files["history.atom"]).entries}
    after = {e.id: e for e in feedparser.parse(later["history.atom"]).entries}
    assert set(before) == set(after)
    changed = [id_ for id_ in before if before[id_].updated != after[id_].updated]
    assert changed == ["tag:status.corvane.example,2005:Incident/INC-1042"]
    assert "Payments work again." in after[changed[0]].content[0].value
    assert before[changed[0]].published == after[changed[0]].published


def test_the_short_feed_leaves_out_what_is_long_over(files):
    short = {entry.title for entry in feedparser.parse(files["feed.atom"]).entries}
    whole = {entry.title for entry in feedparser.parse(files["history.atom"]).entries}
    assert "Wallets slow after a release" in whole - short
    assert "Card payments failing at checkout" in short


def test_a_feed_that_did_not_change_is_the_same_bytes(files):
    later = render(snapshot(PAGE, COMPONENTS, changes(), posts(), NOW + timedelta(minutes=1)), SITE)
    assert later["history.atom"] == files["history.atom"]
    assert later["history.rss"] == files["history.rss"]


@pytest.mark.parametrize(
    "nasty", ["<script>alert(1)</script>", "]]>", "&bogus;", "a\x00b\x0c\ufffec", "\ud800x", "<![CDATA["]
)
def test_feeds_stay_readable_and_inert_with_any_text(nasty):
    page = snapshot(
        StatusPage("p", nasty), [], [], [Post("u", "INC-1", nasty, "investigating", nasty, at("10:00"))], NOW
    )
    files = render(page, SITE)
    for name in ("feed.atom", "history.atom", "history.rss"):
        read = feedparser.parse(files[name], sanitize_html=False)
        assert not read.bozo
        entry = read.entries[0]
        told = entry.get("content", [{"value": entry.get("summary", "")}])[0]["value"]
        assert "<script" not in told


def test_the_badge_is_a_drawing_with_words_and_nothing_else():
    for text in ("Shop", "</svg><script>alert(1)</script>", '"onload="alert(1)', "長い名前のサービス"):
        page = snapshot(StatusPage("p", text), [], [], [], NOW)
        files = render(page, SITE)
        for name in ("badge.svg", "icon.svg"):
            drawing = Xml.fromstring(files[name])
            tags = {node.tag.partition("}")[2] for node in drawing.iter()}
            assert tags <= {"svg", "title", "rect", "path", "g", "text", "circle"}
            assert not [
                a for node in drawing.iter() for a in node.attrib if a.startswith("on") or "href" in a
            ]
        assert drawing is not None
        assert "Operational" in files["badge.svg"].decode()


def test_words_without_their_marks_keep_the_blanks_they_had() -> None:
    said = "We **look**.\nSee [our *notes*](https://example.com), then wait.\n\nSoon over."
    assert markup.plain(said) == "We look. See our notes, then wait. Soon over."
