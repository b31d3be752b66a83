"""The inquiry desk: taking in, answering from sent text, escalating, following up, and customers reporting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterdeck.app.catalog import structures
from quarterdeck.app.desk import customer_escalations, inquiries
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.people import competence
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from support.attacks import CANARY, org, restricted, signed_in
from support.rest import Organisation

__all__ = ["org"]
MINUTE = timedelta(minutes=1)


def asked(org: Organisation, incident: str = "", **said: Any) -> dict[str, Any]:
    told = {
        "question": "When does checkout work again?",
        "customer": "Acme",
        "incident": incident or None,
    } | said
    answer = org.call("ana").post("/inquiries", told)
    assert answer.status == 201, answer.json
    return answer.json


def sent(org: Organisation, incident: str, headline: str, audience: str = "customers_all") -> str:
    """A message that was drafted, released and sent."""
    ana = org.call("ana")
    later = (datetime.now(UTC) + 60 * MINUTE).isoformat()
    said = {"audience": audience, "headline": headline, "body": "We are working on it.", "next_update_at": later,
            "customer_effect": "Payments fail.", "action": "Wait."}  # fmt: skip
    made = ana.post(f"/incidents/{incident}/messages", said)
    assert made.status == 201, made.json
    told = {"content_hash": made.json["content_hash"], "break_glass": "A test"}
    released = ana.put(f"/incidents/{incident}/messages/{made.json['id']}/release", told)
    assert released.status == 200, released.json
    return made.json["id"]


@pytest.mark.requirement("R-058")
@pytest.mark.requirement("R-083")
def test_an_inquiry_is_assigned_answered_from_approved_text_and_logged(org: Organisation) -> None:
    incident = org.declare("ana")
    one = asked(org, incident, tier="strategic", sentiment="angry", contact="it@acme.example")
    ana = org.call("ana")
    given = ana.post("/inquiries/bulk", {"act": "assign", "ids": [one["id"]], "owner": org.id("ben")})
    assert given.json["items"][0]["state"] == "assigned" and given.json["items"][0]["owner"]["id"] == org.id(
        "ben"
    )
    at = f"/inquiries/{one['id']}/answer"
    assert ana.put(at, {"text": "My own words"}).code == "answer.not_approved"
    draft = ana.post(
        f"/incidents/{incident}/messages",
        {
            "audience": "customers_all",
            "headline": "Draft",
            "next_update_at": (datetime.now(UTC) + MINUTE).isoformat(),
        },
    )
    assert ana.put(at, {"message": draft.json["id"]}).code == "answer.not_approved"
    inside = sent(org, incident, "For responders only", "responders")
    assert ana.put(at, {"message": inside}).code == "answer.not_approved"
    old = sent(org, incident, "Checkout fails")
    new = sent(org, incident, "Checkout is slow")
    board = signed_in(org, "ole").get(f"/incidents/{incident}/customers").content.decode()
    assert "1 open" in board
    warned = ana.put(at, {"message": old})
    assert (warned.status, warned.code) == (409, "answer.stale")
    assert "newer text" in warned.json["error"]["message"]
    assert not ana.get(f"/inquiries/{one['id']}").json["answer"]
    texts = ana.get(f"/inquiries/{one['id']}/texts").json
    assert [(t["message"], bool(t["stale"])) for t in texts] == [(new, False), (old, True)]
    done = ana.put(at, {"message": new}).json
    assert (done["state"], done["message"], done["stale"]) == ("answered", new, False)
    assert "Checkout is slow" in done["answer"] and done["answered_by"]["id"] == org.id("ana")
    kinds = [e.kind for e in inquiries.history(models.Inquiry.objects.get(id=one["id"]))]
    assert kinds == ["asked", "assigned", "answered"]
    anyway = ana.put(at, {"message": old, "anyway": True}).json
    assert anyway["stale"] is True


def test_the_same_question_is_one_inquiry_that_counts(org: Organisation) -> None:
    incident = org.declare("ana")
    first = asked(org, incident)
    again = asked(org, incident, question=" when does  CHECKOUT work again? ")
    assert again["id"] == first["id"] and again["repeats"] == 2
    assert asked(org, incident, customer="Other")["id"] != first["id"]
    tool = {"source": "helpdesk", "external_id": "T-1", "kind": "support", "customer": "", "question": "q"}
    one = asked(org, incident, **tool)
    assert asked(org, incident, **(tool | {"question": "changed"}))["id"] == one["id"]
    assert asked(org, incident, **tool)["repeats"] == 1
    assert org.call("ole", "observer").post("/inquiries", {"question": "x"}).status == 403
    assert org.call("ana").post("/inquiries", {"question": "x", "kind": "media"}).code == "outlet.missing"
    assert (
        org.call("ana").post("/inquiries", {"question": " \u202e ", "customer": "x"}).code
        == "question.missing"
    )


@pytest.mark.requirement("R-085")
def test_an_escalation_pages_its_target_runs_its_time_and_returns_to_the_inquiry(org: Organisation) -> None:
    incident = org.declare("ben")
    one = asked(org, incident)
    said = {"target": "technical_lead", "priority": "urgent", "reason": "They lose orders every minute"}
    made = org.call("ana").post(f"/inquiries/{one['id']}/escalations", said)
    assert made.status == 201, made.json
    page = models.Callout.objects.get(subject__startswith="Customer issue")
    assert (page.person_id, page.incident_id, page.urgency) == (org.id("ben"), incident, "high")
    assert org.call("ana").get(f"/inquiries/{one['id']}").json["state"] == "escalated"
    again = org.call("ana").post(f"/inquiries/{one['id']}/escalations", said)
    assert again.code == "inquiry.escalated"
    kept = org.call("ana").post("/inquiries/bulk", {"act": "close", "ids": [one["id"]]})
    assert kept.code == "inquiry.escalated"
    row = models.CustomerEscalation.objects.get()
    timer = models.Due.objects.get(kind=customer_escalations.KIND, ref=row.id, state="waiting")
    assert timer.due_at == row.raised_at + 15 * MINUTE
    overdue = models.Callout.objects.filter(subject__startswith="Customer issue overdue")
    with tx.write():
        customer_escalations.fire(row.id, Directory(row.due_at - MINUTE))
    assert not overdue.exists()
    for _ in range(2):
        with tx.write():
            customer_escalations.fire(row.id, Directory(row.due_at))
    assert overdue.count() == 1 and overdue.get().person_id == org.id("ben")
    assert org.call("ana").get("/customer-escalations").json["items"][0]["late_at"]
    at = f"/customer-escalations/{row.id}/outcome"
    closed = org.call("ben").put(at, {"outcome": "Orders are replayed tonight"})
    assert closed.json["closed_by"]["id"] == org.id("ben")
    assert org.call("ana").get(f"/inquiries/{one['id']}").json["state"] == "new"
    assert not models.Due.objects.filter(kind=customer_escalations.KIND, state="waiting").exists()
    entries = inquiries.history(models.Inquiry.objects.get(id=one["id"]))
    assert {e.kind for e in entries} == {"asked", "escalated", "late", "returned"}
    assert "Orders are replayed tonight" in {e.text for e in entries}
    timeline = models.TimelineRow.objects.filter(incident_id=incident, text__contains="Customer issue")
    assert timeline.count() == 2


@pytest.mark.requirement("R-107")
def test_a_social_answer_is_logged_with_its_link(org: Organisation) -> None:
    incident = org.declare("ana")
    one = asked(org, incident, kind="social", channel="social", customer="@someone")
    message = sent(org, incident, "Checkout fails")
    at = f"/inquiries/{one['id']}/answer"
    assert org.call("ana").put(at, {"message": message}).code == "link.missing"
    assert org.call("ana").put(at, {"message": message, "link": "javascript:x"}).status == 422
    url = "https://social.example/posts/7"
    assert org.call("ana").put(at, {"message": message, "link": url}).json["answer_link"] == url
    assert models.TimelineRow.objects.filter(incident_id=incident, text__contains=url).exists()


@pytest.mark.requirement("R-109")
def test_the_press_has_a_deadline_that_runs_and_an_approved_statement(org: Organisation) -> None:
    incident = org.declare("ana")
    deadline = datetime.now(UTC) + 30 * MINUTE
    said = {"kind": "media", "outlet": "The Daily", "topic": "Outage", "deadline": deadline.isoformat()}
    one = asked(org, incident, **said)
    org.call("ana").post("/inquiries/bulk", {"act": "assign", "ids": [one["id"]], "owner": org.id("ben")})
    assert (
        org.call("ana").put(f"/inquiries/{one['id']}/answer", {"text": "No comment"}).code
        == "answer.not_approved"
    )
    timer = models.Due.objects.get(kind=inquiries.DEADLINE, ref=one["id"], state="waiting")
    told = models.Callout.objects.filter(subject__startswith="Deadline of an inquiry")
    customer_escalations.fire_deadline(one["id"], Directory(timer.due_at - MINUTE))
    assert not told.exists()
    for _ in range(2):
        customer_escalations.fire_deadline(one["id"], Directory(timer.due_at))
    assert told.count() == 1 and told.get().person_id == org.id("ben") and "The Daily" in told.get().subject
    statement = sent(org, incident, "Checkout fails")
    done = org.call("ana").put(f"/inquiries/{one['id']}/answer", {"message": statement})
    assert done.json["state"] == "answered"
    root = org.act("root")
    competence.certify(root, org.id("ben"), "media")
    competence.set_policy(root, "refuse")
    refused = org.call("ana").put(f"/inquiries/{one['id']}/answer", {"message": statement})
    assert refused.status in (403, 409) and "certif" in refused.json["error"]["message"].lower()


@pytest.mark.requirement("R-108")
@pytest.mark.requirement("R-219")
def test_an_answered_question_of_staff_appears_among_the_questions(org: Organisation) -> None:
    incident = org.declare("ana")
    said = {"question": "May we tell friends?", "incident": incident}
    one = org.call("eva", "executive").post("/staff-questions", said | {"incident": None})
    assert one.status == 201, one.json
    page = signed_in(org, "eva").get("/questions")
    assert page.status_code == 200 and "May we tell friends?" in page.content.decode()
    at = f"/inquiries/{one.json['id']}/answer"
    done = org.call("ana").put(at, {"text": "Yes, what is on the status page.", "publish": True})
    assert done.json["faq"] is True
    assert org.call("eva").get("/staff-questions").json[0]["answer"] == "Yes, what is on the status page."
    assert "Yes, what is on the status page." in signed_in(org, "ole").get("/questions").content.decode()
    asks = signed_in(org, "ole").post("/questions", {"question": "When do we hear more?"})
    assert asks.status_code == 302
    assert models.Inquiry.objects.filter(kind="staff", question="When do we hear more?").exists()


@pytest.mark.requirement("R-088")
def test_the_counter_grows_with_inquiries_and_imports_and_prompts_the_commander(org: Organisation) -> None:
    incident = org.declare("ana")
    at = f"/incidents/{incident}/customer-reports"
    asked(org, incident)
    ana = org.call("ana")
    assert ana.get(at).json["customers"] == 1
    batch = {"customers": 11, "source": "helpdesk", "external_id": "batch-1"}
    for _ in range(2):
        assert ana.post(at, batch).json["customers"] == 12
    assert sum(ana.get(at).json["course"]) == 12
    assert ana.post(at, {"customers": 0}).status == 422
    reached = models.ReportsReached.objects.filter(incident_id=incident).order_by("threshold")
    assert list(reached.values_list("threshold", flat=True)) == [1, 5, 10]
    told = models.Delivery.objects.filter(
        person_id=org.id("ana"), cls="message", body__contains="12 customers"
    )
    assert told.count() == 1
    page = signed_in(org, "ole").get(f"/incidents/{incident}").content.decode()
    assert "12 reports" in page and "<svg" in page


@pytest.mark.requirement("R-087")
def test_an_incident_closes_when_every_inquiry_has_a_follow_up_or_with_a_reason(org: Organisation) -> None:
    incident = org.declare("ana")
    ids = [asked(org, incident, customer=f"Zebra-{n}")["id"] for n in range(2)]
    models.IncidentRow.objects.filter(id=incident).update(phase="resolved")
    ana = org.call("ana")
    at = f"/incidents/{incident}/closure"
    refused = ana.put(at, {"reason": "Over"})
    assert refused.status == 409 and "2 inquiries" in refused.json["error"]["message"], refused.json
    told = {"act": "follow_up", "ids": ids, "follow_up": "to_tell"}
    assert ana.post("/inquiries/bulk", told).status == 200
    assert ana.put(at, {"reason": "Over"}).code != "inquiry.follow_up"
    left = signed_in(org, "ole").get(f"/inquiries?show=follow&incident={incident}").content.decode()
    assert "Zebra-0" in left and "Zebra-1" in left
    ana.post("/inquiries/bulk", told | {"ids": ids[:1], "follow_up": "told"})
    left = signed_in(org, "ole").get(f"/inquiries?show=follow&incident={incident}").content.decode()
    assert "Zebra-0" not in left and "Zebra-1" in left


def test_the_catalogue_switches_the_follow_up_off_and_the_mood_of_those_who_asked_is_summed(
    org: Organisation,
) -> None:
    incident = org.declare("ana", template="business")
    for n, sentiment in enumerate(("angry", "calm", "angry", "")):
        asked(org, incident, sentiment=sentiment, customer=f"Zebra-{n}")
    summed = org.call("ana").get(f"/incidents/{incident}/sentiment/inquiries").json
    assert [(m["sentiment"], m["count"]) for m in summed] == [("angry", 2), ("calm", 1), ("", 1)]
    page = signed_in(org, "ana").get(f"/incidents/{incident}/emergency").content.decode()
    assert "Those who asked us" in page
    models.IncidentRow.objects.filter(id=incident).update(phase="resolved")
    at = f"/incidents/{incident}/closure"
    assert org.call("ana").put(at, {"reason": "Over"}).code == "inquiry.follow_up"
    text = "[inquiries]\ntell_everyone = false\n[executives]\nreading_severity = 1\nreading_days = 7\n"
    structures.put_in_force(org.act("root"), {"closing.toml": text}, "The desk works elsewhere")
    assert org.call("ana").put(at, {"reason": "Over"}).code != "inquiry.follow_up"


def test_the_desk_works_with_two_hundred_rows_filters_and_forms(org: Organisation) -> None:
    incident = org.declare("ana")
    now = datetime.now(UTC)
    models.Inquiry.objects.bulk_create(
        models.Inquiry(id=new_id(), incident_id=incident, kind="media" if n % 2 else "customer", channel="email",
                       customer=f"C{n}", question=f"Question {n}", asked_at=now, changed_at=now)
        for n in range(200)
    )  # fmt: skip
    browser = signed_in(org, "ana")
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get("/inquiries?kind=staff")
    with CaptureQueriesContext(connection) as many:
        page = browser.get("/inquiries").content.decode()
    assert len(many) <= len(few) + 4
    assert page.count('name="ids"') == inquiries.MOST_AT_ONCE and "Question 7" in page
    assert browser.get("/inquiries?kind=media").content.decode().count('name="ids"') == 100
    ids = list(models.Inquiry.objects.values_list("id", flat=True))
    done = browser.post("/inquiries/bulk", {"act": "assign", "ids": ids, "owner": org.id("ben")})
    assert done.status_code == 302 and models.Inquiry.objects.filter(owner=org.id("ben")).count() == 200
    none = browser.post("/inquiries/bulk", {"act": "close"}, follow=True)
    assert "Choose 1 to 200" in none.content.decode()
    kept = browser.post("/inquiries/new", {"question": "Words that stay", "kind": "media"})
    assert kept.status_code == 422 and "Words that stay" in kept.content.decode()
    made = browser.post("/inquiries/new", {"question": "What now?", "kind": "media", "outlet": "The Daily",
                                           "channel": "phone", "deadline": "2030-05-01T12:00"})  # fmt: skip
    assert made.status_code == 302
    shown = browser.get(made["Location"]).content.decode()
    assert "The Daily" in shown and "What now?" in shown
    refused = browser.post(made["Location"] + "/answer", {"message_id": "nothing"})
    assert refused.status_code == 422


def test_inquiries_of_a_restricted_incident_are_for_its_people_only(org: Organisation) -> None:
    secret = restricted(org)
    one = asked(org, secret, question=f"{CANARY} question", customer=f"{CANARY} customer")
    for outsider in ("ben", "root"):
        caller, browser = org.call(outsider), signed_in(org, outsider)
        assert caller.get("/inquiries").json["items"] == []
        assert caller.get(f"/inquiries/{one['id']}").status == 404
        assert caller.post("/inquiries", {"question": "x", "incident": secret}).status == 404
        bulk = {"act": "close", "ids": [one["id"]]}
        assert caller.post("/inquiries/bulk", bulk).status == 404
        assert caller.get(f"/incidents/{secret}/customer-reports").status == 404
        assert browser.get(f"/inquiries/{one['id']}").status_code == 404
        assert CANARY not in browser.get("/inquiries").content.decode()
    assert CANARY in signed_in(org, "ana").get("/inquiries").content.decode()
    given = {"act": "assign", "ids": [one["id"]], "owner": org.id("ben")}
    assert org.call("ana").post("/inquiries/bulk", given).code == "person.outside"


def test_asking_again_shows_nobody_an_inquiry_they_may_not_know_of(org: Organisation) -> None:
    secret = restricted(org)
    asked(org, secret, question=f"{CANARY} question", source="desk", external_id="4711")
    moved = asked(org, question="When is it over?", customer="Acme")
    org.call("ana").patch(f"/inquiries/{moved['id']}", {"incident": secret, "topic": CANARY})
    ben = org.call("ben")
    known = ben.post("/inquiries", {"question": "x", "source": "desk", "external_id": "4711"})
    assert known.code == "inquiry.taken_in" and CANARY not in str(known.json)
    again = ben.post("/inquiries", {"question": "When is it over?", "customer": "Acme"})
    assert again.status == 201 and again.json["id"] != moved["id"] and CANARY not in str(again.json)


def test_only_those_who_keep_contacts_or_write_messages_read_whom_one_went_to(org: Organisation) -> None:
    reader = {"id": new_id(), "audience": "customers_all", "name": "Kim Lee", "email": "kim@customer.example"}
    models.AudienceContact.objects.create(created_at=org.now, **reader)
    incident = org.declare("ana")
    message = sent(org, incident, "We are working on it")
    at = f"/incidents/{incident}/messages/{message}"
    for handle, reads in (("ole", False), ("ben", True)):
        browser = signed_in(org, handle)
        told = [
            str(org.call(handle).get(f"{at}/recipients").json),
            browser.get(f"{at}/delivery.csv").content.decode(),
        ]
        told += [browser.get(f"{at}/delivery?q=kim&after={odd}").content.decode() for odd in ("", "\u00b2")]
        for text in told:
            assert ("kim@customer.example" in text and "Kim Lee" in text) == reads, text
            assert reads or "k…@customer.example" in text
    files = models.Event.objects.filter(kind="RecipientsExported")
    assert [e.actor for e in files] == [org.id("ben")]


def test_the_desk_is_worked_by_typed_lines_and_answers_only_from_what_was_sent(org: Organisation) -> None:
    incident = org.declare("ana")
    one, other = asked(org, incident), asked(org, incident, question="Is data lost?")

    def say(line: str, handle: str = "ana") -> Any:
        return org.call(handle).post(f"/incidents/{incident}/say", {"text": line})

    ref = one["id"][-6:]
    listed = say("/inquiries").json["lines"]
    assert len(listed) == 2 and any(row.startswith(ref) and "nobody has it" in row for row in listed)
    assert (
        say("/inquiry answer").code == "command.form" and say(f"/inquiry sell {ref}").code == "command.form"
    )
    assert say("/inquiry take 000000").code == "inquiry.unknown"
    assert say(f"/inquiry answer {ref}").code == "answer.none"
    assert say(f"/inquiry take {ref}", "ben").status == 201
    assert models.Inquiry.objects.get(id=one["id"]).owner == org.id("ben")
    sent(org, incident, "We know, and work on it")
    told = say(f"/inquiry answer {ref}").json
    assert "We know, and work on it" in told["text"] and any("working on it" in row for row in told["lines"])
    row = models.Inquiry.objects.get(id=one["id"])
    assert row.state == "answered" and not row.stale
    assert (
        org.call("ana").put(f"/incidents/{incident}/phase", {"phase": "investigating", "reason": "x"}).status
        < 300
    )
    ref = other["id"][-6:]
    late = say(f"/inquiry answer {ref}")
    assert (late.status, late.code) == (409, "answer.stale")
    raised = say(f"/inquiry escalate {ref} commander urgent They threaten to leave")
    assert "is being paged" in raised.json["text"]
    assert models.CustomerEscalation.objects.get().priority == "urgent"
    assert models.Inquiry.objects.get(id=other["id"]).state == "escalated"
