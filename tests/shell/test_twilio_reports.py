"""What Twilio reports back: texts and calls that arrive or do not, keys that are pressed, answers by text."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import override_settings
from tests.shell.test_channels_twilio import BEN, CLEO, PAGE

from quarterdeck.app.comms.links import callout_url, token
from quarterdeck.app.paging import receipts, remote_answers
from quarterdeck.channels import sms_twilio, voice_twilio
from quarterdeck.channels.answering import short_code
from quarterdeck.channels.outcome import Sent
from quarterdeck.store import models
from support.browsing import alert, browser, company, words
from support.twilio_fake import ACCOUNT, TOKEN, reported


@pytest.fixture
def world(db):
    """Ben is reached by text, by call and by mail, one minute apart; Cleo is the next step."""
    world = company()
    models.ContactMethod.objects.filter(person=world.find("ben")).delete()
    ben = world.find("ben")
    for position, (kind, address) in enumerate(
        [("sms_twilio", BEN), ("voice_twilio", BEN), ("email", "ben@example.com")]
    ):
        contact = models.ContactMethod.objects.create(
            person=ben, kind=kind, address=address, position=position, verified_at=world.now
        )
        models.NotificationRule.objects.create(
            person=ben, contact=contact, urgency="high", delay_seconds=60 * position
        )
    world.outbox.answer = lambda kind, outgoing: Sent(f"SM-{outgoing.key[-8:]}")
    held = {"auth_token": TOKEN}
    with override_settings(QUARTERDECK_CALLBACKS={"sms_twilio": held, "voice_twilio": held}):
        yield world


def called(world):
    alert(world)
    return models.Callout.objects.get(person=world.find("ben"))


def delivery(callout, kind):
    return models.Delivery.objects.get(callout_id=callout.id, channel=kind)


def address(callout, kind, path):
    """What the provider was told to report to."""
    row = delivery(callout, kind)
    outgoing = replace(PAGE, key=row.key, link=callout_url(callout.id))
    form = sms_twilio if kind == "sms_twilio" else voice_twilio
    assert form.answerable(outgoing) is not None
    return form.answerable(outgoing).callback(path, row.key)


def told(world, callout, word, kind="sms_twilio", key=TOKEN, **more):
    row = delivery(callout, kind)
    names = {"sms_twilio": ("message", "Message"), "voice_twilio": ("call", "Call")}[kind]
    form = {f"{names[1]}Sid": f"SM-{row.key[-8:]}", f"{names[1]}Status": word, "AccountSid": ACCOUNT} | more
    return reported(browser(world, None), address(callout, kind, f"twilio/{names[0]}"), key, **form)


def ways(world, handle="ben"):
    return [
        kind for kind, outgoing in world.outbox.sent if outgoing.recipient_name.lower().startswith(handle)
    ]


def test_a_text_that_arrived_is_written_down(world):
    callout = called(world)
    assert told(world, callout, "delivered").status_code == 204
    row = delivery(callout, "sms_twilio")
    assert row.state == "sent"
    assert models.Attempt.objects.get(delivery_id=row.id, phase="receipt").outcome == "delivered"
    assert "Arrived" in words(browser(world, "ben").get(f"/callouts/{callout.id}"))


def test_a_text_that_does_not_arrive_brings_the_next_contact_at_once(world):
    callout = called(world)
    assert ways(world) == ["sms_twilio"]
    told(world, callout, "undelivered", ErrorCode="30007")
    world.pass_time(seconds=5)
    assert ways(world) == ["sms_twilio", "voice_twilio"]
    assert delivery(callout, "sms_twilio").state == "failed"
    assert "30007" in delivery(callout, "sms_twilio").error


def test_when_no_contact_is_left_the_next_step_is_called_at_once(world):
    callout = called(world)
    models.Delivery.objects.filter(callout_id=callout.id).exclude(channel="sms_twilio").delete()
    told(world, callout, "failed")
    world.pass_time(seconds=5)
    assert world.pages("cleo") != []


def test_a_report_counts_once_and_only_for_its_own_message(world):
    callout = called(world)
    told(world, callout, "undelivered", MessageSid="SM-another")
    assert delivery(callout, "sms_twilio").state == "sent"
    told(world, callout, "delivered")
    told(world, callout, "undelivered")
    assert delivery(callout, "sms_twilio").state == "sent"
    assert models.Attempt.objects.filter(phase="receipt").count() == 1


@pytest.mark.parametrize("word", ["queued", "sent", "accepted", "anything"])
def test_a_report_on_the_way_changes_nothing(world, word):
    callout = called(world)
    assert told(world, callout, word).status_code == 204
    assert not models.Attempt.objects.filter(phase="receipt").exists()


def test_a_report_that_overtakes_the_answer_still_counts(world):
    early = []

    def answer(kind, outgoing):
        if kind == "sms_twilio" and not early:
            early.append(
                receipts.record(outgoing.key, kind, "SM-x", "undelivered", "The text failed.", world.now)
            )
        return Sent("SM-x" if kind == "sms_twilio" else "CA-x")

    world.outbox.answer = answer
    callout = called(world)
    assert early == [True]
    assert delivery(callout, "sms_twilio").state == "failed"
    assert ways(world)[-1] == "voice_twilio"


@pytest.mark.parametrize("path", ["message", "call", "key", "reply"])
def test_what_is_not_signed_is_refused_and_changes_nothing(world, path):
    callout = called(world)
    client = browser(world, None)
    kind = "sms_twilio" if path in ("message", "reply") else "voice_twilio"
    url = address(callout, kind, f"twilio/{path}")
    form = {"MessageStatus": "failed", "MessageSid": "x", "Digits": "1", "From": BEN, "Body": "ACK"}
    assert reported(client, url, "another-token", **form).status_code == 403
    assert client.post(f"/callbacks/twilio/{path}?key=x", form).status_code == 403
    assert client.get(f"/callbacks/twilio/{path}").status_code == 405
    with override_settings(QUARTERDECK_CALLBACKS={}):
        assert reported(client, url, "", **form).status_code == 403
    callout.refresh_from_db()
    assert callout.state == "waiting"


@pytest.mark.parametrize("word", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_nobody_takes_brings_the_next_contact_at_once(world, word):
    callout = called(world)
    world.pass_time(minutes=1)
    assert ways(world)[-1] == "voice_twilio"
    told(world, callout, word, kind="voice_twilio")
    world.pass_time(seconds=5)
    assert ways(world)[-1] == "email"


def press(world, callout, digit):
    url = address(callout, "voice_twilio", "twilio/key")
    answer = reported(browser(world, None), url, Digits=digit, CallSid="CA1")
    return ElementTree.fromstring(answer.content)


def test_pressing_one_acknowledges(world):
    callout = called(world)
    document = press(world, callout, "1")
    assert "It is yours" in document.find("Say").text
    assert document.find("Hangup") is not None
    callout.refresh_from_db()
    assert (callout.state, callout.acknowledged_via) == ("acknowledged", "phone")
    assert models.Alert.objects.get().acknowledged_by == callout.person_id


def test_pressing_two_calls_the_next_step_at_once_and_only_that(world):
    callout = called(world)
    for _ in range(2):
        assert "next person is called now" in press(world, callout, "2").find("Say").text
    world.pass_time(seconds=5)
    assert world.pages("cleo") != []
    assert world.pages("ana") == [], "passed on twice is passed on once"
    assert "Passed on by Ben Okonkwo (phone)" in words(
        browser(world, "ana").get(f"/alerts/{callout.alert_id}")
    )


def test_any_other_key_is_asked_again(world):
    document = press(world, called(world), "7")
    assert document.find("Gather/Say").text == voice_twilio.CHOICE
    assert parse_qs(urlsplit(document.find("Gather").get("action")).query)["key"]


def test_answering_with_the_code_acknowledges_from_the_number_that_was_written_to(world):
    callout = called(world)
    code = short_code(token("callout", callout.id))
    url = address(callout, "sms_twilio", "twilio/reply").partition("?")[0]
    client = browser(world, None)

    def says(number, body):
        return (
            ElementTree.fromstring(reported(client, url, From=number, Body=body).content).find("Message").text
        )

    assert "Not understood" in says(BEN, "who is this?")
    assert "Not understood" in says(CLEO, f"ACK {code}")
    assert "No open page" in says(BEN, f"ACK {(int(code) + 1) % 100000:05d}")
    callout.refresh_from_db()
    assert callout.state == "waiting"
    assert says("+49 171 1234567", f" ack {code}.") == "Acknowledged: Checkout is slow"
    callout.refresh_from_db()
    assert (callout.state, callout.acknowledged_via) == ("acknowledged", "sms")


def test_an_expired_page_is_not_answered_by_telephone(world):
    callout = called(world)
    models.Callout.objects.filter(id=callout.id).update(expires_at=world.now - timedelta(days=2))
    assert "expired" in press(world, callout, "1").find("Say").text
    assert "too old" in press(world, callout, "2").find("Say").text


def test_a_page_that_stands_alone_cannot_be_passed_on(world):
    callout = called(world)
    models.Callout.objects.filter(id=callout.id).update(run_id="")
    assert remote_answers.pass_on(callout.id, world.now, "phone") is False


def test_a_page_for_several_alerts_is_answered_and_passed_on_as_one(world):
    for n in range(3):
        alert(world, title=f"Disk {n} is full", key=f"disk-{n}")
    world.pass_time(seconds=40)
    carried = models.Delivery.objects.filter(channel="sms_twilio").exclude(bundle_id="").order_by("id")
    carrier = carried.get(id=carried[0].bundle_id)
    assert carried.count() == 2
    assert remote_answers.pass_on(carrier.callout_id, world.now, "phone")
    world.pass_time(seconds=5)
    passed = models.AlertEntry.objects.filter(kind="passed_on").values_list("alert_id", flat=True)
    assert set(passed) == set(carried.values_list("alert_id", flat=True))
    remote_answers.acknowledge(carrier.callout_id, world.now, "phone")
    taken = models.Alert.objects.filter(status="acknowledged").values_list("id", flat=True)
    assert set(taken) == set(passed)
