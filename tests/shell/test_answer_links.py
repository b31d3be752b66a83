"""Answering by a signed link without a login: what it shows, whom and which text it counts for, and how often."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from tests.shell.test_approvals import Press

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


def link_of(org: Organisation, handle: str) -> str:
    """The path in the newest mail to this person."""
    rows = models.Delivery.objects.filter(person_id=org.id(handle), body__contains="/a/").order_by("-id")
    found = re.search(r'https?://[^"\s]+/a/[^"\s]+', str(rows[0].body["link"]))
    assert found is not None
    return urlsplit(found[0]).path


def browser() -> Client:
    return Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")


def test_an_approver_reads_the_exact_text_and_answers_once_without_a_login(
    org: Organisation, press: Press
) -> None:
    client, path = browser(), link_of(org, "leo")
    page = client.get(path)
    text = page.content.decode()
    assert page.status_code == 200 and page["Referrer-Policy"] == "no-referrer"
    assert all(
        word in text for word in ("Bookings are slow", "Bookings take minutes", "We add capacity", "Ben")
    )
    assert "Strong objection" in text and not models.MessageVerdictRow.objects.exists(), "a look says nothing"
    assert client.get(path[:-3] + "xx/").status_code == 404
    bare = client.post(path, {"answer": "objection"})
    assert bare.status_code == 422 and "Write why" in bare.content.decode()
    assert client.post(path, {"answer": "suggestion", "text": "Shorter."}).status_code == 302
    said = models.MessageVerdictRow.objects.get()
    assert (said.person, said.verdict, said.text) == (org.id("leo"), "suggestion", "Shorter.")
    assert "works once" in client.get(path).content.decode()
    again = client.post(path, {"answer": "objection", "text": "No."})
    assert models.MessageVerdictRow.objects.get().verdict == "suggestion" and "was used" not in text
    assert again.status_code in (200, 409)
    audited = models.Event.objects.filter(kind="AnsweredByLink").get()
    assert audited.actor == org.id("leo")
    told = models.Delivery.objects.filter(person_id=org.id("leo"), key__startswith="answered/")
    assert told.count() == models.ContactMethod.objects.filter(person_id=org.id("leo")).count() > 0
    assert not models.Callout.objects.filter(person_id=org.id("leo"), state="waiting").exists()
    approve = link_of(org, "eva")
    shown = client.get(approve).content.decode()
    assert "with a suggestion: Shorter." in shown and "Refuse" in shown, "reviews so far stand there"
    assert client.post(approve, {"answer": "ok"}).status_code == 302
    assert press.message()["missing"] == []


def test_any_edit_ends_the_link_and_the_page_says_that_there_is_a_newer_text(
    org: Organisation, press: Press
) -> None:
    path, client = link_of(org, "leo"), browser()
    assert press.people["ben"].put(press.url, press.body | {"action": "We work on it"}).status == 200
    assert press.hand_in().status == 200
    shown = client.get(path)
    assert shown.status_code == 410 and "newer" in shown.content.decode()
    assert "We work on it" not in shown.content.decode()
    assert client.post(path, {"answer": "ok"}).status_code == 410
    assert not models.MessageVerdictRow.objects.exists()
    assert link_of(org, "leo") != path
    assert "We work on it" in client.get(link_of(org, "leo")).content.decode()


def test_a_link_of_a_restricted_incident_shows_the_sign_in_alone(org: Organisation, press: Press) -> None:
    path, client = link_of(org, "leo"), browser()
    models.IncidentRow.objects.filter(id=press.incident).update(restricted=True)
    for answer in (client.get(path), client.post(path, {"answer": "ok"})):
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    assert not models.MessageVerdictRow.objects.exists()


def test_a_link_that_is_tried_too_often_or_too_late_or_whose_owner_left_answers_nothing(
    org: Organisation, press: Press
) -> None:
    path, client = link_of(org, "leo"), browser()
    for _ in range(10):
        assert client.post(path, {"answer": "nonsense"}).status_code == 422
    assert client.post(path, {"answer": "ok"}).status_code == 429
    models.AnswerLink.objects.update(tried_at=datetime.now(UTC) - timedelta(minutes=11))
    assert client.post(path, {"answer": "nonsense"}).status_code == 422
    late = datetime.now(UTC) - timedelta(minutes=1)
    models.AnswerLink.objects.update(expires_at=late)
    assert client.post(path, {"answer": "ok"}).status_code == 410
    assert "expired" in client.get(path).content.decode()
    models.Person.objects.filter(id=org.id("leo")).update(is_active=False)
    assert client.get(path).status_code == 404
    assert not models.MessageVerdictRow.objects.exists()
