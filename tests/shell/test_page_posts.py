"""Posts on a status page without an incident, over REST: made, corrected, told once, put into other languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.comms import acknowledging, drafting
from quarterdeck.app.incidents import incidents
from quarterdeck.app.status import page_posts, publishing
from quarterdeck.app.subscribers import subscriber_notices
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from quarterdeck.web.present import board
from quarterdeck.web.present.telling import closings
from support.rest import Answer, Organisation
from support.reviewed import declared, organisation, reviewed
from support.reviewed import told as told_all
from support.world import World

POSTS = "/status-pages/shop/posts"


def hours(n: float) -> str:
    return text(datetime.now(UTC) + timedelta(hours=n))


def notice(**more: Any) -> dict[str, Any]:
    return {
        "title": "Cards fail", "body": "Some cards are declined.", "reason": "It is a partner's.",
        "next_update_at": hours(1),
    } | more  # fmt: skip


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    ana = o.call("ana")
    assert ana.post("/status-pages", {"key": "shop", "title": "Shop"}).status == 201
    assert ana.post("/status-pages/shop/components", {"name": "Checkout"}).status == 201
    return o


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[subscriber_notices.Posted]:
    """What subscribers were to be told, in the order of the posts."""
    heard: list[subscriber_notices.Posted] = []

    def tell(posted: subscriber_notices.Posted) -> None:
        heard.append(posted)
        subscriber_notices.tell(posted)

    monkeypatch.setattr(page_posts, "tell", tell)
    return heard


def component() -> models.Component:
    return models.Component.objects.get()


def shown(org: Organisation) -> Any:
    """The page as its readers see it now."""
    return publishing.page_snapshot(models.StatusPage.objects.get(), datetime.now(UTC))


def post(org: Organisation, handle: str = "ana", **more: Any) -> Answer:
    return org.call(handle).post(POSTS, notice(**more))


@pytest.mark.requirement("R-044")
def test_a_notice_goes_its_way_to_the_summary_and_subscribers_hear_each_step_once(
    org: Organisation, told: list[subscriber_notices.Posted]
) -> None:
    states = {component().id: "partial_outage"}
    first = post(org, components=states)
    assert first.status == 201, first.json
    assert (first.status, first.json["status"], first.json["source"]) == (201, "investigating", "hand")
    ref = first.json["ref"]
    assert (component().state, shown(org).open_incidents[0].title) == ("partial_outage", "Cards fail")
    assert org.call("ana").post(POSTS, {"body": "News.", "ref": ref}).json["error"]["fields"].keys() == {
        "next_update_at"
    }
    for said in (
        {"status": "identified", "next_update_at": hours(2)},
        {"kind": "correction", "corrects": first.json["id"]},
        {"status": "resolved", "components": {component().id: "operational"}},
        {"kind": "summary"},
    ):
        made = org.call("ana").post(POSTS, {"body": "News.", "ref": ref} | said)
        assert made.status == 201, made.json
    assert [t.event for t in told] == ["opened", "updated", "corrected", "resolved", "summary"]
    assert {t.ref for t in told} == {ref} and {t.title for t in told} == {"Cards fail"}
    view = shown(org).history[0].days[0].incidents[0]
    assert [p.kind for p in view.posts] == ["summary", "update", "correction", "update", "update"]
    assert view.posts[2].corrects == first.json["id"]
    assert (view.status, component().state, shown(org).open_incidents) == ("postmortem", "operational", ())
    assert len(org.call("ana").get(f"{POSTS}?ref={ref}").json["items"]) == 5


def test_subscribers_hear_of_what_is_over_only_when_somebody_says_so(
    org: Organisation, told: list[subscriber_notices.Posted]
) -> None:
    past = {"started_at": hours(-3), "ended_at": hours(-2), "next_update_at": None}
    assert post(org, **past).status == 201
    assert told == []
    assert post(org, **past, tell=True).status == 201
    assert len(told) == 1


def test_maintenance_that_was_imported_is_ended_here(org: Organisation) -> None:
    page = models.StatusPage.objects.get()
    models.PagePost.objects.create(
        id="imp-1", page=page, incident_ref="theirs-1", source="import", title="Move", body="Planned.",
        status_word="scheduled", at=datetime.now(UTC) - timedelta(days=2), impact="maintenance",
        scheduled_for=datetime.now(UTC) - timedelta(days=1), scheduled_until=datetime.now(UTC),
    )  # fmt: skip
    assert [i.ref for i in shown(org).maintenance] == ["theirs-1"]
    ended = org.call("ana").post(POSTS, {"body": "Not needed.", "ref": "theirs-1", "status": "cancelled"})
    assert (ended.status, ended.json["status"]) == (201, "cancelled")
    assert shown(org).maintenance == ()
    learned = org.call("ana").post(POSTS, {"body": "It can wait.", "ref": "theirs-1", "kind": "summary"})
    assert (learned.status, learned.json["status"]) == (201, "cancelled")
    (over,) = shown(org).history[0].days[0].incidents
    assert (over.status, over.impact, over.posts[0].kind) == ("cancelled", "maintenance", "summary")


def test_a_retry_with_the_same_key_posts_and_tells_once(
    org: Organisation, told: list[subscriber_notices.Posted]
) -> None:
    ana = org.call("ana")
    first = ana.post(POSTS, notice(), Idempotency_Key="k" * 120)
    again = ana.post(POSTS, notice(title="Another"), Idempotency_Key="k" * 120)
    assert (again.status, again.json["id"]) == (201, first.json["id"])
    assert (models.PagePost.objects.count(), len(told)) == (1, 1)
    assert ana.post(POSTS, notice(), Idempotency_Key="two words").code == "request.token"


def test_a_post_that_is_refused_leaves_nothing_behind(
    org: Organisation, told: list[subscriber_notices.Posted]
) -> None:
    before = models.StatusPage.objects.get().revision
    for wrong, code in (
        ({"reason": ""}, "post.reason"), ({"next_update_at": None}, "next_update_at.missing"),
        ({"components": {component().id: "broken"}}, "component.state"), ({"language": "xx"}, "language.unknown"),
        ({"body": "It began at [time?]."}, "post.unfilled"), ({"ref": "nothing"}, "post.unknown"),
    ):  # fmt: skip
        assert post(org, **wrong).code == code
    assert post(org, body="x" * 10_001).status == 422
    assert post(org, started_at="yesterday").status == 422
    assert (models.PagePost.objects.count(), told) == (0, [])
    assert (models.StatusPage.objects.get().revision, component().state) == (before, "operational")
    assert org.call("ed", "executive").post(POSTS, notice()).status == 403


def test_what_is_entered_later_is_marked_and_counts_in_the_bars_of_its_day(org: Organisation) -> None:
    models.ComponentState.objects.update(at=datetime.now(UTC) - timedelta(days=30))
    made = post(
        org, next_update_at=None, started_at=hours(-50), ended_at=hours(-48), components={component().id: "major_outage"},
        tell=False,
    )  # fmt: skip
    assert (made.status, made.json["status"], made.json["retroactive"]) == (201, "resolved", True)
    page = shown(org)
    view = page.history[0].days[0].incidents[0]
    assert (view.retroactive, text(view.started_at)[:16]) == (True, hours(-50)[:16])
    record = page.groups[0].components[0].record
    assert sum(d.major_seconds for d in record.days) == 7200
    assert (component().state, record.state, page.open_incidents) == ("operational", "operational", ())


@pytest.mark.requirement("R-042")
def test_while_an_open_incident_is_told_there_only_its_page_manager_or_commander_posts(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    holder = org.call("sam") and org.id("sam")
    assert org.call("ana").put(
        f"/incidents/{incident}/roles/status_page_manager/holder", {"person": holder}
    ).status == 200  # fmt: skip
    assert post(org, "gus").status == 201, "the incident says nothing on this page yet"
    said = {
        "audience": "customers_all", "headline": "Checkout fails", "customer_effect": "You cannot pay",
        "action": "We roll back", "next_update_at": hours(1), "pages": ["shop"],
    }  # fmt: skip
    draft = org.call("ana").post(f"/incidents/{incident}/messages", said).json
    where = f"/incidents/{incident}/messages/{draft['id']}/release"
    assert org.call("ana").put(where, {"content_hash": draft["content_hash"]}).status == 200
    refused = post(org, "gus")
    assert (refused.status, refused.code) == (403, "grant.page.publish")
    assert "Checkout is down" not in str(refused.json), "its internal title is not told"
    broken = post(org, "gus", break_glass="Sam and Ana are not reached")
    assert broken.status == 201
    kept = str(models.Event.objects.filter(kind="PagePosted").latest("seq").data)
    assert f"Broke the glass beside {incident}: Sam and Ana are not reached" in kept
    assert post(org, "sam").status == post(org, "ana").status == 201
    own = f"{POSTS}/{broken.json['id']}/words/de"
    refused = org.call("gus").put(own, {"body": "Auf Deutsch."})
    assert (refused.status, refused.code) == (403, "grant.page.publish")
    said = {"body": "Auf Deutsch.", "break_glass": "Sam and Ana are still not reached"}
    assert org.call("gus").put(own, said).status == 200
    kept = str(models.Event.objects.filter(kind="PostTranslated").latest("seq").data)
    assert "Sam and Ana are still not reached" in kept
    about = org.call("sam").post(POSTS, {"body": "News", "ref": incident, "next_update_at": hours(1)})
    assert about.code == "post.of_incident"
    update = models.PageUpdateRow.objects.get().id
    words = {"title": "Kasse gestört", "body": "Zahlungen schlagen fehl."}
    assert org.call("gus").put(f"{POSTS}/{update}/words/de", words).status == 403
    before = models.StatusPage.objects.get().revision
    assert org.call("sam").put(f"{POSTS}/{update}/words/de", words).json == words
    assert models.StatusPage.objects.get().revision == before + 1
    view = next(i for i in shown(org).open_incidents if i.ref == incident)
    assert (view.title, view.titles, dict(view.posts[0].words)) == (
        "Checkout fails",
        {"de": "Kasse gestört"},
        {"de": ("Kasse gestört", "Zahlungen schlagen fehl.")},
    )
    assert models.MessageRow.objects.get(id=draft["id"]).headline == "Checkout fails"


def test_a_correction_of_a_released_message_stands_beside_it(org: Organisation) -> None:
    incident = org.declare("ana")
    said = {
        "audience": "customers_all", "headline": "Checkout fails", "customer_effect": "You cannot pay",
        "action": "We roll back", "next_update_at": hours(1), "pages": ["shop"],
    }  # fmt: skip
    ids = []
    for more in ({}, {"headline": "Only cards fail"}):
        more = more | ({"corrects": ids[0]} if ids else {})
        draft = org.call("ana").post(f"/incidents/{incident}/messages", said | more).json
        where = f"/incidents/{incident}/messages/{draft['id']}/release"
        assert org.call("ana").put(where, {"content_hash": draft["content_hash"]}).status == 200
        ids.append(draft["id"])
    newest, first = shown(org).open_incidents[0].posts
    assert (newest.kind, newest.corrects, first.kind) == ("correction", first.id, "update")
    assert "Checkout fails" in first.body and "Only cards fail" in newest.body


def test_a_translation_leaves_the_original_and_tells_nobody_again(
    org: Organisation, told: list[subscriber_notices.Posted]
) -> None:
    ana, one = org.call("ana"), post(org).json["id"]
    other = ana.post(POSTS, notice(title="Gifts")).json["id"]
    path = f"{POSTS}/{one}/words"
    assert ana.get("/status-pages/shop/untranslated").json["items"] == []
    assert ana.put(f"{path}/de", {"title": "Karten", "body": "Karten werden abgelehnt."}).status == 200
    waits = ana.get("/status-pages/shop/untranslated").json["items"]
    assert [(w["post"], w["language"], w["title"]) for w in waits] == [(other, "de", "Gifts")]
    assert (
        ana.put(f"{path}/de", {"title": "Karten", "body": "Manche Karten."}).json["body"] == "Manche Karten."
    )
    row = ana.get(f"{POSTS}/{one}").json
    assert (row["body"], row["words"]["de"]["body"]) == ("Some cards are declined.", "Manche Karten.")
    assert len(told) == 2
    assert ana.put(f"{path}/en", {"body": "x"}).code == "language.own"
    assert ana.put(f"{path}/tlh", {"body": "x"}).code == "language.unknown"
    assert ana.put(f"{path}/de", {"body": " "}).code == "post.body"
    assert ana.put(f"{POSTS}/none/words/de", {"body": "x"}).status == 404
    assert org.call("ed", "executive").put(f"{path}/de", {"body": "x"}).status == 403


def test_a_template_is_kept_and_refused_with_fields_that_nothing_fills(org: Organisation) -> None:
    ana = org.call("ana")
    said = {"name": "Partner", "title": "{{ components }} disturbed", "body": "Since {{ time }}."}
    made = ana.post("/post-templates", said)
    assert (made.status, made.json["status"]) == (201, "investigating")
    assert ana.post("/post-templates", said).code == "template.name"
    assert (
        ana.post("/post-templates", said | {"name": "b", "body": "{{ commander }}"}).code == "template.field"
    )
    assert ana.post("/post-templates", said | {"name": "b", "body": "{% for %}"}).code == "template.field"
    where = f"/post-templates/{made.json['id']}"
    assert ana.put(where, said | {"name": "Partners", "status": "identified"}).json["name"] == "Partners"
    assert org.call("ed", "executive").delete(where).status == 403
    assert ana.delete(where).status == 204
    assert ana.get("/post-templates").json["items"] == []


def test_the_audit_says_who_posted_and_why_no_incident_was_declared(org: Organisation) -> None:
    post(org)
    event = models.Event.objects.filter(stream="installation", kind="PagePosted").latest("id")
    assert "It is a partner's." in event.data and event.actor == org.id("ana")
    assert "It is a partner's." not in str(shown(org))


def test_the_summary_of_a_review_is_drafted_released_and_shown_on_the_page(db: None) -> None:
    world = organisation(World())
    incident = reviewed(world)
    incidents.change_phase(world.act("ana"), incident, "analysis", "The review begins")
    side = closings(casebook.load(incident), world.act("ana").who)
    assert side["page_summary"].endswith("communication?draft=1&audience=customers_all#message")
    content = drafting.first_draft(casebook.load(incident), "customers_all", world.now)
    assert (content.status_word, content.final) == ("postmortem", True)
    told_all(world, incident, "What happened", final=True, next_update_at=None)
    page = publishing.page_snapshot(models.StatusPage.objects.get(), world.now)
    view = page.history[0].days[0].incidents[0]
    assert [p.kind for p in view.posts] == ["summary", "update", "update"]
    assert view.status == "postmortem"
    assert closings(casebook.load(incident), world.act("ana").who)["page_summary"] == ""


def test_the_impact_matrix_fills_a_draft_and_says_why(db: None) -> None:
    world = organisation(World())
    component = models.Component.objects.get()
    component.services.add(models.Service.objects.get(key="checkout"))
    models.Service.objects.update(tier=5)
    case = casebook.load(declared(world, severity=1))
    assert drafting.first_draft(case, "customers_all", world.now).components == {
        component.id: "partial_outage"
    }
    form = board.empty_form(case, "customers_all", world.now)
    assert form["components"][0]["suggested"] == "SEV1 on Checkout (tier 5) suggests partial outage."


def test_customers_are_told_no_name_that_stands_on_a_closed_page_alone(db: None) -> None:
    """Not in a first draft, and not in the acknowledgement that one act sends."""
    world = organisation(World())
    component = models.Component.objects.get()
    component.services.add(models.Service.objects.get(key="checkout"))
    case = casebook.load(declared(world, severity=1))

    def told() -> str:
        first = acknowledging.first_word(case, world.now)
        assert first is not None
        draft = drafting.first_draft(case, "customers_all", world.now)
        return f"{first.content.headline} {first.content.customer_effect} {draft.headline} {draft.body}"

    assert component.name in told()
    models.StatusPage.objects.update(public=False)
    assert component.name not in told() and "our services" in told()
    page = models.StatusPage.objects.create(id="p2", key="p2", title="Two", created_at=world.now)
    models.ShownComponent.objects.create(
        page=page, component=component, name="Bookings", created_at=world.now
    )
    assert component.name not in told() and "Bookings" in told()
    assert component.name in drafting.facts(case, "staff", None, world.now)["components"], (
        "colleagues know it"
    )
