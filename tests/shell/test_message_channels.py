"""One contract for every channel a message to an audience goes by, kept by the adapters against fakes of the real thing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from tests.shell.test_sending import declared

from quarterdeck.app import casebook
from quarterdeck.app.comms import audience_routes, audiences, messages, previews
from quarterdeck.channels import channel, deliver, read_settings, segments, sms_twilio
from quarterdeck.channels.outcome import GaveUp, Outcome, Outgoing, Retry, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.engine import publish
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import browser
from support.http_sink import Answer, http_sink
from support.slack_fake import TOKEN as SLACK_TOKEN
from support.slack_fake import refused, taken, valid
from support.smtp_sink import smtp_sink
from support.twilio_fake import ACCOUNT, TOKEN, twilio_fake
from support.world import World

HEADLINE = "Search is slow <!channel> {{ to }}"
MESSAGE = Outgoing(
    key="m/r1", to="", subject=HEADLINE + "\r\nBcc: all@evil.example",
    text="Results take a minute.\n\nWe add capacity.\n\nEva Duarte, Chief Executive",
    facts=(("For", "Staff"),), kind="message", urgency="low",
)  # fmt: skip
SAID = ("Results take a minute.", "We add capacity.", "Eva Duarte, Chief Executive")


@dataclass
class Adapter:
    """A channel before its fake: where it sends, what has arrived as readers see it, and how the other side says no."""

    kind: str
    to: str
    values: dict[str, Any]
    port: int
    arrived: Callable[[], list[str]]
    busy: Callable[[], None]
    gone: Callable[[], None]

    def send(self, outgoing: Outgoing = MESSAGE) -> Outcome:
        http = SafeClient(allow=[f"127.0.0.1:{self.port}"])
        return deliver(self.kind, replace(outgoing, to=self.to), read_settings(self.kind, self.values), http)


def email(stack: ExitStack) -> Adapter:
    sink = stack.enter_context(smtp_sink())
    values = {"host": "127.0.0.1", "port": sink.port, "tls": "none", "from_address": "status@example.com"}

    def texts() -> list[str]:
        for mail in sink.mails:
            assert mail.message["Bcc"] is None and "Search is slow" in mail.message["Subject"]
        return [m.message.get_body(("plain",)).get_content() for m in sink.mails]

    def busy() -> None:
        sink.at_rcpt = "451 4.3.0 later"

    def gone() -> None:
        sink.at_rcpt = "550 5.1.1 no such user"

    return Adapter("email", "p0@example.com", values, sink.port, texts, busy, gone)


def twilio(stack: ExitStack) -> Adapter:
    fake = stack.enter_context(twilio_fake())
    values = {"server": fake.url, "account_sid": ACCOUNT, "auth_token": TOKEN, "sender": "+15550000002"}
    return Adapter(
        "sms_twilio", "+4915112345678", values, fake.port, lambda: [m["Body"][0] for m in fake.made],
        lambda: fake.errors.append((503, 20500)), lambda: fake.errors.append((400, 21211)),
    )  # fmt: skip


def gateway(stack: ExitStack) -> Adapter:
    sink = stack.enter_context(http_sink())
    values = {"url": f"http://127.0.0.1:{sink.port}/send", "fields": {"to": "{{ to }}", "text": "{{ text }}"}}
    values |= {"format": "json"}
    return Adapter(
        "sms_gateway", "+4915112345678", values, sink.port, lambda: [json.loads(a.body)["text"] for a in sink.arrived],
        lambda: sink.answer(Answer(503)), lambda: sink.answer(Answer(400)),
    )  # fmt: skip


def slack(stack: ExitStack) -> Adapter:
    sink = stack.enter_context(http_sink())
    sink.answer(taken())
    values = {"token": SLACK_TOKEN, "server": f"http://127.0.0.1:{sink.port}/api"}

    def texts() -> list[str]:
        found = [json.loads(a.body) for a in sink.arrived]
        for message in found:
            assert valid(message) and "<" not in message["text"]
        return ["\n".join(b["text"]["text"] for b in m["blocks"]) for m in found]

    return Adapter(
        "slack", "C012AB3CD", values, sink.port, texts,
        lambda: sink.answer(refused("ratelimited")), lambda: sink.answer(refused("channel_not_found")),
    )  # fmt: skip


def teams(stack: ExitStack) -> Adapter:
    sink = stack.enter_context(http_sink())
    values = {"rooms": {"status-room": f"http://127.0.0.1:{sink.port}/hook"}}

    def texts() -> list[str]:
        cards = [json.loads(a.body)["attachments"][0]["content"]["body"] for a in sink.arrived]
        return ["\n".join("".join(r["text"] for r in row["inlines"]) for row in card) for card in cards]

    return Adapter(
        "teams", "status-room", values, sink.port, texts,
        lambda: sink.answer(Answer(503)), lambda: sink.answer(Answer(404)),
    )  # fmt: skip


ADAPTERS = (email, twilio, gateway, slack, teams)


@pytest.fixture(params=ADAPTERS, ids=lambda a: a.__name__)
def adapter(request: pytest.FixtureRequest) -> Iterator[Adapter]:
    with ExitStack() as stack:
        yield request.param(stack)


@pytest.mark.requirement("R-215")
def test_every_channel_keeps_the_one_contract_of_messages(adapter: Adapter) -> None:
    """Taken is Sent and says all of it, once; hostile text stays text; busy is tried again; gone is given up; a drill
    stays inside.
    """
    assert channel(adapter.kind).check_address(adapter.to) == adapter.to
    assert isinstance(adapter.send(), Sent)
    (arrived,) = adapter.arrived()
    assert all(said in arrived.replace("\r\n", "\n") for said in SAID)
    adapter.busy()
    again = adapter.send()
    assert isinstance(again, Retry) and again.why
    adapter.gone()
    given_up = adapter.send()
    assert isinstance(given_up, GaveUp) and given_up.why
    before = len(adapter.arrived())
    assert isinstance(adapter.send(replace(MESSAGE, drill=True)), GaveUp)
    assert len(adapter.arrived()) == before


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("dev", "administrator")
    w.person("eva", "executive", name="Eva Duarte", title="Chief Executive")
    return w


@pytest.mark.requirement("R-215")
def test_one_message_reaches_its_audience_once_by_every_channel_as_the_preview_said(world: World) -> None:
    act = world.act("dev")
    page = models.StatusPage.objects.create(id=new_id(), key="main", title="Main", created_at=world.now)
    audiences.add_contact(act, "staff", "p0@example.com", details=audiences.Details(phone="+4915112345678"))
    with ExitStack() as stack:
        ways = {a.kind: a for a in (make(stack) for make in ADAPTERS)}
        for kind in ("sms_twilio", "sms_gateway"):
            audience_routes.add_route(act, "staff", kind)
        for kind in ("slack", "teams"):
            audience_routes.add_route(act, "staff", kind, ways[kind].to)
        tries: list[str] = []

        def answer(kind: str, outgoing: Outgoing) -> Outcome:
            if outgoing.kind != "message":
                return Sent("a page to one of us")
            tries.append(kind)
            return Retry("first", 1.0) if tries.count(kind) == 1 else ways[kind].send(outgoing)

        world.outbox.answer = answer
        key = declared(world)
        text = Content(
            "staff", "Search is slow", "Results take a minute.", "Slow", "We add capacity", final=True,
            pages=(page.id,),
        )  # fmt: skip
        case, message = messages.draft(act, key, text)
        found = case.incident.messages[message]
        said = {p.channel: p for p in previews.of(case, found, world.now)}
        assert [p.used for p in said.values()] == [True] * 5
        messages.release(act, key, message, content_hash(found), "Nobody else is awake")
        world.pass_time(minutes=10)
        world.pass_time(minutes=10)
        told = {kind: way.arrived() for kind, way in ways.items()}
    assert {kind: len(texts) for kind, texts in told.items()} == dict.fromkeys(ways, 1)
    rows = models.Recipient.objects.filter(message_id=message)
    assert sorted(rows.values_list("channel", "state", "attempts")) == [
        (k, "handed", 2) for k in sorted(ways)
    ]
    assert told["email"][0].replace("\r\n", "\n").strip() == said["email"].text.strip()
    assert told["sms_twilio"] == [said["text"].text] == told["sms_gateway"]
    for kind in ("slack", "teams"):
        assert told[kind][0].split() == f"{said[kind].subject} {said[kind].text}".split()
    publish.publish_pages(world.now)
    shown = "".join(p.read_text() for p in Path(settings.QUARTERDECK_STATUS).rglob("*.html"))
    assert "We add capacity" in shown and "Results take a minute" in shown
    assert models.PageUpdateRow.objects.get(message_id=message).body == said["status_page"].text


def test_a_preview_says_what_is_cut_and_who_speaks_and_stands_beside_the_text(world: World) -> None:
    act, eva = world.act("dev"), world.find("eva").id
    key = declared(world)
    text = Content(
        "staff", "Search is slow", "x" * 4000, "Slow", "We look – “soon”", final=True,
        sender_identity="executive", sender_person=eva,
    )  # fmt: skip
    _, message = messages.draft(act, key, text)
    case = casebook.load(key)
    said = {p.channel: p for p in previews.of(case, case.incident.messages[message], world.now)}
    assert [(p.channel, p.cut) for p in said.values()] == [
        ("email", False), ("text", True), ("slack", True), ("teams", True), ("status_page", False),
    ]  # fmt: skip
    assert segments.cost(said["text"].text).segments <= said["text"].limit <= sms_twilio.MOST_SEGMENTS
    assert said["email"].sender.startswith("Eva Duarte, ")
    assert "Eva Duarte, Chief Executive" in said["email"].text
    client = browser(world, "dev")
    shown = client.get(f"/incidents/{key}/communication?message={message}").content.decode()
    assert "As it arrives" in shown and "cut off" in shown and "not used for this audience" in shown
    assert "Eva Duarte" in shown and "Ask for their name" in shown
    typed = {"audience": "staff", "headline": "Hi", "voice": f"executive:{eva}", "body": "Typed just now"}
    live = client.post(f"/incidents/{key}/parts-lint", typed).content.decode()
    assert "Typed just now" in live and "Eva Duarte, Chief Executive" in live
