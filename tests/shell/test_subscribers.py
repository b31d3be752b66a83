"""Subscribing to a status page: asked, confirmed, told, ended, over a real mail server, webhooks, text messages, push."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from standardwebhooks.webhooks import Webhook

from quarterdeck.app.paging import push_devices
from quarterdeck.app.subscribers import subscriber_figures, subscribers
from quarterdeck.channels import web_push
from quarterdeck.channels.status_site import phrases, subscribing
from quarterdeck.channels.web_push_crypto import b64
from quarterdeck.store import models
from support.attacks import org
from support.http_sink import Answer, http_sink
from support.push_receiver import Receiver
from support.rest import HOST, Organisation
from support.smtp_sink import SmtpSink, smtp_sink
from support.subscribing import Page, channels, link_in, mail, settle, visitor
from support.twilio_fake import ACCOUNT, TOKEN, twilio_fake

__all__ = ["org"]


@pytest.fixture
def page(org: Organisation) -> Page:
    return Page(org)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as found, channels(email=mail(found.port)):
        yield found


def plain(sink: SmtpSink, n: int = -1) -> str:
    part = sink.mails[n].message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def subscribed(page: Page, sink: SmtpSink, address: str, **fields: object) -> models.Subscriber:
    """All the way by the form and the link in the mail."""
    browser = visitor()
    told = {"kind": "email", "address": address, "events": ["incidents", "maintenance"]} | fields
    assert browser.post(page.url, told).status_code == 200
    settle(page.org)
    path = link_in(plain(sink))
    assert browser.get(path).status_code == 200
    assert browser.post(path).status_code == 200
    return models.Subscriber.objects.get(address=address, page=page.row)


@pytest.mark.requirement("R-045")
def test_subscribe_confirm_receive_and_unsubscribe_by_the_header_of_the_mail(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    browser = visitor()
    form = browser.get(page.url).content.decode()
    assert "Acme Cloud" in form and "Checkout" in form
    said = browser.post(page.url, {"kind": "email", "address": "Kim@Example.com", "events": "incidents"})
    assert said.status_code == 200 and "If this address is new here" in said.content.decode()
    settle(org)
    (asked,) = sink.mails
    assert asked.rcpt_to == ("kim@example.com",)
    page.post()
    settle(org)
    assert len(sink.mails) == 1, "nothing before they confirm"
    path = link_in(plain(sink))
    assert "Confirm" in browser.get(path).content.decode()
    assert models.Subscriber.objects.get().state == "pending", "looking at a link confirms nothing"
    browser.post(path)
    row = models.Subscriber.objects.get()
    assert (row.state, row.source, row.confirmed_at is not None) == ("active", "page", True)
    assert browser.post(path).status_code == 404, "a link is good once"
    org.now += timedelta(seconds=1)
    page.post("updated", title="Checkout is slow", status_word="identified")
    settle(org)
    assert len(sink.mails) == 2
    told = sink.mails[1].message
    assert told["Subject"] == "Acme Cloud: Checkout is slow (Identified)"
    assert f"Open the status page: https://{HOST}/status/acme/incidents/INC-1/" in plain(sink).splitlines()
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    end = re.fullmatch(r"<https://[^/]+(/u/\S+)>", str(told["List-Unsubscribe"]).replace("\n", ""))
    assert end is not None
    assert "End this subscription" in browser.get(end[1]).content.decode()
    assert models.Subscriber.objects.get().state == "active", "a mail program looks at links"
    gone = visitor().post(
        end[1], "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert gone.status_code == 200
    row.refresh_from_db()
    assert (row.state, row.ended_via, row.ended_at is not None) == ("ended", "link", True)
    page.post("resolved", status_word="resolved")
    settle(org)
    assert len(sink.mails) == 2, "no mail after unsubscribe"


@pytest.mark.requirement("R-045")
def test_a_webhook_confirms_by_its_challenge_and_gets_signed_posts_until_it_says_gone(
    org: Organisation, page: Page
) -> None:
    secret = "whsec_" + b64_of(b"k" * 32)
    with http_sink() as hook, channels(hook.port, webhook={"secret": secret}):
        address = f"http://127.0.0.1:{hook.port}/in?team=1"
        assert (
            visitor()
            .post(page.url, {"kind": "webhook", "address": address, "events": "incidents"})
            .status_code
            == 200
        )
        hook.answer(Answer(200, b"ok"))
        settle(org)
        asked = json.loads(hook.arrived[0].body)
        assert asked["type"] == "quarterdeck.challenge"
        assert models.Subscriber.objects.get().state == "pending", "200 alone is no yes"
        models.Subscriber.objects.all().delete()
        visitor().post(page.url, {"kind": "webhook", "address": address, "events": "incidents"})
        hook.arrived.clear()
        hook.answer(Answer(503))
        settle(org)
        asked = json.loads(hook.arrived[0].body)
        hook.answer(Answer(200, json.dumps({"challenge": asked["data"]["challenge"]}).encode()))
        org.now += timedelta(minutes=1)
        settle(org)
        assert models.Subscriber.objects.get().state == "active"
        own = asked["data"]["secret"]
        hook.arrived.clear()
        org.now += timedelta(seconds=1)
        page.post()
        settle(org)
        (got,) = hook.arrived
        body = Webhook(own).verify(got.body.decode(), got.headers)
        assert body["data"]["details"]["incident"] == "INC-1"
        assert body["data"]["details"]["components"][0]["status"] == "degraded_performance"
        assert not models.Delivery.objects.filter(address__contains="127.0.0.1").exists(), "it stands sealed"
        hook.answer(Answer(410))
        org.now += timedelta(seconds=1)
        page.post("updated")
        settle(org)
        assert models.Subscriber.objects.get().ended_via == "gone"


def b64_of(raw: bytes) -> str:
    import base64

    return base64.b64encode(raw).decode()


@pytest.mark.requirement("R-045")
def test_a_text_message_is_confirmed_by_its_code_and_comes_only_when_it_opens_and_is_over(
    org: Organisation, page: Page
) -> None:
    with twilio_fake() as twilio:
        account = {
            "account_sid": ACCOUNT,
            "auth_token": TOKEN,
            "sender": "+15005550006",
            "server": twilio.url,
        }
        with channels(twilio.port, sms_twilio=account):
            browser = visitor()
            asked = {"kind": "sms", "address": "+49 151 12345678", "events": ["incidents", "maintenance"]}
            assert 'name="code"' in browser.post(page.url, asked).content.decode()
            assert f"{page.url}/code?lang=en" in browser.get(page.url).content.decode(), (
                "for who comes back with it"
            )
            settle(org)
            code = re.match(r"(\d{6}) is your code", twilio.made[0]["Body"][0])
            assert code is not None
            number = "+4915112345678"
            wrong = f"{(int(code[1]) + 1) % 10**6:06d}"
            assert browser.post(f"{page.url}/code", {"number": number, "code": wrong}).status_code == 422
            assert browser.post(f"{page.url}/code", {"number": number, "code": code[1]}).status_code == 200
            for event in ("opened", "updated", "corrected", "resolved", "planned", "started", "finished"):
                org.now += timedelta(seconds=1)
                page.post(event, title=event)
                settle(org)
            texts = [m["Body"][0] for m in twilio.made[1:]]
            assert [t.split(": ")[1].split(" ")[0] for t in texts] == ["opened", "resolved", "started"]
            assert all("/status/acme/" in t for t in texts)


@pytest.mark.requirement("R-045")
def test_a_browser_is_shown_what_only_it_can_read(org: Organisation, page: Page) -> None:
    device = Receiver()
    key = b64(b"\x07" * 32)
    with (
        http_sink() as service,
        channels(service.port, web_push={"contact": "mailto:ops@example.com", "key": key}),
    ):
        service.answer(Answer(201))
        public = web_push.public_key(web_push.Settings(key=key))
        push_devices.publish_key(public, org.now)
        browser = visitor()
        endpoint = f"http://127.0.0.1:{service.port}/push/abc"
        given = {
            "endpoint": endpoint,
            "p256dh": device.p256dh,
            "auth": device.auth,
            "key": public,
            "events": "incidents",
        }
        assert browser.post(f"{page.url}/push", given).status_code == 202
        settle(org)
        page.post()
        settle(org)
        (welcome,) = (json.loads(device.read(a.body)) for a in service.arrived)
        assert models.Subscriber.objects.get().state == "pending", "knowing the address is not enough"
        proof = welcome["proof"]
        assert proof["to"] == f"{page.url}/push/proof"
        assert browser.post(proof["to"], {"token": "guessed"}).status_code == 404
        worker = Client(enforce_csrf_checks=True, headers={"host": HOST})
        assert worker.post(proof["to"], {"token": proof["token"]}).status_code == 204
        assert worker.post(proof["to"], {"token": proof["token"]}).status_code == 404, "once"
        org.now += timedelta(seconds=1)
        page.post()
        settle(org)
        told = json.loads(device.read(service.arrived[1].body))
        assert "proof" not in told
        assert browser.post(f"{page.url}/push", given | {"events": "maintenance"}).status_code == 202
        settle(org)
        row = models.Subscriber.objects.get()
        assert (row.state, row.events) == ("active", ["maintenance"]), "asked again it stays"
        assert welcome["title"] == "You get updates of Acme Cloud"
        assert told["title"].startswith("Acme Cloud: Checkout is slow") and "/status/acme/" in told["link"]
        browser.post(f"{page.url}/push/removal", {"endpoint": endpoint})
        page.post("updated")
        settle(org)
        assert len(service.arrived) == 2
        assert subscriber_figures.failing() == {}


def test_subscribing_speaks_every_language_that_pages_speak() -> None:
    assert set(subscribing.LANGUAGES) == set(phrases.LANGUAGES)
    english = set(subscribing.phrases("en"))
    assert all(set(words) == english for _, words in subscribing.LANGUAGES.values())


def test_a_webhook_added_by_hand_learns_its_secret_before_it_is_told_anything(
    org: Organisation, page: Page
) -> None:
    with http_sink() as hook, channels(hook.port, webhook={"secret": "whsec_" + b64_of(b"k" * 32)}):
        address = f"http://127.0.0.1:{hook.port}/in"
        row = subscribers.add(org.act("root"), "acme", "webhook", address, "asked by mail")
        assert row.state == "pending"
        hook.answer(Answer(200, b"ok"))
        settle(org)
        assert json.loads(hook.arrived[0].body)["data"]["secret"]
