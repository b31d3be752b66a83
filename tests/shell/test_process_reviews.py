"""Reviews of the process: after a quarter and a major incident, with findings, feedback and what was changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.learning import process
from quarterdeck.app.paging.directory import Directory
from quarterdeck.store import models
from support.attacks import org, restricted, signed_in
from support.rest import Organisation

__all__ = ["org"]


def resolved(org: Organisation, incident: str) -> None:
    ana = org.call("ana")
    assert ana.put(f"/incidents/{incident}/phase", {"phase": "investigating", "reason": "Look"}).status == 200
    said = {"code": current().resolution_codes[0].key, "summary": "Rolled back", "override_reason": "A test"}
    answer = ana.put(f"/incidents/{incident}/resolution", said)
    assert answer.status == 200, answer.json


def owned(org: Organisation, handle: str = "ben", team: str = "") -> None:
    said = {"owner": org.id(handle)} | ({"team": team} if team else {})
    assert org.call("root").put("/process-owners", said).status == 200


@pytest.mark.requirement("R-203")
def test_when_a_quarter_passes_whoever_owns_the_process_has_a_task(org: Organisation) -> None:
    models.Team.objects.create(key="pay", name="Payments")
    assert org.call("ben").put("/process-owners", {"owner": org.id("ben")}).status == 403
    owned(org)
    owned(org, "ana", "pay")
    timer = models.Due.objects.get(kind=process.KIND, ref=process.QUARTER, state="waiting")
    assert (timer.due_at.day, timer.due_at.month % 3) == (1, 1)
    assert org.call("ben").get("/process-reviews").json["items"] == []
    process.fire(process.QUARTER, Directory(timer.due_at))
    process.fire(process.QUARTER, Directory(timer.due_at + timedelta(hours=1)))
    found = org.call("ole", "observer").get("/process-reviews?is_open=true").json["items"]
    quarter = f"{(timer.due_at - timedelta(days=1)).year}-Q"
    assert [(r["trigger"], r["team"], r["owner"]["id"]) for r in found] == [
        ("quarter", "pay", org.id("ana")), ("quarter", "", org.id("ben")),
    ]  # fmt: skip
    assert all(r["subject"].startswith(quarter) for r in found)
    told = models.Delivery.objects.filter(person_id=org.id("ben"), cls="message")
    assert any("You own a process review" in d.body["subject"] for d in told)
    assert f"Process review of {found[0]['subject']}" in signed_in(org, "ben").get("/").content.decode()
    again = models.Due.objects.filter(kind=process.KIND, ref=process.QUARTER, state="waiting").get()
    assert again.due_at > timer.due_at + timedelta(days=88)
    later = Directory(timer.due_at + timedelta(days=20))
    process.fire(found[1]["id"], later)
    process.fire(found[1]["id"], later)
    assert sum("Overdue: process review" in d.body["subject"] for d in told.all()) == 1


@pytest.mark.requirement("R-203")
def test_a_major_incident_leads_to_one_and_a_smaller_or_a_drill_does_not(org: Organisation) -> None:
    owned(org)
    for said in ({"severity": 2}, {"severity": 1, "drill": True}):
        resolved(org, org.declare("ana", **said))
    assert not models.ProcessReview.objects.exists()
    secret = restricted(org, severity=1)
    resolved(org, secret)
    assert not models.ProcessReview.objects.exists(), "its owner must not know of a restricted incident"
    incident = org.declare("ana", severity=1)
    resolved(org, incident)
    row = models.ProcessReview.objects.get()
    assert (row.trigger, row.subject, row.owner) == ("incident", incident, org.id("ben"))
    page = signed_in(org, "ole").get(f"/prevention/process/{row.id}").content.decode()
    assert f"Process review after {incident}" in page and f"/reviews/{incident}" in page


def test_findings_a_change_and_a_summary_are_kept_and_then_it_is_over(org: Organisation) -> None:
    day = (org.now + timedelta(days=9)).date().isoformat()
    made = org.call("ana").post(
        "/process-reviews", {"subject": "Handovers", "owner": org.id("ben"), "due_on": day}
    )
    at, ben = f"/prevention/process/{made.json['id']}", signed_in(org, "ben")
    ben.post(f"{at}/findings", {"text": "Nobody reads the card"})
    models.TemplateVersionRow.objects.create(
        id="v1", template="software", version=7, digest="x", note="n", saved_by=org.id("root"), content="{}",
        saved_at=datetime.now(UTC),
    )  # fmt: skip
    ben.post(f"{at}/changes", {"version": "software 7", "note": "Shorter card"})
    assert (
        org.call("ole", "observer").post(f"/process-reviews/{made.json['id']}/findings", {"text": "x"}).status
        == 403
    )
    assert org.call("ben").post(
        f"/process-reviews/{made.json['id']}/changes", {"template": "software", "version": 8}
    ).status == 404  # fmt: skip
    ben.post(f"{at}/summary", {"summary": "Cards get shorter."})
    told = org.call("ole").get(f"/process-reviews/{made.json['id']}").json
    assert (told["state"], told["findings"][0]["text"]) == ("done", "Nobody reads the card")
    assert told["changes"] == [{"template": "software", "version": 7, "note": "Shorter card"}]
    assert (
        org.call("ben").post(f"/process-reviews/{made.json['id']}/findings", {"text": "x"}).code
        == "process.done"
    )


@pytest.mark.requirement("R-204")
def test_words_about_a_document_are_answered_and_become_a_finding_of_the_next_review(
    org: Organisation,
) -> None:
    owned(org)
    at = "/settings/structures/templates/software"
    ana = signed_in(org, "ana")
    assert 'id="feedback"' in ana.get(at).content.decode()
    ana.post("/feedback", {"kind": "template", "subject": "software", "text": "Two scribes are too many"})
    assert ana.post("/feedback", {"kind": "template", "subject": "nothing", "text": "x"}).status_code == 404
    assert "Two scribes are too many" in signed_in(org, "root").get(at).content.decode()
    row = models.Feedback.objects.get()
    assert ana.post(f"/feedback/{row.id}/answer", {"answer": "Mine"}).status_code == 302
    assert models.Feedback.objects.get().answer == "", "only whoever owns the document answers"
    assert org.call("ben").put(f"/feedback/{row.id}/answer", {"answer": "True, one goes"}).status == 200
    assert org.call("ben").put(f"/feedback/{row.id}/finding").json["wanted"] is True
    process.fire(process.QUARTER, Directory(org.now))
    (review,) = org.call("ana").get("/process-reviews").json["items"]
    assert "Two scribes are too many" in review["findings"][0]["text"]
    assert review["findings"][0]["feedback"] == row.id
    said = org.call("ana").get("/feedback?kind=template&subject=software").json["items"][0]
    assert (said["answer"], said["review"]) == ("True, one goes", review["id"])
    for page in ("/playbook", "/on-call/policies/shop"):
        if page != "/playbook":
            org.policy("shop", ("ben", 5))
        kind = "policy" if "policies" in page else "playbook"
        ana.post(
            "/feedback", {"kind": kind, "subject": "shop" if kind == "policy" else "", "text": "Too loud"}
        )
        assert "Too loud" in ana.get(page).content.decode()
