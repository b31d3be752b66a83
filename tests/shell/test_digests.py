"""Digests by mail for those who never log in: what waits for them, the links, and how it ends."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from tests.shell.test_answer_links import browser
from tests.shell.test_approvals import Press

from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    return Organisation()


@pytest.fixture
def press(org: Organisation) -> Press:
    found = Press(org)
    assert found.hand_in().status == 200
    return found


def take(org: Organisation, handle: str, **said: int) -> None:
    answer = org.call(handle).put(f"/people/{org.id(handle)}/digest", said)
    assert answer.status == 200, answer.json


def next_mail(org: Organisation, handle: str, hours: float = 2.1) -> str:
    """Pass the time until the next digest; its text, "" when none came."""
    before = set(models.Delivery.objects.filter(key__startswith="digest/").values_list("id", flat=True))
    org.now += timedelta(hours=hours)
    org.settle()
    rows = models.Delivery.objects.filter(key__startswith="digest/", person_id=org.id(handle))
    fresh = rows.exclude(id__in=before).first()
    return (
        f"{fresh.body['subject']}\n{fresh.body['text']}\n{fresh.body['data']['unsubscribe_url']}"
        if fresh
        else ""
    )


def paths(text: str, kind: str) -> list[str]:
    return [urlsplit(u).path for u in re.findall(r"https?://\S+", text) if f"/{kind}/" in u]


def test_a_digest_brings_what_waits_and_each_link_answers_without_a_login(
    org: Organisation, press: Press
) -> None:
    take(org, "leo", hours=2)
    ana, client = press.people["ana"], browser()
    task = ana.post(
        f"{press.where}/tasks",
        {"title": "Read the contract", "assignee": org.id("leo"), "minutes": 240, "despite": "They know it"},
    )
    assert task.status == 201, task.json
    mail = next_mail(org, "leo")
    assert "Review: Bookings are slow" in mail and "Task: Read the contract, until" in mail
    assert "2 things wait for you" in mail
    links = {client.get(p).content.decode().split("<h1>")[1].split("</h1>")[0]: p for p in paths(mail, "a")}
    assert client.post(links["Your task"], {"answer": "acknowledge"}).status_code == 302
    assert client.post(links["Is this right?"], {"answer": "ok"}).status_code == 302
    assert models.TaskRow.objects.get(id=task.json["id"]).state == "acknowledged"
    assert models.MessageVerdictRow.objects.get().person == org.id("leo")
    later = next_mail(org, "leo")
    assert "Review:" not in later and "Task: Read the contract" in later
    [stop] = paths(later, "d")
    assert client.get(stop).status_code == 200 and "Stop the digest" in client.get(stop).content.decode()
    assert next_mail(org, "leo"), "a look ends nothing"
    assert client.post(stop).status_code == 200
    assert not next_mail(org, "leo")
    assert org.call("leo").get(f"/people/{org.id('leo')}/digest").code == "digest.none"


def test_an_executive_decides_helps_and_reads_the_brief_out_of_the_digest(org: Organisation) -> None:
    for handle in ("ana", "zoe"):
        org.call(handle, "executive" if handle == "zoe" else "responder")
    org.policy("executive-duty", ("zoe", 5))
    take(org, "zoe", hours=1)
    where = f"/incidents/{org.declare('ana', severity=4)}"
    assert next_mail(org, "zoe", 1.1) == "", "nothing concerns them yet, and nothing is sent"
    ana, minutes = org.call("ana"), 60 * 20
    asked = {
        "question": "Pay?", "options": [{"option": o, "consequence": f"Then we {o}"} for o in ("pay", "wait")],
        "recommendation": "wait", "default": "wait", "minutes": minutes,
    }  # fmt: skip
    help_ = {"kind": "roadblock", "text": "Purchasing has closed", "minutes": minutes}
    assert ana.post(f"{where}/decision-requests", asked).status == 201
    assert ana.post(f"{where}/help-requests", help_).status == 201
    told = dict.fromkeys(("what", "whom", "doing", "help"), "As it is")
    brief = ana.post(f"{where}/executive-briefs", told | {"next_at": text(org.now + timedelta(minutes=200))})
    assert brief.status in (200, 201), brief.json
    mail, client = next_mail(org, "zoe", 1.1), browser()
    assert "Decide: Pay?, until" in mail and "Help: Purchasing has closed, until" in mail
    pages = {p: client.get(p).content.decode() for p in paths(mail, "a")}
    of = {
        word: next(p for p, page in pages.items() if word in page) for word in ("Pay?", "Purchasing", "brief")
    }
    assert "Then we wait" in pages[of["Pay?"]]
    assert client.post(of["Pay?"], {"answer": "sell"}).status_code == 422
    assert client.post(of["Pay?"], {"answer": "pay", "text": "Today"}).status_code == 302
    assert client.post(of["Purchasing"], {"answer": "decline"}).status_code == 422
    assert client.post(of["Purchasing"], {"answer": "accept"}).status_code == 302
    assert client.post(of["brief"], {"answer": "read"}).status_code == 302
    found = models.DecisionRequestRow.objects.get()
    assert (found.chosen, found.decided_by, found.note) == ("pay", org.id("zoe"), "Today")
    assert models.HelpRequestRow.objects.get().accepted_by == org.id("zoe")
    assert models.AnswerLink.objects.get(kind="brief").answer == "I have read it"
    assert not paths(next_mail(org, "zoe", 1.1), "a")


def test_of_a_restricted_incident_a_digest_has_the_codename_alone(org: Organisation) -> None:
    for handle in ("ana", "leo"):
        org.call(handle)
    told = {"title": "Ledger stolen", "restricted": True, "codename": "Amber Falcon", "type": "security"}
    incident = org.declare("ana", **told)
    take(org, "leo", hours=2)
    asked = {"title": "Count the pages", "assignee": org.id("leo"), "minutes": 240, "despite": "They know it"}
    given = org.call("ana").post(f"/incidents/{incident}/tasks", asked)
    assert given.status == 201, given.json
    mail = next_mail(org, "leo")
    assert "Amber Falcon" in mail
    assert not any(word in mail for word in ("Ledger", "Count", incident)) and not paths(mail, "a")


def test_a_daily_digest_keeps_to_the_persons_own_day_and_strangers_set_none(
    org: Organisation, press: Press
) -> None:
    models.Person.objects.filter(id=org.id("leo")).update(timezone="Asia/Tokyo")
    take(org, "leo", minute=8 * 60 + 30)
    [timer] = models.Due.objects.filter(kind="digest", state="waiting")
    assert (timer.due_at.hour, timer.due_at.minute) == (23, 30) and timer.due_at - org.now <= timedelta(
        days=1
    )
    path = f"/people/{org.id('leo')}/digest"
    assert org.call("gus").put(path, {"hours": 1}).status == 403
    assert org.call("leo").put(path, {"hours": 25}).status == 422
    assert org.call("leo").delete(path).status == 204
    assert not models.Due.objects.filter(kind="digest", state="waiting").exists()
