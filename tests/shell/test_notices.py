"""A change of how people work is told to those it concerns, before it holds, and who has understood is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from quarterdeck.app.catalog import catalogue, catalogue_files, planned_files
from quarterdeck.app.learning import notices
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.people import competence
from quarterdeck.catalog.folders import shipped
from quarterdeck.store import models
from support.attacks import org as plain
from support.attacks import signed_in
from support.rest import Organisation

__all__ = ["plain"]
CARD = "roles/software/commander.toml"


@pytest.fixture
def org(plain: Organisation) -> Iterator[Organisation]:
    """Ben is on call, Ole is certified as commander, Ana is neither."""
    catalogue_files.forget()
    plain.schedule("primary", "ben")
    competence.certify(plain.act("root"), plain.id("ole"), "commander")
    yield plain
    catalogue_files.forget()


def card() -> str:
    found = shipped().joinpath(*CARD.split("/")).read_text(encoding="utf-8")
    return found.replace('title = "Incident Commander"', 'title = "Crisis Manager"', 1)


def save(org: Organisation, **more: str):
    body = {"files": [{"path": CARD, "text": card()}], "note": "One name for it everywhere"} | more
    return org.call("root").put("/structures/files", body)


def subjects(person: str) -> list[str]:
    rows = models.Delivery.objects.filter(person_id=person, cls="message").order_by("created_at")
    return [row.body["subject"] for row in rows]


@pytest.mark.requirement("R-204", "R-295")
def test_a_new_version_publishes_a_notice_and_who_has_understood_is_known(org: Organisation) -> None:
    assert save(org, note="").code == "note.missing"
    assert save(org).json["changed"] == [CARD]
    row = models.Notice.objects.get()
    assert (row.kind, row.subject, row.note) == ("template", "software", "One name for it everywhere")
    assert set(notices.owing(row)) == {org.id("ben"), org.id("ole")}
    assert any("Please read" in s for s in subjects(org.id("ben")))
    assert subjects(org.id("ana")) == []
    ben = signed_in(org, "ben")
    assert "One name for it everywhere" in ben.get("/").content.decode()
    assert "I have understood it" in ben.get(f"/notices/{row.id}").content.decode()
    ben.post(f"/notices/{row.id}/understood")
    ben.post(f"/notices/{row.id}/understood")
    assert "You have understood it" in ben.get(f"/notices/{row.id}").content.decode()
    assert org.call("ana").put(f"/notices/{row.id}/acknowledgement").code == "notice.not_yours"
    readers = {
        r["person"]["id"]: r["understood_at"]
        for r in org.call("ana").get(f"/notices/{row.id}/readers").json["items"]
    }
    assert readers[org.id("ben")] and readers[org.id("ole")] is None
    told = org.call("ana").get("/notices").json["items"][0]
    assert (told["concerned"], told["understood"]) == (2, 1)
    # Ole is asked again, three times; then whoever published it hears of it.
    org.settle()
    org.pass_time(days=30)
    assert sum("Still to read" in s for s in subjects(org.id("ole"))) == 3
    assert not any("Still to read" in s for s in subjects(org.id("ben")))
    assert "Not yet understood by all" in subjects(org.id("root"))


@pytest.mark.requirement("R-295", "R-204")
def test_a_change_is_told_before_it_holds_and_is_put_in_force_on_its_day(org: Organisation) -> None:
    before = catalogue.current().template("software")
    at = org.now + timedelta(days=7)
    answer = save(org, effective_at=f"{at:%Y-%m-%dT%H:%M:%SZ}")
    assert answer.json["changed"] == [] and answer.json["notice"]
    assert catalogue.current().template("software") == before, "it does not hold yet"
    row = models.Notice.objects.get()
    assert "Not yet in force" in signed_in(org, "ben").get(f"/notices/{row.id}").content.decode()
    assert any("Please read" in s for s in subjects(org.id("ben")))
    planned_files.fire(row.id, Directory(at))
    role = catalogue.current().template("software").role("commander")
    assert role.title == "Crisis Manager"
    row.refresh_from_db()
    assert row.applied_at == at and not row.failure
    assert models.Notice.objects.count() == 1, "those who were told before are not told twice"


def test_a_planned_change_that_was_overtaken_is_not_put_in_force_and_its_author_hears_why(
    org: Organisation,
) -> None:
    at = org.now + timedelta(days=7)
    base = org.call("root").get(f"/structures/file?path={CARD}").json["base"]
    files = [{"path": CARD, "text": card(), "base": base}]
    body = {"files": files, "note": "Later", "effective_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    planned = org.call("root").put("/structures/files", body).json["notice"]
    other = card().replace("Crisis Manager", "Captain")
    assert (
        org.call("root")
        .put("/structures/files", {"files": [{"path": CARD, "text": other}], "note": "Now"})
        .status
        == 200
    )
    planned_files.fire(planned, Directory(at))
    assert catalogue.current().template("software").role("commander").title == "Captain"
    assert "Somebody saved" in models.Notice.objects.get(id=planned).failure
    assert "A planned change is not in force" in subjects(org.id("root"))
    assert "could not be put in force" in signed_in(org, "root").get(f"/notices/{planned}").content.decode()


@pytest.mark.requirement("R-295")
def test_an_escalation_policy_an_article_and_a_runbook_tell_those_they_concern(org: Organisation) -> None:
    policy = org.policy("shop", ("primary", 5))
    team = models.Team.objects.create(key="shop", name="Shop")
    models.Membership.objects.create(team=team, person=org.find("ana"))
    steps = [{"targets": [{"kind": "person", "id": org.id("ole")}], "wait_seconds": 600}]
    said = org.call("root").put(
        "/escalation-policies/shop", {"name": "Shop", "steps": steps, "note": "Ole goes first"}
    )
    assert said.status == 200, said.json
    row = models.Notice.objects.get(kind="policy")
    assert set(notices.owing(row)) == {org.id("ben"), org.id("ole")} and row.note == "Ole goes first"
    service = org.service("shop", policy)
    models.Service.objects.filter(id=service.id).update(team=team)
    assert (
        org.call("root").patch("/services/shop", {"runbook_url": "https://wiki.example/shop"}).status == 200
    )
    assert notices.owing(models.Notice.objects.get(kind="runbook")) == [org.id("ana")]
    article = org.call("root").post("/knowledge", {"title": "How we page", "text": "Loud"}).json["id"]
    body = {"title": "How we page", "text": "Quietly", "teams": ["shop"]}
    assert org.call("root").put(f"/knowledge/{article}", body).code == "note.missing"
    assert org.call("root").put(f"/knowledge/{article}", body | {"note": "Quieter"}).status == 200
    assert notices.owing(models.Notice.objects.get(kind="article")) == [org.id("ana")]


def test_a_policy_on_paper_is_announced_to_whom_it_concerns_and_can_be_withdrawn(org: Organisation) -> None:
    root = signed_in(org, "root")
    said = {
        "title": "Nobody works more than 12 hours",
        "note": "Hand over before",
        "url": "https://wiki.example/p",
    }
    nobody = root.post("/notices/new", said)
    assert nobody.status_code == 422 and "Nobody is concerned" in nobody.content.decode()
    assert 'value="Nobody works more than 12 hours"' in nobody.content.decode()
    assert org.call("ana").post("/notices", said | {"everybody": True}).status == 403
    root.post("/notices/new", said | {"everybody": "1"})
    row = models.Notice.objects.get()
    assert org.id("eva") in notices.owing(row) and org.id("root") not in notices.owing(row)
    assert "Hand over before" in signed_in(org, "eva").get(f"/notices/{row.id}").content.decode()
    assert signed_in(org, "ana").post(f"/notices/{row.id}/withdrawal").status_code == 302
    assert models.Notice.objects.get().withdrawn_at is None
    root.post(f"/notices/{row.id}/withdrawal")
    assert notices.waiting_for(org.id("eva")) == []
