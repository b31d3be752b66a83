"""A disturbance as a status page tells it, from the first alert to the summary: three updates in two languages, planned
work in between, and four ways in which people hear of it, each real to its last step.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import feedparser
import pytest
from standardwebhooks.webhooks import Webhook

from quarterdeck.app.comms import messages
from quarterdeck.app.maintenance import maintenance
from quarterdeck.app.maintenance.maintenance_drafts import Draft
from quarterdeck.app.paging import push_devices
from quarterdeck.app.status import component_rules, page_words, publishing
from quarterdeck.channels import web_push
from quarterdeck.channels.status_site import render
from quarterdeck.channels.web_push_crypto import b64
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.store import models
from support.attacks import org
from support.http_sink import Answer, Sink, http_sink
from support.push_receiver import Receiver
from support.rest import Organisation
from support.smtp_sink import SmtpSink, smtp_sink
from support.subscribing import Page, channels, link_in, mail, settle, visitor

__all__ = ["org"]
GERMAN = {
    "investigating": ("Kasse gestört", "Wir sehen nach."),
    "identified": ("", "Wir kennen die Ursache."),
    "resolved": ("", "Die Kasse geht wieder."),
    "postmortem": ("", "Ein Gerät wurde ersetzt."),
}


class Crowd:
    """Kim reads English by mail, Uwe German; a program takes signed webhooks, and one browser is pushed to."""

    def __init__(self, page: Page, mails: SmtpSink, hook: Sink, service: Sink) -> None:
        self.page, self.mails, self.hook, self.service = page, mails, hook, service
        self.device, self.secret = Receiver(), ""

    def join(self, push_key: str) -> None:
        for address, language in (("kim@example.com", "en"), ("uwe@example.com", "de")):
            said = {
                "kind": "email",
                "address": address,
                "language": language,
                "events": ["incidents", "maintenance"],
            }
            assert visitor().post(self.page.url, said).status_code == 200
            settle(self.page.org)
            visitor().post(link_in(self.text(self.mails.mails[-1])))
        hooked = {
            "kind": "webhook",
            "address": f"http://127.0.0.1:{self.hook.port}/in",
            "events": ["incidents", "maintenance"],
        }
        assert visitor().post(self.page.url, hooked).status_code == 200
        self.hook.answer(Answer(503))
        settle(self.page.org)
        asked = json.loads(self.hook.arrived[0].body)["data"]
        self.secret = asked["secret"]
        self.hook.answer(Answer(200, json.dumps({"challenge": asked["challenge"]}).encode()))
        self.page.org.now += timedelta(minutes=1)
        self.service.answer(Answer(201))
        pushed = {
            "endpoint": f"http://127.0.0.1:{self.service.port}/push/1", "p256dh": self.device.p256dh,
            "auth": self.device.auth, "key": push_key, "events": ["incidents", "maintenance"],
        }  # fmt: skip
        assert visitor().post(f"{self.page.url}/push", pushed).status_code == 202
        settle(self.page.org)
        proof = json.loads(self.device.read(self.service.arrived[-1].body))["proof"]
        assert visitor().post(proof["to"], {"token": proof["token"]}).status_code == 204
        assert set(models.Subscriber.objects.values_list("state", flat=True)) == {"active"}
        self.forget()

    def forget(self) -> None:
        self.mails.mails.clear()
        self.hook.arrived.clear()
        self.service.arrived.clear()

    def heard(self, who: str) -> list[str]:
        """Subjects of the mails that somebody got, without the name of the page."""
        found = [m for m in self.mails.mails if m.rcpt_to == (f"{who}@example.com",)]
        return [str(m.message["Subject"]).removeprefix("Acme Cloud: ") for m in found]

    def hooked(self) -> list[str]:
        """What the program understood of each webhook, its signature judged by somebody else's library."""
        bodies = [Webhook(self.secret).verify(a.body.decode(), a.headers) for a in self.hook.arrived]
        return [b["data"]["details"]["status"] for b in bodies]

    def shown(self) -> list[str]:
        return [json.loads(self.device.read(a.body))["title"] for a in self.service.arrived]

    @staticmethod
    def text(found: object) -> str:
        part = found.message.get_body(("plain",))  # type: ignore[attr-defined]
        return str(part.get_content())


@pytest.fixture
def crowd(org: Organisation) -> Iterator[Crowd]:
    key = b64(b"\x07" * 32)
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    with ExitStack() as open_:
        mails, hook, service = (
            open_.enter_context(smtp_sink()),
            open_.enter_context(http_sink()),
            open_.enter_context(http_sink()),
        )
        ways = {
            "email": mail(mails.port), "webhook": {"secret": secret},
            "web_push": {"contact": "mailto:ops@example.com", "key": key},
        }  # fmt: skip
        open_.enter_context(channels(mails.port, hook.port, service.port, **ways))
        public = web_push.public_key(web_push.Settings(key=key))
        push_devices.publish_key(public, org.now)
        made = Crowd(Page(org), mails, hook, service)
        made.join(public)
        yield made


def release(crowd: Crowd, incident: str, word: str, state: str, body: str, **more: object) -> None:
    """An update for the page, then its German words, then the engine."""
    org, page = crowd.page.org, crowd.page
    org.now += timedelta(minutes=10)
    content = Content(
        audience="customers_all", headline="Checkout is slow", customer_effect=body, action="We work on it", status_word=word,
        pages=(page.row.id,), components={page.parts["Checkout"]: state}, **more,
    )  # fmt: skip
    case, message = messages.draft(org.act("root"), incident, content)
    text = content_hash(case.incident.messages[message])
    messages.release(org.act("root"), incident, message, text, "A test", override="A test")
    posted = models.PageUpdateRow.objects.get(message_id=message)
    page_words.translate(org.act("root"), "acme", posted.id, "de", *GERMAN[word])
    settle(org)


def published(crowd: Crowd) -> dict[str, bytes]:
    crowd.page.row.refresh_from_db()
    page = crowd.page.row
    return render(publishing.page_snapshot(page, crowd.page.org.now), publishing.site_settings(page))


@pytest.mark.requirement("R-044", "R-045", "R-046", "R-047")
def test_everybody_hears_of_a_disturbance_in_their_way_and_language_and_nothing_twice(
    org: Organisation, crowd: Crowd
) -> None:
    page = crowd.page
    checkout = models.Component.objects.get(id=page.parts["Checkout"])
    checkout.services.add(org.service("checkout", org.policy("shop", ("root", 5))))
    source = org.integration("pagerduty")
    alarm = {"routing_key": "k", "event_action": "trigger", "dedup_key": "5xx", "payload": {
        "summary": "5xx on lb-7", "source": "lb-7", "severity": "critical", "component": "checkout"}}  # fmt: skip
    org.journal("pagerduty", json.dumps(alarm).encode(), source)
    org.expand()
    settle(org)
    checkout.refresh_from_db()
    assert (checkout.state, checkout.proposed) == ("operational", "degraded_performance")
    component_rules.accept(org.act("root"), checkout.id)
    settle(org)
    crowd.forget()  # what the alert itself told the people on call

    incident = org.declare("root", title="CANARY lb-7 drops packets")
    settle(org)
    crowd.forget()
    soon = org.now + timedelta(hours=1)
    release(crowd, incident, "investigating", "partial_outage", "Some payments fail", next_update_at=soon)
    release(crowd, incident, "identified", "partial_outage", "A network device fails", next_update_at=soon)

    starts = org.now + timedelta(hours=2)
    window = maintenance.plan(
        org.act("root"),
        Draft(
            title="Search is rebuilt", text="Searching is slower.", zone="UTC", starts_at=starts,
            ends_at=starts + timedelta(hours=1), components={page.parts["Search"]: ""},
        ),
    )[0]  # fmt: skip
    maintenance.propose(org.act("root"), window.id)
    window.refresh_from_db()
    if window.state != "announced":
        org.person("second", "administrator")
        maintenance.approve(org.act("second"), window.id)
    settle(org)
    org.now = starts - timedelta(hours=1)
    settle(org)
    org.now = starts
    settle(org)
    org.now = starts + timedelta(hours=1, seconds=1)
    settle(org)

    release(crowd, incident, "resolved", "operational", "Payments work again", final=True)
    release(crowd, incident, "postmortem", "operational", "A device was replaced", final=True)

    english, german = crowd.heard("kim"), crowd.heard("uwe")
    slow = [s for s in english if s.startswith("Checkout is slow")]
    told = ("Investigating", "Identified", "Resolved", "Review")
    assert slow == [f"Checkout is slow ({word})" for word in told]
    planned = [s for s in english if s.startswith("Search is rebuilt")]
    words = ("Scheduled", "Scheduled", "In progress", "Completed")  # the second reminds an hour before
    assert planned == [f"Search is rebuilt ({word})" for word in words]
    assert len(english) == len(german), "the same, each once"
    uwes = [crowd.text(m) for m in crowd.mails.mails if m.rcpt_to == ("uwe@example.com",)]
    for _, words in GERMAN.values():
        assert sum(words in text for text in uwes) == 1, words
    assert not any("Some payments fail" in text for text in uwes)
    assert [w for w in crowd.hooked() if w in GERMAN] == [
        "investigating",
        "identified",
        "resolved",
        "postmortem",
    ]
    assert len(crowd.hooked()) == len(crowd.shown()) == len(english)
    everything = b"".join(
        [
            *(m.content for m in crowd.mails.mails if b"Acme Cloud" in m.content),
            *(a.body for a in crowd.hook.arrived),
        ]
    )
    for inner in (b"CANARY", b"lb-7", b"5xx"):
        assert inner not in everything

    files = published(crowd)
    feed = feedparser.parse(files["history.atom"])
    assert not feed.bozo
    titles = [e.title for e in feed.entries]
    assert any("Checkout is slow" in t for t in titles) and any("Search is rebuilt" in t for t in titles)
    assert "Die Kasse geht wieder." in files["incidents/" + incident + "/index.de.html"].decode()
    assert not any(b"CANARY" in content for content in files.values())

    last = [m for m in crowd.mails.mails if m.rcpt_to == ("kim@example.com",)][-1].message
    assert last["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(r"<https://[^/]+(/u/\S+)>", str(last["List-Unsubscribe"]).replace("\n", ""))
    assert link is not None
    visitor().post(link[1], "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    crowd.forget()
    GERMAN["postmortem"] = ("", "Noch ein Wort.")
    release(crowd, incident, "postmortem", "operational", "One word more", final=True)
    assert crowd.heard("kim") == []
    assert len(crowd.heard("uwe")) == 1
