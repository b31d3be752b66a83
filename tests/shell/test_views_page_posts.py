"""Posting on a status page in the browser: forms keep what was typed, and what is hostile stays text."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from quarterdeck.app.alerts import alerts
from quarterdeck.app.status import publishing, status_pages
from quarterdeck.channels import status_site
from quarterdeck.store import models
from support.browsing import alert, browser, company, field, words
from support.hostile import HOSTILE
from support.html_page import Page, html_files

NEW = "/status-pages/shop/posts/new"


@pytest.fixture
def world(db):
    world = company()
    status_pages.create_page(world.act("ana"), "shop", "Shop")
    status_pages.create_component(world.act("ana"), "shop", "Buying", services=["checkout"])
    return world


def local(hours: float) -> str:
    return f"{timezone.localtime() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


def notice(**more: str) -> dict[str, str]:
    return {
        "title": "Cards fail", "status": "investigating", "body": "Some cards are declined.",
        "next_update_at": local(1), "reason": "It is a partner's.", "tell": "on",
    } | more  # fmt: skip


def component() -> models.Component:
    return models.Component.objects.get()


def test_a_notice_is_posted_updated_corrected_resolved_and_summed_up(world):
    ben = browser(world, "ben")
    said = ben.post(NEW, notice(**{f"component.{component().id}": "partial_outage"}), follow=True)
    assert "Posted. It is published within seconds." in words(said)
    first = models.PagePost.objects.get()
    where = f"/status-pages/shop/posts/{first.incident_ref}"
    assert component().state == "partial_outage"
    ben.post(where, {"do": "update", "status": "identified", "body": "Found it.", "next_update_at": local(1)})
    ben.post(where, {"do": "correction", "corrects": first.id, "body": "Not all cards."})
    ben.post(where, {"do": "update", "status": "resolved", "body": "Over."})
    ben.post(where, {"do": "summary", "body": "What we learned."})
    rows = models.PagePost.objects.order_by("id")
    assert [(r.kind, r.status_word) for r in rows] == [
        ("update", "investigating"), ("update", "identified"), ("correction", "identified"),
        ("update", "resolved"), ("summary", "postmortem"),
    ]  # fmt: skip
    seen = words(ben.get(where))
    assert "Corrects: “Some cards are declined.”" in seen and "What we learned." in seen
    assert "Cards fail" in words(ben.get("/status-pages/shop/posts"))


def test_a_refusal_shows_what_was_typed_and_what_is_wrong_at_its_field(world):
    ben = browser(world, "ben")
    said = ben.post(NEW, notice(next_update_at="", **{f"component.{component().id}": "major_outage"}))
    assert said.status_code == 422
    assert "Say when the next update comes, or that it is resolved." in words(said)
    assert "Some cards are declined." in said.content.decode()
    assert re.search(r'value="major_outage" selected', said.content.decode())
    for wrong in ({"next_update_at": "soon"}, {"body": "x" * 10_001}, {"status": "on fire"}, {"reason": ""}):
        assert ben.post(NEW, notice(**wrong)).status_code == 422
    assert (models.PagePost.objects.count(), component().state) == (0, "operational")


def test_a_form_that_is_sent_twice_posts_once(world):
    ben = browser(world, "ben")
    token = field(ben.get(NEW), "token")[0]
    for _ in range(2):
        ben.post(NEW, notice(token=token))
    assert models.PagePost.objects.count() == 1


def test_what_is_over_is_entered_with_its_times(world):
    ben = browser(world, "ben")
    past = {"title": "Mail was late", "body": "It was.", "reason": "Nobody saw it.",
            "started_at": local(-30), "ended_at": local(-29)}  # fmt: skip
    assert (
        ben.post("/status-pages/shop/posts/past", past | {"started_at": "", "ended_at": ""}).status_code
        == 422
    )
    assert "entered later" in words(ben.post("/status-pages/shop/posts/past", past, follow=True))
    assert models.PagePost.objects.get().retroactive


@pytest.mark.requirement("R-046")
def test_what_alerts_propose_opens_a_post_with_the_component_filled_in(world):
    alert(world)
    ben = browser(world, "ben")
    link = html.unescape(
        re.search(r'href="(/status-pages/shop/posts/new\?[^"]*)"', ben.get("/status-pages").content.decode())[
            1
        ]
    )
    form = ben.get(link).content.decode()
    chosen = re.search(rf'name="component.{component().id}".*?</select>', form, re.S)[0]
    assert 'value="degraded_performance" selected' in chosen
    ben.post(link, notice(**{f"component.{component().id}": "degraded_performance"}))
    assert (component().state, component().proposed) == ("degraded_performance", "")
    alerts.resolve(world.act("ana"), models.Alert.objects.get().id)
    world.pass_time(minutes=20)
    assert component().state == "degraded_performance", "what a person posted, a person takes back"


def test_a_template_fills_the_form_with_the_component(world):
    ben = browser(world, "ben")
    said = {
        "name": "Partner",
        "title": "{{ components }} disturbed",
        "body": "Since {{ time }}.",
        "status_word": "identified",
    }
    assert "Partner" in words(ben.post("/post-templates/new", said, follow=True))
    made = models.PostTemplate.objects.get()
    page = ben.get(f"{NEW}?template={made.id}&component={component().id}")
    assert field(page, "title") == ["Buying disturbed"]
    page = ben.get(f"{NEW}?template={made.id}")
    assert field(page, "title") == ["[components?] disturbed"]
    assert "still lacks: components" in words(ben.post(NEW, notice(title="[components?] disturbed")))
    assert "Nothing is known to fill" in words(
        ben.post(f"/post-templates/{made.id}", said | {"body": "{{ secret }}"})
    )
    ben.post(f"/post-templates/{made.id}/removal")
    assert "No template yet" in words(ben.get("/post-templates"))


def test_words_in_another_language_are_added_beside_the_original(world):
    ben = browser(world, "ben")
    ben.post(NEW, notice())
    ben.post(NEW, notice(title="Gifts"))
    one, other = models.PagePost.objects.order_by("id")
    where = f"/status-pages/shop/posts/{one.id}/words/de"
    assert "Some cards are declined." in words(ben.get(where))
    ben.post(where, {"title": "Karten", "body": "Karten werden abgelehnt."})
    seen = ben.get("/status-pages/shop/posts").content.decode()
    assert f"/status-pages/shop/posts/{other.id}/words/de" in seen and where not in seen
    assert "Write what the post says" in words(ben.post(where, {"title": "Karten", "body": " "}))
    assert ben.get(f"/status-pages/shop/posts/{one.id}/words/xx").status_code == 422
    assert ben.get("/status-pages/shop/posts/none/words/de").status_code == 404


def test_who_only_looks_sees_the_list_and_posts_nothing(world):
    olga = browser(world, "olga")
    assert "New post" not in words(olga.get("/status-pages/shop/posts"))
    assert olga.get(NEW).status_code == olga.post(NEW, notice()).status_code == 403
    assert not models.PagePost.objects.exists()
    browser(world, "ben").post(NEW, notice())
    where = f"/status-pages/shop/posts/{models.PagePost.objects.get().incident_ref}"
    seen = olga.get(where)
    assert "Some cards are declined." in words(seen) and "Post an update" not in words(seen)
    said = {"do": "update", "status": "resolved", "body": "Over."}
    assert olga.post(where, said).status_code in (403, 422)
    assert models.PagePost.objects.count() == 1


def test_hostile_words_stay_text_on_every_page_feed_and_file(world):
    ben = browser(world, "ben")
    for nasty in HOSTILE:
        ben.post(NEW, notice(title=nasty, body=nasty))
        one = models.PagePost.objects.latest("id")
        ben.post(f"/status-pages/shop/posts/{one.id}/words/de", {"title": nasty, "body": nasty})
    assert models.PostWords.objects.count() == len(HOSTILE)
    page = models.StatusPage.objects.get()
    files = status_site.render(publishing.page_snapshot(page, timezone.now()), publishing.site_settings(page))
    threads = [f"/status-pages/shop/posts/{p.incident_ref}" for p in models.PagePost.objects.all()]
    ours = {path: ben.get(path).content for path in ("/status-pages/shop/posts", "/status-pages", *threads)}
    for name, content in (html_files(files) | ours).items():
        tags = Page(content).tags
        assert not [t for t, a in tags if t in ("iframe", "object") or any(n.startswith("on") for n in a)], (
            name
        )
        assert not [
            a for _, a in tags if str(a.get("href", "")).lower().startswith(("javascript:", "data:"))
        ], name
        own = [
            a for t, a in tags if t == "script" and not a.get("src") and a.get("type") != "application/json"
        ]
        assert not own, name
    for name, content in files.items():
        if name.endswith((".json", ".geojson")):
            json.loads(content)
        elif name.endswith((".atom", ".rss", ".xml", ".svg")):
            ElementTree.fromstring(content)
        if not name.endswith((".gz", ".br", ".png", ".ico")):
            assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", content.decode()), name


def test_homoglyphs_and_long_words_stay_as_they_were_written(world):
    ben = browser(world, "ben")
    ben.post(NEW, notice(title="Р\u0430ypal " + "w" * 150, body="a\u0301" * 4000))
    row = models.PagePost.objects.get()
    assert (row.title, row.body) == ("Р\u0430ypal " + "w" * 150, "a\u0301" * 4000)
    assert ben.post(NEW, notice(title="w" * 201)).status_code == 422
