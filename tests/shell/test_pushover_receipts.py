"""Urgent Pushover pages: acknowledged in the app is acknowledged here, rung out is noted, answered here stops there."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings

from quarterdeck.app.paging import receipt_polls
from quarterdeck.channels.outcome import Sent
from quarterdeck.engine.pushover_look import PushoverLook, ask_about
from quarterdeck.store import models
from support.browsing import alert, browser, callout_path, company, words
from support.http_sink import Answer, http_sink

APP, USER = "a" * 30, "u" * 30
RECEIPT = "r" * 30


@pytest.fixture
def sink():
    with http_sink() as found:
        yield found


@pytest.fixture
def world(db, sink):
    """Ben is reached by Pushover, and the provider took the page."""
    server = f"127.0.0.1:{sink.port}"
    ways = {"pushover": {"token": APP, "server": f"http://{server}"}, "email": {}}
    with override_settings(QUARTERDECK_CHANNELS=ways, QUARTERDECK_ALLOW_TARGETS=(server,)):
        world = company()
        contact = models.ContactMethod.objects.filter(person=world.find("ben")).exclude(kind="email")
        contact.update(kind="pushover", address=USER)
        models.NotificationRule.objects.filter(contact__kind="pushover").update(delay_seconds=0)
        world.outbox.answer = lambda kind, outgoing: Sent(RECEIPT if kind == "pushover" else "m")
        alert(world)
        yield world


def says(**more):
    told = {
        "status": 1,
        "acknowledged": 0,
        "acknowledged_at": 0,
        "last_delivered_at": 1700000000,
        "expired": 0,
        "called_back": 0,
    }
    return Answer(200, json.dumps(told | more).encode())


def callout():
    return models.Callout.objects.get(person__handle="ben")


def receipts():
    return list(models.Attempt.objects.filter(phase="receipt").values_list("outcome", flat=True))


def look(world):
    ask_about(receipt_polls.open_receipts(world.now))


def test_acknowledged_in_the_app_is_acknowledged_here(world, sink):
    sink.answer(says(acknowledged=1, acknowledged_by=USER))
    look(world)
    (asked,) = sink.arrived
    assert asked.method == "GET"
    assert urlsplit(asked.path).path == f"/1/receipts/{RECEIPT}.json"
    assert parse_qs(urlsplit(asked.path).query) == {"token": [APP]}
    assert (callout().state, callout().acknowledged_via) == ("acknowledged", "push")
    assert models.Alert.objects.get().acknowledged_by == world.find("ben").id
    look(world)
    assert len(sink.arrived) == 1, "what is known is not asked again"


def test_what_still_rings_is_asked_again_and_changes_nothing(world, sink):
    sink.answer(says())
    look(world)
    look(world)
    assert len(sink.arrived) == 2
    assert callout().state == "waiting"
    assert receipts() == []


def test_what_rang_out_is_noted_once_and_leaves_the_page_open(world, sink):
    sink.answer(says(expired=1))
    look(world)
    look(world)
    assert len(sink.arrived) == 1
    assert receipts() == ["unanswered"]
    assert callout().state == "waiting"
    assert "Rang without an answer" in words(browser(world, "ben").get(f"/callouts/{callout().id}"))


def test_what_is_answered_here_stops_ringing_there(world, sink):
    browser(world, None).post(callout_path(callout()))
    look(world)
    (asked,) = sink.arrived
    assert (asked.method, asked.path) == ("POST", f"/1/receipts/{RECEIPT}/cancel.json")
    assert parse_qs(asked.body.decode()) == {"token": [APP]}
    look(world)
    assert len(sink.arrived) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500),
        Answer(429),
        Answer(200, b"not json"),
        Answer(200, b"[]"),
        Answer(200, b'{"status":0}'),
        Answer(hang_up=True),
    ],
)
def test_an_answer_that_cannot_be_used_changes_nothing_and_is_asked_for_again(world, sink, answer):
    sink.answer(answer, says(acknowledged=1))
    look(world)
    assert callout().state == "waiting"
    assert receipts() == []
    look(world)
    assert callout().state == "acknowledged"


def test_a_receipt_that_is_forgotten_there_is_asked_about_no_more(world, sink):
    sink.answer(Answer(404, b'{"receipt":"not found","status":0}'))
    look(world)
    look(world)
    assert len(sink.arrived) == 1


def test_after_the_longest_ringing_nothing_is_asked(world):
    world.now = world.now.replace(year=world.now.year + 1)
    assert receipt_polls.open_receipts(world.now) == []


def test_the_chore_asks_beside_the_engine_and_not_twice_at_once(world, sink):
    sink.answer(says(acknowledged=1))
    look = PushoverLook()
    look(world.now)
    look(world.now)
    look.wait(10)
    assert len(sink.arrived) == 1
    assert callout().state == "acknowledged"


def test_without_the_channel_nothing_is_asked(world, sink):
    with override_settings(QUARTERDECK_CHANNELS={"email": {}}):
        PushoverLook()(world.now)
    assert not sink.arrived


def test_a_page_for_several_alerts_rings_until_all_of_them_are_answered(world, sink):
    world.outbox.answer = lambda kind, outgoing: Sent(hashlib.sha256(outgoing.key.encode()).hexdigest()[:30])
    for n in range(2):
        alert(world, f"Another {n}", f"key-{n}")
    world.pass_time(minutes=1)
    together = models.Delivery.objects.filter(channel="pushover").exclude(bundle_id="")
    assert together.count() == 2
    carrier = together.get(id=together.first().bundle_id)

    def page():
        (found,) = [p for p in receipt_polls.open_receipts(world.now) if p.key == carrier.key]
        return found

    first, second = (models.Callout.objects.get(id=d.callout_id) for d in together.order_by("id"))
    browser(world, None).post(callout_path(first))
    assert not page().answered
    browser(world, None).post(callout_path(second))
    assert page().answered
