"""Reports of people: anybody may make one, a queue judges them, and they end in an incident or with a reason."""

from __future__ import annotations

import json

import pytest

from quarterdeck.store import models
from support.browsing import browser
from support.rest import Answer, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    o.call("ana")
    o.call("olga", "observer")
    o.call("eve", "executive")
    return o


def good(answer: Answer) -> Answer:
    assert answer.status in (200, 201), answer.json
    return answer


@pytest.mark.requirement("R-008")
@pytest.mark.parametrize("member", ["olga", "eve"])
def test_a_report_of_a_plain_member_reaches_the_queue_and_becomes_an_incident(
    org: Organisation, member: str
) -> None:
    org.service("shop")
    member_, ana = org.call(member), org.call("ana")
    said = {"text": "The tills in hall 2 are dark\nSince nine", "service": "shop"}
    made = good(member_.post("/reports", said)).json
    assert (made["state"], made["source_kind"], made["via"]) == ("new", "employee", "api")
    assert member_.get("/reports").status == 403
    assert member_.put(f"/reports/{made['id']}/incident").status == 403
    assert [r["id"] for r in good(ana.get("/reports")).json["items"]] == [made["id"]]
    declared = good(ana.put(f"/reports/{made['id']}/incident")).json
    assert (declared["title"], declared["services"]) == ("The tills in hall 2 are dark Since nine", ["shop"])
    assert declared["commander"]["name"] == "Ana"
    assert ana.put(f"/reports/{made['id']}/incident").code == "report.judged"
    assert good(member_.get("/reports/mine")).json["items"][0]["state"] == "declared"


@pytest.mark.requirement("R-011")
def test_each_of_the_four_ways_leaves_a_record_that_says_who_noticed(org: Organisation) -> None:
    incident, ana, root = org.declare("ana"), org.call("ana"), org.call("root", "administrator")
    for kind in ("monitor", "heartbeat"):
        made = good(root.post("/integrations", {"name": kind, "source_kind": kind})).json
        row = models.Integration.objects.get(id=made["id"])
        org.journal("webhook", json.dumps({"title": kind, "dedup_key": kind}).encode(), row)
    org.expand()
    found = good(ana.get("/alerts")).json["items"]
    assert {a["summary"]: a["source_kind"] for a in found} == {"monitor": "monitor", "heartbeat": "heartbeat"}
    for kind, who in (("customer", "Halden"), ("customer", "halden"), ("employee", "")):
        said = {"text": f"Seen by {kind}", "source_kind": kind, "customer": who, "customers": 1 if who else 0}
        report = good(org.call("olga").post("/reports", said)).json
        good(ana.put(f"/reports/{report['id']}/link", {"incident": incident}))
    assert {r.source_kind for r in models.Report.objects.all()} == {"customer", "employee"}
    page = browser(org, "ana").get(f"/incidents/{incident}").content.decode()
    assert "<dt>Customers reporting</dt><dd>1</dd>" in page


def test_a_dismissed_report_tells_its_reporter_why_and_a_hidden_incident_is_not_named(
    org: Organisation,
) -> None:
    olga, ana = org.call("olga"), org.call("ana")
    one = good(olga.post("/reports", {"text": "It rains"})).json["id"]
    assert ana.put(f"/reports/{one}/dismissal", {"note": " "}).code == "note.missing"
    good(ana.put(f"/reports/{one}/dismissal", {"note": "That is the weather"}))
    two = good(olga.post("/reports", {"text": "Strange logins"})).json["id"]
    secret = org.declare("ana", restricted=True)
    good(ana.put(f"/reports/{two}/link", {"incident": secret}))
    mine = good(olga.get("/reports/mine")).json["items"]
    assert [(r["state"], r["incident"], r["note"]) for r in mine] == [
        ("linked", None, ""), ("dismissed", None, "That is the weather"),
    ]  # fmt: skip


def test_one_person_cannot_flood_the_queue(org: Organisation) -> None:
    olga = org.call("olga")
    answers = [olga.post("/reports", {"text": f"Report {n}"}).status for n in range(31)]
    assert answers == [201] * 30 + [429]


def test_the_form_keeps_what_was_typed_and_the_queue_links_on_a_click(org: Organisation) -> None:
    incident = org.declare("ana")
    eve = browser(org, "eve")
    wrong = eve.post(
        "/report", {"text": "x", "source_kind": "customer", "customers": "-4", "customer": "Halden"}
    )
    assert wrong.status_code == 422
    assert 'value="Halden"' in wrong.content.decode()
    assert eve.post("/report", {"text": "I cannot pay", "source_kind": "customer"}).status_code == 302
    assert eve.get("/reports").status_code == 403
    ana = browser(org, "ana")
    assert "I cannot pay" in ana.get("/reports").content.decode()
    report = models.Report.objects.get()
    assert ana.post(f"/reports/{report.id}/link", {"incident": incident}).status_code == 302
    assert "Linked" in eve.get("/report").content.decode()
    report.refresh_from_db()
    assert (report.state, report.incident_id, report.judged_by) == ("linked", incident, org.id("ana"))
