"""Pages on people's own devices: switched on from the device, ended when it is gone, answered from the notification."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import override_settings

from quarterdeck.app.comms.links import token
from quarterdeck.app.health import health_push
from quarterdeck.app.paging import paging, push_devices
from quarterdeck.channels import web_push
from quarterdeck.channels.outcome import GaveUp, Sent
from quarterdeck.channels.web_push_crypto import derived_scalar
from quarterdeck.core.escalation.policy import Target
from quarterdeck.engine.push_key import publish_push_key
from quarterdeck.store import models
from support.browsing import alert, browser, company, incident, words
from support.push_receiver import Receiver
from support.rest import Caller

WAYS = {"web_push": {"key": derived_scalar("ours"), "contact": "mailto:ops@example.com"}, "email": {}}


@pytest.fixture
def world(db):
    """Ben is reached by mail; his device is added by the tests."""
    with override_settings(QUARTERDECK_CHANNELS=WAYS):
        world = company()
        models.ContactMethod.objects.filter(person=world.find("ben")).exclude(kind="email").delete()
        publish_push_key(world.now)
        yield world


def offered(name="Ben's phone", endpoint="https://push.example/abc", device=None, **changed):
    device = device or Receiver()
    form = {
        "endpoint": endpoint,
        "p256dh": device.p256dh,
        "auth": device.auth,
        "key": push_devices.public_key(),
        "name": name,
    }
    return form | changed


def switched_on(world, handle="ben", **said):
    answer = browser(world, handle).post(
        "/settings/devices/new", offered(**said), HTTP_ACCEPT="application/json"
    )
    assert answer.status_code == 200, answer.content
    return models.PushDevice.objects.get(id=answer.json()["id"])


def answered(world, callout, given=None):
    path = f"/push/answer/{callout.id}/{given or token('callout', callout.id)}"
    return browser(world, None).post(path, HTTP_ACCEPT="application/json")


def callout_of(world, handle):
    return models.Callout.objects.filter(person=world.find(handle)).latest("id")


def test_a_device_is_listed_renamed_and_removed_by_the_interface_by_its_owner_alone(world):
    row = switched_on(world)
    ben, cleo = Caller(world.find("ben")), Caller(world.find("cleo"))
    assert [d["name"] for d in ben.get("/me/devices").json["items"]] == ["Ben's phone"]
    assert ben.patch(f"/me/devices/{row.id}", {"name": "Old phone"}).json["name"] == "Old phone"
    assert cleo.patch(f"/me/devices/{row.id}", {"name": "Mine"}).code == "device.unknown"
    assert ben.patch(f"/me/devices/{row.id}", {"name": " "}).status in (400, 422)
    assert ben.delete(f"/me/devices/{row.id}").status == 204
    assert ben.get("/me/devices").json["items"] == []


def test_a_device_that_is_switched_on_is_paged_first_and_with_what_it_gave(world):
    device = Receiver()
    row = switched_on(world, device=device)
    alert(world)
    (outgoing,) = [o for kind, o in world.outbox.sent if kind == "web_push"]
    assert outgoing.data["subscription"]["p256dh"] == device.p256dh
    assert outgoing.data["subscription"]["endpoint"] == "https://push.example/abc"
    stored = models.Delivery.objects.get(channel="web_push")
    assert stored.address == row.id
    assert "subscription" not in json.dumps(stored.body), "what a device gave lies in one place"
    shown = words(browser(world, "ben").get("/settings/devices"))
    assert "Ben's phone" in shown
    assert "last reached" in shown


def test_the_engine_alone_holds_the_private_half(world):
    assert push_devices.public_key() == web_push.public_key(web_push.Settings(**WAYS["web_push"]))
    everything = json.dumps(list(models.PushKey.objects.values()), default=str)
    assert WAYS["web_push"]["key"] not in everything
    assert browser(world, "ben").get("/settings/devices/key").json()["key"] == push_devices.public_key()


@pytest.mark.parametrize("why", ["The push service answered 410", "The push service answered 404"])
def test_a_device_that_is_gone_is_left_alone_and_its_owner_told_by_mail(world, why):
    row = switched_on(world)
    world.outbox.answer = lambda kind, outgoing: (
        GaveUp(why, gone=True) if kind == "web_push" else Sent("fake")
    )
    alert(world)
    world.pass_time(seconds=10)
    row.refresh_from_db()
    assert row.contact.disabled
    assert row.ended_at is not None
    mails = [o.subject for kind, o in world.outbox.sent if kind == "email" and o.recipient_name == ""]
    assert mails == ["Ben's phone gets no pages any more"]
    assert world.pages("ben"), "the next contact was used at once"
    found = list(health_push.look({"web_push"}, "https://ops.example"))
    assert [(f.level, "Ben Okonkwo" in f.text) for f in found] == [("warning", True)]
    assert models.Event.objects.filter(kind="DeviceEnded").count() == 1
    assert why in words(browser(world, "ben").get("/settings/devices"))
    alert(world, "Search is slow", "second")
    assert [k for k, _ in world.outbox.sent if k == "web_push"] == []


def test_switching_it_on_again_brings_a_device_back(world):
    device = Receiver()
    row = switched_on(world, device=device)
    models.ContactMethod.objects.filter(id=row.contact_id).update(disabled=True)
    again = switched_on(world, device=device, name="Other name")
    assert again.id == row.id
    assert not again.contact.disabled
    assert again.contact.label == "Ben's phone"
    assert models.PushDevice.objects.count() == 1


def test_an_answer_from_the_notification_needs_no_login_and_takes_the_alert(world):
    switched_on(world)
    alert(world)
    answer = answered(world, callout_of(world, "ben"))
    assert answer.json() == {"state": "acknowledged", "text": "It is yours. Nobody else is called."}
    assert models.Alert.objects.get().status == "acknowledged"
    assert callout_of(world, "ben").acknowledged_via == "push"
    assert answered(world, callout_of(world, "ben")).json()["state"] == "acknowledged", (
        "once more is harmless"
    )


def test_an_answer_that_comes_too_late_is_told_who_was_faster(world):
    alert(world)
    world.pass_time(minutes=6)
    late = callout_of(world, "ben")
    answered(world, callout_of(world, "cleo"))
    told = answered(world, late).json()
    assert told["state"] == "late"
    assert "Cleo Marsh" in told["text"]
    assert models.Alert.objects.get().acknowledged_by == world.find("cleo").id


def test_an_answer_to_what_is_over_says_so(world):
    row = alert(world)
    models.Callout.objects.update(expires_at=world.now - timedelta(minutes=1))
    assert answered(world, callout_of(world, "ben")).json()["state"] == "expired"
    assert models.Alert.objects.get(id=row.id).status == "open"


def test_a_restricted_incident_is_not_answered_without_a_login(world):
    key = incident(world, restricted=True)
    paging.page(world.act("ben"), [Target("person", world.find("cleo").id)], "x", "Come", incident_id=key)
    callout = callout_of(world, "cleo")
    assert answered(world, callout).json()["state"] == "signin"
    callout.refresh_from_db()
    assert callout.state == "waiting"


@pytest.mark.parametrize("given", ["x", "a" * 32, "ü"])
def test_a_wrong_token_answers_nothing(world, given):
    alert(world)
    told = answered(world, callout_of(world, "ben"), given)
    assert (told.status_code, told.json()["state"]) == (403, "refused")
    assert browser(world, None).get(f"/push/answer/{callout_of(world, 'ben').id}/x").status_code == 405
    assert callout_of(world, "ben").state == "waiting"


def test_ten_devices_are_enough(world):
    for n in range(10):
        switched_on(world, endpoint=f"https://push.example/{n}")
    answer = browser(world, "ben").post(
        "/settings/devices/new", offered(endpoint="https://push.example/11"), HTTP_ACCEPT="application/json"
    )
    assert answer.status_code == 409
    assert "Remove one first" in answer.json()["message"]


@pytest.mark.parametrize(
    "wrong",
    [{"endpoint": "http://127.0.0.1/x"}, {"endpoint": ""}, {"p256dh": "A" * 87}, {"auth": ""}, {"key": "another"}, {"key": ""},
     {"endpoint": "https://push.example/" + "x" * 5000}],
)  # fmt: skip
def test_what_no_browser_gives_is_refused_in_words(world, wrong):
    answer = browser(world, "ben").post(
        "/settings/devices/new", offered(**wrong), HTTP_ACCEPT="application/json"
    )
    assert answer.status_code in (409, 422)
    assert answer.json()["message"]
    assert not models.PushDevice.objects.exists()


def test_a_browser_shows_the_pages_of_whoever_switched_it_on_last(world):
    device = Receiver()
    switched_on(world, device=device)
    switched_on(world, "cleo", device=device, name="Shared")
    assert models.PushDevice.objects.get().contact.person == world.find("cleo")
    world.pass_time(minutes=1)
    assert [o.subject for _, o in world.outbox.sent] == ["A device shows your pages no more"]
    stranger = offered(name="Stolen")
    answer = browser(world, "ben").post("/settings/devices/new", stranger, HTTP_ACCEPT="application/json")
    assert answer.status_code == 422, "an address without its keys is not the browser"
    assert models.PushDevice.objects.get().contact.person == world.find("cleo")


def test_a_browser_that_changes_its_address_keeps_its_name_and_rules(world):
    row = switched_on(world)
    form = offered(endpoint="https://push.example/new", old_endpoint="https://push.example/abc")
    answer = browser(world, "ben").post("/settings/devices/renewal", form, HTTP_ACCEPT="application/json")
    assert answer.json()["id"] == row.id
    row.refresh_from_db()
    assert row.endpoint == "https://push.example/new"
    other = browser(world, "cleo").post(
        "/settings/devices/renewal",
        form | {"old_endpoint": row.endpoint, "endpoint": "https://push.example/cleo"},
        HTTP_ACCEPT="application/json",
    )
    assert other.json()["id"] != row.id, "nobody moves another person's device"


def test_a_device_is_tried_renamed_and_removed_by_its_owner_alone(world):
    row = switched_on(world)
    ben, cleo = browser(world, "ben"), browser(world, "cleo")
    for act in ("test", "name"):
        assert cleo.post(f"/settings/devices/{row.id}/{act}", {"name": "Mine"}).status_code == 404
    cleo.post(f"/settings/devices/{row.id}/removal")
    ben.post(f"/settings/devices/{row.id}/name", {"name": "Work phone"})
    ben.post(f"/settings/devices/{row.id}/test")
    ben.post(f"/settings/devices/{row.id}/test")
    world.pass_time(seconds=60)
    assert [(k, o.kind) for k, o in world.outbox.sent] == [("web_push", "test")], "not twice in ten seconds"
    row.contact.refresh_from_db()
    assert row.contact.label == "Work phone"
    ben.post(f"/settings/devices/{row.id}/removal")
    assert not models.ContactMethod.objects.filter(kind="web_push").exists()


def test_a_device_that_believes_an_older_key_is_named_to_its_owner_and_in_health(world):
    switched_on(world)
    with override_settings(QUARTERDECK_CHANNELS={"web_push": {"key": derived_scalar("newer")}}):
        publish_push_key(world.now + timedelta(hours=1))
        publish_push_key(world.now + timedelta(hours=2))
    assert models.PushKey.objects.count() == 2
    assert "to be renewed" in words(browser(world, "ben").get("/settings/devices"))
    (found,) = health_push.look({"web_push"}, "https://ops.example")
    assert found.level == "warning"
    assert "older key" in found.text


def test_health_asks_for_an_address_browsers_subscribe_at(world):
    assert [f.level for f in health_push.look({"web_push"}, "http://ops.example")] == ["fault"]
    assert not list(health_push.look({"web_push"}, "http://127.0.0.1:8080"))
    assert not list(health_push.look(set(), "http://ops.example"))


def test_nobody_writes_another_device_down_as_a_contact(world):
    row = switched_on(world)
    cleo = world.find("cleo")
    browser(world, "cleo").post(f"/people/{cleo.id}/contacts", {"kind": "web_push", "address": row.id})
    assert not models.ContactMethod.objects.filter(person=cleo, kind="web_push").exists()


def test_the_worker_serves_the_whole_installation_and_is_looked_for_anew(world):
    answer = browser(world, None).get("/service-worker.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    told = browser(world, None).get("/manifest.webmanifest")
    assert told["Content-Type"] == "application/manifest+json"
    for icon in told.json()["icons"]:
        assert icon["src"].startswith("/static/quarterdeck/icons/")
        assert "?v=" in icon["src"], "the file is there"
    assert 'rel="manifest"' in browser(world, "ben").get("/settings/devices").content.decode()


def test_without_the_channel_the_page_says_how_to_set_it_up(world):
    with override_settings(QUARTERDECK_CHANNELS={"email": {}}):
        assert "[channels.web_push]" in words(browser(world, "ben").get("/settings/devices"))


def test_what_a_device_shows_is_written_down_as_arrived_once(world):
    switched_on(world)
    world.outbox.answer = lambda kind, outgoing: Sent("")
    alert(world)
    row = models.Delivery.objects.get(channel="web_push")
    (payload,) = [web_push.render(o) for kind, o in world.outbox.sent if kind == "web_push"]
    path = f"/push/shown/{payload['callout']}/{payload['token']}/"
    client = browser(world, None)
    assert client.post(path + "another").status_code == 204
    assert client.post(f"/push/shown/{payload['callout']}/wrong/{payload['id']}").status_code == 403
    assert not models.Attempt.objects.filter(phase="receipt").exists()
    for _ in range(2):
        assert client.post(path + payload["id"]).status_code == 204
    assert [a.outcome for a in models.Attempt.objects.filter(delivery_id=row.id, phase="receipt")] == [
        "delivered"
    ]
    assert callout_of(world, "ben").state == "waiting", "showing it answers nothing"
