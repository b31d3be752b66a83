"""Those outside an incident over REST and on its pages: the first word, who spoke first, customers, the end told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from quarterdeck.app.incidents import command, incidents
from quarterdeck.app.learning import reviews
from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo", "eva"):
        o.call(handle)
    reader = {"id": new_id(), "audience": "customers_all", "name": "Kim", "email": "kim@customer.example"}
    models.AudienceContact.objects.create(created_at=o.now, **reader)
    return o


def browser(org: Organisation, handle: str) -> Client:
    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    client.force_login(org.find(handle))
    return client


def role(org: Organisation, where: str, name: str, handle: str) -> None:
    command.assign_role(org.act("ana"), where.rpartition("/")[2], name, org.id(handle))


def send(org: Organisation, where: str, **said: object) -> str:
    ana = org.call("ana")
    body = {"audience": "customers_all", "headline": "h", "customer_effect": "e", "action": "a"} | said
    draft = ana.post(f"{where}/messages", body).json
    got = ana.put(f"{where}/messages/{draft['id']}/release", {"content_hash": draft["content_hash"]})
    assert got.status == 200, got.json
    return draft["id"]


def resolve(org: Organisation, where: str) -> None:
    org.now = max(org.now, datetime.now(UTC))
    incidents.change_phase(org.act("ana"), where.rpartition("/")[2], "investigating", "", "Small")
    incidents.resolve(org.act("ana"), where.rpartition("/")[2], "fixed", org.now, "Over", "Small")


def agree(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    for section in ("what_happened", "how_we_responded", "improvements", "root_cause"):
        reviews.edit(org.act("ana"), where.rpartition("/")[2], section, "Written.")
    assert ana.put(f"{where}/review/submission").status == 200
    assert ana.put(f"{where}/review/publication", {"reason": "All agree"}).json["state"] == "reviewed"


@pytest.mark.requirement("R-152")
def test_one_click_sends_the_agreed_first_word_and_the_time_it_took_is_measured(org: Organisation) -> None:
    where = f"/incidents/{org.declare('ana', severity=1)}"
    role(org, where, "communications_lead", "ben")
    ben, cleo = org.call("ben"), org.call("cleo")
    shown = ben.get(f"{where}/acknowledgement").json
    assert shown["due_at"] and "{{" not in shown["headline"] + shown["customer_effect"] + shown["action"]
    assert cleo.post(f"{where}/acknowledgement").status == 403
    page = browser(org, "ben")
    assert shown["headline"] in page.get(f"{where}/statements").content.decode()
    assert page.post(f"{where}/acknowledgement").status_code == 302
    (message,) = ben.get(f"{where}/messages").json["items"]
    assert (message["state"], message["headline"]) == ("sent", shown["headline"])
    assert ben.post(f"{where}/acknowledgement").code == "acknowledgement.sent"
    assert ben.get(f"{where}/acknowledgement").status == 404
    (clock,) = [c for c in ben.get(f"{where}/clocks").json["items"] if c["audience"] == "customers_all"]
    assert (clock["stage"], clock["grace_minutes"]) == ("scope", 5)
    watch = ben.get(f"{where}/mentions").json
    took = parse(message["sent_at"]) - parse(ben.get(where).json["declared_at"])
    assert watch["first_statement_at"] == message["sent_at"]
    assert watch["seconds_to_first_statement"] == int(took.total_seconds())


@pytest.mark.requirement("R-143", "R-218", "X-22")
def test_a_mention_before_our_first_word_is_a_red_flag_to_lead_commander_and_executive_duty(
    org: Organisation,
) -> None:
    where = f"/incidents/{org.declare('ana', severity=1)}"
    role(org, where, "communications_lead", "ben")
    org.policy("role-exec_duty", ("eva", 5))
    told = {"source": "A <b>patient</b>", "place": "a forum", "link": "https://forum.example/1"}
    cleo = org.call("cleo")
    assert cleo.post(f"{where}/mentions", told | {"link": "javascript:alert(1)"}).status == 422
    assert cleo.post(f"{where}/mentions", told).json["ahead"] is True
    asked = models.Callout.objects.filter(subject__contains="before us")
    assert {c.person_id for c in asked} == {org.id(h) for h in ("ana", "ben", "eva")}
    assert cleo.post(f"{where}/mentions", told | {"place": "a paper"}).json["ahead"] is True
    assert asked.count() == 3  # nobody is woken twice for it
    page = browser(org, "cleo")
    for path in ("", "/statements"):
        html = page.get(f"{where}{path}").content.decode()
        assert "said it first" in html and "<b>patient</b>" not in html
    org.call("ben").post(f"{where}/acknowledgement")
    later = {"source": "A paper", "place": "its front page"}
    assert cleo.post(f"{where}/mentions", later).json["ahead"] is False
    assert cleo.get(f"{where}/mentions").json["outrun"] is True


@pytest.mark.requirement("R-059", "R-220")
def test_a_review_closes_when_everybody_who_heard_of_it_heard_of_its_end_or_with_a_reason(
    org: Organisation,
) -> None:
    ana, incident = org.call("ana"), org.declare("ana")
    where = f"/incidents/{incident}"
    soon = text(org.now + timedelta(minutes=25))
    send(org, where, next_update_at=soon)
    assert ana.post(f"{where}/closing-summaries").code == "closing.open"
    resolve(org, where)
    (told,) = ana.get(f"{where}/closing-summaries").json["items"]
    assert (told["audience"], told["summary"]) == ("customers_all", None)
    agree(org, where)
    refused = ana.put(f"{where}/review/closure")
    assert (refused.code, "All customers" in refused.json["error"]["message"]) == ("review.untold", True)
    assert "untold_reason" in browser(org, "ana").get(f"/reviews/{incident}").content.decode()
    assert (
        ana.post(f"{where}/closing-summaries").json["messages"] == []
    )  # one was drafted when it was resolved
    (begun,) = [
        m["id"]
        for m in ana.get(f"{where}/messages").json["items"]
        if m["state"] == "draft" and m["audience"] == "customers_all"
    ]
    assert ana.delete(f"{where}/messages/{begun}?reason=Anew").status in (200, 204)
    (draft,) = ana.post(f"{where}/closing-summaries").json["messages"]
    found = ana.get(f"{where}/messages/{draft}").json
    assert found["final"] is True
    whole = {k: found[k] for k in ("audience", "status_word")} | {
        "headline": "It is over", "customer_effect": "Payments failed", "body": "What was.", "final": True,
    }  # fmt: skip
    found = ana.put(f"{where}/messages/{draft}", whole).json
    ana.put(f"{where}/messages/{draft}/release", {"content_hash": found["content_hash"]})
    assert ana.get(f"{where}/closing-summaries").json["items"][0]["summary"] == draft
    assert ana.put(f"{where}/review/closure").json["state"] == "closed"


def test_a_review_closes_without_a_summary_with_the_reason_on_record(org: Organisation) -> None:
    ana, incident = org.call("ana"), org.declare("ana")
    where = f"/incidents/{incident}"
    send(org, where, next_update_at=text(org.now + timedelta(minutes=25)))
    resolve(org, where)
    agree(org, where)
    why = {"untold_reason": "The customers were told by phone"}
    assert ana.put(f"{where}/review/closure", why).json["state"] == "closed"
    lines = [t["text"] for t in ana.get(f"{where}/timeline?limit=100").json["items"]]
    assert any("All customers" in t and "by phone" in t for t in lines)


def test_customers_are_listed_from_a_table_and_counted_and_a_wrong_line_keeps_what_was_typed(
    org: Organisation,
) -> None:
    where = f"/incidents/{org.declare('ana')}"
    role(org, where, "customer_liaison", "ben")
    page, cleo = browser(org, "ben"), org.call("cleo")
    table = "name;number\nNorthwind & Co;C-1\nContoso;C-2\n"
    assert page.post(f"{where}/customers/new", {"customers": table}).status_code == 302
    rows = cleo.get(f"{where}/affected-customers").json["items"]
    assert sorted((r["name"], r["reference"], r["state"]) for r in rows) == [
        ("Contoso", "C-2", "affected"), ("Northwind & Co", "C-1", "affected"),
    ]  # fmt: skip
    again = org.call("ben").post(f"{where}/affected-customers", {"customers": "Contoso,C-2\nFabrikam"}).json
    assert again == {"changed": 1, "listed": 3, "open": 3}
    assert cleo.post(f"{where}/affected-customers", {"customers": "Mine"}).status == 403
    wrong = page.post(f"{where}/customers/{rows[0]['id']}", {"state": "declined", "note": ""})
    assert wrong.status_code == 422 and "why they declined" in wrong.content.decode()
    long = page.post(f"{where}/customers/new", {"customers": "Fine\n" + "x" * 300})
    assert long.status_code == 422 and "x" * 300 in long.content.decode()
    open_quote = page.post(f"{where}/customers/new", {"customers": '"' + "x" * 140_000})
    assert open_quote.status_code == 422 and "never closed" in open_quote.content.decode()
    wrong = page.post(
        f"{where}/impact-pulses", {"affected_now": "20", "worst_case": "3", "note": "Two <shops>"}
    )
    assert wrong.status_code == 422 and "Two &lt;shops&gt;" in wrong.content.decode()
    assert (
        page.post(f"{where}/impact-pulses", {"affected_now": "1,200", "worst_case": "4000"}).status_code
        == 302
    )
    pulses = cleo.get(f"{where}/impact-pulses").json
    assert (pulses["items"][0]["affected_now"], pulses["late"]) == (1200, False)
    org.pass_time(minutes=61)
    org.settle()
    assert models.Callout.objects.filter(
        subject__contains="Impact pulse overdue", person_id=org.id("ben")
    ).exists()


def test_typed_lines_record_what_is_known_of_those_outside(org: Organisation) -> None:
    where = f"/incidents/{org.declare('ana')}"
    ana = org.call("ana")
    for line in ("/mention A shop | its blog | Nothing works", "/pulse 12 40 two shops", "/first-word"):
        assert ana.post(f"{where}/say", {"text": line}).status in (200, 201), line
    for line in ("/mention a shop", "/pulse many", "/long martians why", "/long customers_all later"):
        assert ana.post(f"{where}/say", {"text": line}).status in (409, 422), line
    told = ana.get(f"{where}/mentions").json
    assert (told["mentions"][0]["source"], told["outrun"]) == ("A shop", True)


@pytest.mark.requirement("R-059", "R-220")
def test_a_closed_incident_still_tells_those_who_heard_of_it_until_its_review_is_finished(
    org: Organisation,
) -> None:
    ana, incident = org.call("ana"), org.declare("ana")
    where = f"/incidents/{incident}"
    send(org, where, next_update_at=text(org.now + timedelta(minutes=25)))
    resolve(org, where)
    agree(org, where)
    incidents.close(org.act("ana"), incident, "Over", "Small")
    assert models.IncidentRow.objects.get().phase == "closed"
    assert ana.put(f"{where}/review/closure").code == "review.untold"
    word = {
        "audience": "customers_all",
        "headline": "It is over",
        "customer_effect": "Payments failed",
        "action": "-",
    }
    soon = text(org.now + timedelta(hours=1))
    for wrong in (word | {"next_update_at": soon}, word | {"audience": "staff", "final": True}):
        assert ana.post(f"{where}/messages", wrong).code == "closing.only"
    assert org.call("cleo").post(f"{where}/messages", word | {"final": True}).status == 403
    board = browser(org, "ana").get(f"{where}/communication?draft=1&audience=customers_all")
    assert board.status_code == 200
    assert f"{where}/closing-summaries" in browser(org, "ana").get(f"/reviews/{incident}").content.decode()
    (draft,) = ana.post(f"{where}/closing-summaries").json["messages"]
    found = ana.put(f"{where}/messages/{draft}", word | {"final": True, "body": "What was."}).json
    opened = browser(org, "ana").get(f"{where}/communication?message={draft}").content.decode()
    assert f"{where}/messages/{draft}/release" in opened
    sent = ana.put(f"{where}/messages/{draft}/release", {"content_hash": found["content_hash"]})
    assert (sent.status, sent.json["state"]) == (200, "sent")
    row = models.IncidentRow.objects.get()
    assert row.phase == "closed" and not models.RoleAssignmentRow.objects.filter(ended_at=None).exists()
    assert ana.put(f"{where}/review/closure").json["state"] == "closed"
    assert ana.post(f"{where}/messages", word | {"final": True}).code == "incident.ended"
