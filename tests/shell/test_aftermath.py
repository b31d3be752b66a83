"""What an incident leaves behind, through REST and pages: debrief, lessons, the review's course, knowledge, training,
retention.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from quarterdeck.app import casebook
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.incidents import command, incidents, record
from quarterdeck.app.learning import reviews
from quarterdeck.app.technical import knowledge
from quarterdeck.store import models
from support.attacks import org, signed_in
from support.left_behind import entry_of, resolve
from support.rest import Organisation
from support.reviewed import declared, organisation, reviewed
from support.world import World

__all__ = ["org"]
PARTS = ("what_happened", "how_we_responded", "improvements", "root_cause")


@pytest.fixture
def world(db: None) -> World:
    return organisation(World())


# -- debrief and lessons


@pytest.mark.requirement("R-052")
def test_a_debrief_waits_at_resolve_and_its_lesson_is_found_by_search(org: Organisation) -> None:
    incident = org.declare("ana")
    resolve(org, incident)
    task = models.TaskRow.objects.get(incident_id=incident, kind="debrief")
    assert (task.assignee, task.state) == (org.id("ana"), "given")
    assert models.ReviewRow.objects.get(incident_id=incident).facilitator == org.id("ana")
    ana = signed_in(org, "ana")
    assert "Open the debrief" in ana.get(f"/incidents/{incident}").content.decode()
    form = ana.get(f"/incidents/{incident}/debrief").content.decode()
    assert 'name="went_well"' in form
    said = {"went_badly": "", "kind": ["change", "nonsense"], "lesson": ["Pools need zebra alarms", "x"]}
    again = ana.post(f"/incidents/{incident}/debrief/hold", said)
    assert again.status_code == 422 and "Pools need zebra alarms" in again.content.decode()
    said["kind"][1] = "keep"
    assert ana.post(f"/incidents/{incident}/debrief/hold", said).status_code == 302
    assert models.TaskRow.objects.get(id=task.id).state == "done"
    for who in ("ana", "ben"):
        found = signed_in(org, who).get("/search?q=zebra").content.decode()
        assert "Pools need <mark>zebra</mark> alarms" in found
    assert [one["text"] for one in org.call("ben").get("/lessons?q=zebra").json["items"]] == [
        "Pools need zebra alarms"
    ]


def test_lessons_and_articles_of_a_restricted_incident_are_for_its_people_only(org: Organisation) -> None:
    incident = org.declare("ana", restricted=True)
    note = org.call("ana").post(
        f"/incidents/{incident}/entries", {"kind": "note", "text": "The zebra key leaked"}
    )
    assert note.status == 201, note.json
    made = org.call("ana").post(
        f"/incidents/{incident}/entries/{entry_of(incident)}/article", {"title": "Zebra keys"}
    )
    assert made.status == 201, made.json
    resolve(org, incident)
    assert org.call("ana").post(f"/incidents/{incident}/lessons", {"text": "Zebra keys leak"}).status == 201
    ben = org.call("ben")
    assert ben.get("/lessons?q=zebra").json["items"] == ben.get("/knowledge?q=zebra").json["items"] == []
    assert ben.get(f"/knowledge/{made.json['id']}").status == 404
    page = signed_in(org, "ben").get("/search?q=zebra").content.decode()
    assert "Zebra keys" not in page
    assert len(org.call("ana").get("/knowledge?q=zebra").json["items"]) == 1


# -- the course of the review


def write_parts(org: Organisation, incident: str) -> None:
    for part in PARTS:
        assert (
            org.call("ana").put(f"/incidents/{incident}/review/sections/{part}", {"text": "Well."}).status
            == 200
        )


@pytest.mark.requirement("R-022")
def test_the_response_part_is_prefilled_from_the_log_and_all_three_are_required(world: World) -> None:
    incident = reviewed(world)
    client = _browser(world, "ana")
    html = client.get(f"/reviews/{incident}").content.decode()
    for said in ("**Role by role**", "- Technical Lead: filled from", "did Roll back 4.2", "**Clock by clock**",
                 "- Updates to All customers: 0 on time, 2 late, 0 missed"):  # fmt: skip
        assert said in html, said
    for n, part in enumerate(PARTS[:3]):  # its cause is in the facts
        refused = client.post(
            f"/reviews/{incident}/submit", HTTP_REFERER=f"http://127.0.0.1/reviews/{incident}"
        )
        assert "Still to be written" in client.get(refused.url).content.decode()
        reviews.edit(world.act("ana"), incident, part, f"Text {n}")
    client.post(f"/reviews/{incident}/submit")
    assert models.ReviewRow.objects.get().state == "in_review"


def _browser(world: World, handle: str):
    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    client.force_login(world.find(handle))
    return client


@pytest.mark.requirement("R-291")
def test_a_late_review_tells_its_owner_then_those_above_and_a_meeting_invites_trainees_and_owners(
    world: World,
) -> None:
    world.now = datetime(2026, 11, 27, 9, tzinfo=UTC)  # a Friday
    incident = reviewed(world)
    review = models.ReviewRow.objects.get()
    level = casebook.load(incident).incident.severity
    assert review.due_on == {1: "2026-11-30", 2: "2026-12-04"}[level]
    reviews.assign(world.act("ana"), incident, world.find("ben").id)
    told = len(world.pages("ben"))
    world.now = datetime.fromisoformat(review.due_on).replace(tzinfo=UTC) + timedelta(days=1, hours=8)
    world.settle()
    assert models.ReviewRow.objects.get().late == 0
    world.pass_time(hours=1, minutes=1)
    assert models.ReviewRow.objects.get().late == 1
    assert any("overdue" in page for page in world.pages("ben")[told:])
    assert not any("The review of" in page and "overdue" in page for page in world.pages("root"))
    world.pass_time(days=1)
    assert any("The review of" in page and "overdue" in page for page in world.pages("root"))
    assert models.ReviewRow.objects.get().late == 2


@pytest.mark.requirement("R-291")
def test_a_review_goes_from_draft_to_closed_with_a_day_to_read(org: Organisation) -> None:
    incident = org.declare("ana")
    command.assign_role(org.act("ana"), incident, "shadow", org.find("ben").id)
    resolve(org, incident)
    write_parts(org, incident)
    ana, at = org.call("ana"), datetime.now(UTC)
    soon, later = ((at + timedelta(hours=h)).isoformat() for h in (3, 26))
    assert (
        ana.put(f"/incidents/{incident}/review/submission", {"meets_at": soon}).code == "review.short_notice"
    )
    submitted = ana.put(f"/incidents/{incident}/review/submission", {"meets_at": later, "place": "Room 4"})
    assert (submitted.status, submitted.json["state"]) == (200, "in_review")
    assert {p["id"] for p in submitted.json["invited"]} >= {org.id("ana"), org.id("ben")}
    assert any("Room 4" in c.subject for c in models.Callout.objects.filter(person_id=org.id("ben")))
    assert ana.put(f"/incidents/{incident}/review/publication").code == "review.early"
    assert (
        ana.put(f"/incidents/{incident}/review/publication", {"reason": "Met early"}).json["state"]
        == "reviewed"
    )
    assert ana.put(f"/incidents/{incident}/review/closure").json["state"] == "closed"


@pytest.mark.requirement("R-065", "R-070")
def test_the_technical_lead_owes_a_part_and_only_experts_who_acted_are_asked(world: World) -> None:
    incident = declare_with_experts(world)
    asked = models.ContributionRow.objects.filter(incident_id=incident)
    assert {(c.person, c.section) for c in asked} == {
        (world.find("dev").id, "technical_analysis"), (world.find("ben").id, "contribution"),
    }  # fmt: skip
    part = asked.get(section="technical_analysis")
    assert part.due_on < models.ReviewRow.objects.get().due_on
    before = len(world.pages("dev"))
    world.now = datetime.fromisoformat(part.due_on).replace(tzinfo=UTC) + timedelta(hours=12)
    world.settle()
    assert any("technical analysis" in page for page in world.pages("dev")[before:])
    own = asked.get(section="contribution")
    client = _browser(world, "ben")
    assert client.post(f"/reviews/{incident}/contributions/{part.id}", {"text": "Mine"}).status_code == 302
    assert not casebook.load(incident).incident.review.sections.get("technical_analysis")
    client.post(f"/reviews/{incident}/contributions/{own.id}", {"text": "The driver holds connections"})
    assert "The driver holds connections" in client.get(f"/reviews/{incident}").content.decode()


def test_an_article_is_chosen_by_its_title(world: World) -> None:
    incident = declare_with_experts(world)
    own = models.ContributionRow.objects.get(
        incident_id=incident, section="contribution", person=world.find("ben").id
    )
    for title in ("Driver pools, and how to size them", "Driver releases", "Zebra"):
        knowledge.write(world.act("ana"), title, "x")
    client = _browser(world, "ben")
    page = client.get(f"/reviews/{incident}").content.decode()
    assert "Id of an article" not in page and 'hx-get="/knowledge/offered"' in page
    offered = client.get("/knowledge/offered?article=driver").content.decode()
    assert [t in offered for t in ("how to size", "Driver releases", "Zebra")] == [True, True, False]

    def give(article: str) -> str:
        client.post(f"/reviews/{incident}/contributions/{own.id}", {"text": "It holds", "article": article})
        own.refresh_from_db()
        return (
            models.KnowledgeArticle.objects.filter(id=own.article).values_list("title", flat=True).first()
            or ""
        )

    for wrong in ("driver", "no such thing"):
        assert give(wrong) == ""
        own.refresh_from_db()
        assert own.given_at is None
    assert give("driver releases") == "Driver releases"
    assert give("size pools") == "Driver pools, and how to size them"
    assert give(own.article) == "Driver pools, and how to size them"
    assert 'value="Driver pools, and how to size them"' in client.get(f"/reviews/{incident}").content.decode()


def declare_with_experts(world: World) -> str:
    """Dev leads the technical work; Ben and Cleo are experts, and only Ben says anything."""
    incident = declared(world)
    act = world.act("ana")
    command.assign_role(act, incident, "technical_lead", world.find("dev").id)
    for expert in ("ben", "cleo"):
        command.assign_role(act, incident, "sme", world.find(expert).id)
    record.write(world.act("ben"), incident, "finding", "The driver holds connections")
    incidents.change_phase(act, incident, "investigating", "Somebody looks")
    incidents.resolve(
        act, incident, current().resolution_codes[0].key, None, "Done", override_reason="A test"
    )
    return incident


# -- knowledge and training


@pytest.mark.requirement("R-068")
def test_what_somebody_wrote_becomes_an_article_with_its_author_and_source(org: Organisation) -> None:
    incident = org.declare("ana")
    said = org.call("ben").post(
        f"/incidents/{incident}/entries", {"kind": "finding", "text": "Drain the node first"}
    )
    assert said.status == 201, said.json
    entry = entry_of(incident)
    ana = signed_in(org, "ana")
    assert (
        "Drain the node first" in ana.get(f"/incidents/{incident}/entries/{entry}/article").content.decode()
    )
    assert ana.post(f"/incidents/{incident}/entries/{entry}/article", {"title": " "}).status_code == 422
    made = ana.post(f"/incidents/{incident}/entries/{entry}/article", {"title": "How to drain"})
    page = ana.get(made.url).content.decode()
    for piece in (
        "How to drain",
        "Written by Ben",
        f"/incidents/{incident}#entry-{entry}",
        "Drain the node first",
    ):
        assert piece in page, piece
    article = models.KnowledgeArticle.objects.get()
    assert (article.author, article.promoted_by, article.incident_id) == (
        org.id("ben"),
        org.id("ana"),
        incident,
    )
    again = org.call("ana").post(f"/incidents/{incident}/entries/{entry}/article", {"title": "Twice"})
    assert again.json["id"] == article.id
    assert org.call("ana").put(f"/knowledge/{article.id}", {"title": "Mine", "text": "x"}).status == 403
    assert "How to <mark>drain</mark>" in ana.get("/knowledge?q=drain").content.decode()


@pytest.mark.requirement("R-078")
def test_an_agreed_review_becomes_an_article_that_lists_its_incidents_and_keeps_its_versions(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    resolve(org, incident)
    ana = org.call("ana")
    path = f"/incidents/{incident}/review"
    write_parts(org, incident)
    assert ana.put(f"{path}/sections/root_cause", {"text": "The pool was too small"}).status == 200
    assert ana.post(f"{path}/article", {"title": "Pools"}).status == 409
    ana.put(f"{path}/submission")
    ana.put(f"{path}/publication", {"reason": "All were there"})
    assert ana.post(f"/incidents/{incident}/lessons", {"text": "Watch the pool"}).status == 201
    made = signed_in(org, "ana").post(f"/reviews/{incident}/article", {"title": "Pools"})
    article = models.KnowledgeArticle.objects.get()
    assert "The pool was too small" in article.text and "- Watch the pool" in article.text
    told = ana.get(f"/knowledge/{article.id}").json
    assert (told["sources"], told["version"]) == ([incident], 1)
    assert (
        ana.put(f"/knowledge/{article.id}", {"title": "Pools", "text": "Twenty is enough"}).json["version"]
        == 2
    )
    (before,) = ana.get(f"/knowledge/{article.id}/versions").json
    assert before["number"] == 1 and "The pool was too small" in before["text"]
    page = signed_in(org, "ben").get(made.url).content.decode()
    assert f"/incidents/{incident}" in page and "Version 1" in page
    assert f"/knowledge/{article.id}" in signed_in(org, "ben").get(f"/reviews/{incident}").content.decode()


@pytest.mark.requirement("R-071")
def test_being_at_a_training_session_updates_the_competency_record(org: Organisation) -> None:
    root = org.call("root", "administrator")
    ben = org.call("ben").person
    held = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    said = {"topic": "Command in ten minutes", "trainer": org.call("ana").person.id, "held_at": held,
            "role": "commander", "invited": [ben.id]}  # fmt: skip
    made = root.post("/training-sessions", said)
    assert made.status == 201, made.json
    assert not models.Certification.objects.filter(person=ben).exists()
    for _ in range(2):
        there = root.put(f"/training-sessions/{made.json['id']}/attendance", {"people": [ben.id]})
        assert [p["id"] for p in there.json["attended"]] == [ben.id]
    kept = models.Certification.objects.get(person=ben, ended_at=None)
    assert (kept.role, kept.note) == ("commander", "Training: Command in ten minutes")
    assert org.call("ben").post("/training-sessions", said).status == 403
    assert "Command in ten minutes" in signed_in(org, "root").get("/knowledge/training").content.decode()


# -- the same trouble again


@pytest.mark.requirement("R-226")
def test_nothing_closes_without_a_review_or_a_waiver_and_the_same_trouble_before_is_shown(
    org: Organisation,
) -> None:
    first = org.declare("ana", title="Payment gateway times out")
    hidden = org.declare("ana", title="Payment gateway key leaked", restricted=True)
    resolve(org, first)
    ana = org.call("ana")
    refused = ana.put(f"/incidents/{first}/closure", {"reason": "Done"})
    assert "review_done_or_waived" in str(refused.json)
    item = {"title": "Limit the retries", "owner": org.call("ben").person.id, "due_on": "2026-12-24"}
    assert ana.post(f"/incidents/{first}/action-items", item).status == 201
    assert ana.put(f"/incidents/{first}/review/waiver", {"reason": "A test"}).status == 200
    assert ana.put(f"/incidents/{first}/closure", {"reason": "Done"}).status == 200
    resolve(org, hidden)
    form = signed_in(org, "ben").get("/declare/preview?title=Gateway+of+payment+hangs").content.decode()
    assert first in form and "Limit the retries" in form and hidden not in form
    again = org.declare("ben", title="Payment gateway hangs")
    (found,) = org.call("ben").get(f"/incidents/{again}/similar").json["items"]
    assert (found["id"], [i["title"] for i in found["open_items"]]) == (first, ["Limit the retries"])
    page = signed_in(org, "ben").get(f"/incidents/{again}").content.decode()
    assert "It happened before" in page and "Limit the retries" in page
    other = org.declare("ben", title="Nobody can print")
    assert org.call("ben").get(f"/incidents/{other}/similar").json["items"] == []
