"""Alerts told in a room: each once, a storm in few messages, and text from outside stays text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from django.conf import settings
from django.test import override_settings

from quarterdeck.app.alerts import alerts, mirror, silences
from quarterdeck.boot.config import Config, Mirror
from quarterdeck.boot.config_checks import check
from quarterdeck.channels import deliver
from quarterdeck.channels.chat import MOST, render
from quarterdeck.channels.chat import Settings as Chat
from quarterdeck.channels.outcome import GaveUp, Outcome, Outgoing, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.alerts.silence import Matcher
from quarterdeck.store import models
from support.http_sink import Answer, Sink, http_sink
from support.world import World

HOSTILE = "disk <!channel> @channel @here [click](https://evil.example) <script>alert(1)</script>"


@pytest.fixture
def mirrored() -> Iterator[None]:
    config = msgspec.structs.replace(settings.QUARTERDECK, mirror=Mirror(channel="chat", address="alerts"))
    with override_settings(QUARTERDECK=config):
        yield


@pytest.fixture
def room() -> Iterator[Sink]:
    with http_sink() as sink:
        yield sink


@pytest.fixture
def world(db: None, mirrored: None, room: Sink) -> World:
    w = World()
    w.person("ana")
    w.service("db", w.policy("db", ("ana", 5)))
    http = SafeClient(allow=[f"127.0.0.1:{room.port}"])
    chat = Chat(rooms={"alerts": f"http://127.0.0.1:{room.port}/hooks/x"})

    def answer(kind: str, outgoing: Outgoing) -> Outcome:
        return deliver(kind, outgoing, chat, http) if kind == "chat" else Sent("fake")

    w.outbox.answer = answer
    return w


def send(world: World, *keys: str, action: str = "trigger", summary: str = "") -> None:
    integration = models.Integration.objects.first() or world.integration()
    for key in keys:
        payload = {
            "summary": summary or f"{key} is full",
            "source": "db-1",
            "severity": "critical",
            "component": "db",
        }
        event = {"routing_key": "k", "event_action": action, "dedup_key": key, "payload": payload}
        world.journal("pagerduty", json.dumps(event).encode(), integration)
    while world.expand():
        pass


def said(room: Sink) -> list[str]:
    return [json.loads(a.body)["text"] for a in room.arrived]


@pytest.mark.requirement("R-010")
def test_the_same_alert_twice_is_one_alert_and_told_once(world: World, room: Sink) -> None:
    send(world, "disk")
    world.settle()
    send(world, "disk")
    world.pass_time(minutes=2)
    alert = models.Alert.objects.get()
    assert alert.count == 2
    assert said(room) == [
        f"Alert opened (critical): disk is full\nOpen: {settings.QUARTERDECK_PUBLIC_URL}/alerts/{alert.id}"
    ]


def test_what_becomes_of_an_alert_is_told_with_the_name(world: World, room: Sink) -> None:
    send(world, "disk")
    world.settle()
    alerts.acknowledge(world.act("ana"), models.Alert.objects.get().id)
    world.pass_time(seconds=15)
    send(world, "disk", action="resolve")
    world.pass_time(seconds=15)
    assert [text.splitlines()[0] for text in said(room)] == [
        "Alert opened (critical): disk is full",
        "Alert acknowledged by Ana: disk is full",
        "Alert resolved: disk is full",
    ]


def test_a_storm_is_few_messages_that_count_everything(world: World, room: Sink) -> None:
    send(world, "first")
    world.settle()
    send(world, *(f"disk-{n:03}" for n in range(250)))
    send(world, "last")
    world.pass_time(minutes=2)
    first, second = said(room)
    assert first.startswith("Alert opened")
    assert second.startswith("Alerts: 251 opened\nopened (critical): disk-000 is full\n")
    assert "and 236 more" in second


def test_a_silenced_alert_is_not_told_until_its_silence_is_over(world: World, room: Sink) -> None:
    over = world.now + timedelta(minutes=30)
    silences.add_silence(world.act("ana"), [Matcher("severity", "=", "critical")], over, "work on the disks")
    send(world, "disk")
    world.pass_time(minutes=5)
    assert said(room) == []
    world.now += timedelta(minutes=30)
    alerts.end_silences(world.now)
    world.settle()
    assert [text.splitlines()[0] for text in said(room)] == ["Alert opened (critical): disk is full"]


def test_a_room_that_is_gone_raises_an_alarm_and_holds_up_no_page(world: World, room: Sink) -> None:
    room.answer(Answer(404))
    send(world, "disk")
    world.settle()
    alarm = models.Alarm.objects.get(kind="mirror", cleared_at=None)
    assert "answered 404" in alarm.text
    assert models.Delivery.objects.get(channel="email").state == "sent"
    room.answer(Answer(200))
    world.pass_time(minutes=1)
    send(world, "cpu")
    world.settle()
    assert not models.Alarm.objects.filter(kind="mirror", cleared_at=None).exists()


def test_what_happens_while_a_room_wants_to_be_left_alone_is_told_afterwards(
    world: World, room: Sink
) -> None:
    room.answer(Answer(429, headers=(("retry-after", "7200"),)))
    send(world, "disk")
    world.settle()
    models.Delivery.objects.filter(channel="chat").update(next_at=world.now + timedelta(minutes=70))
    room.answer(Answer(200))
    send(world, "cpu")
    world.pass_time(minutes=71)
    assert "cpu is full" in said(room)[-1]


def test_text_from_outside_rings_nobody_and_is_no_markup(world: World, room: Sink) -> None:
    send(world, "disk", summary=HOSTILE)
    world.settle()
    (text,) = said(room)
    assert "<" not in text
    assert "@channel" not in text
    assert "@\u200bhere" in text
    markdown = render(Outgoing(key="k", to="alerts", subject=HOSTILE, text="", kind="message"), "markdown")[
        "text"
    ]
    assert "[click](" not in markdown
    assert "@channel" not in markdown


# Chat programs differ in what may stand before a mention; Mattermost reads these, Discord the last one.
MENTIONS = (
    "x.@channel", "-@channel", "_@here", "+@all", "a:@channel", "<@&42>", "<@!42>", "@\u2060all", "a@everyone",
)  # fmt: skip


@pytest.mark.parametrize("text_format", ["slack", "markdown"])
@pytest.mark.parametrize("mention", MENTIONS)
def test_no_mention_rings_anybody_whatever_stands_around_it(mention: str, text_format: str) -> None:
    text = render(Outgoing(key="k", to="alerts", subject=mention, text="", kind="message"), text_format)[
        "text"
    ]
    assert text.count("@") == text.count("@\u200b") == 1


@pytest.mark.parametrize("text_format", ["slack", "markdown"])
@pytest.mark.parametrize("letter", ["&", "*", "<@", "a"])
def test_a_text_never_grows_beyond_what_a_room_takes(letter: str, text_format: str) -> None:
    link = "https://pager.example/alerts/" + "0" * 40
    told = Outgoing(key="k", to="a", subject="Alerts", text=letter * 3_000, kind="message", link=link)
    text = render(told, text_format)["text"]
    assert MOST - 12 <= len(text) <= MOST
    assert text.endswith(f"…\nAcknowledge: {link}")


def test_the_alarm_about_a_lost_message_keeps_an_address_on_the_web_to_itself(db: None) -> None:
    key = "mirror/1"
    row = models.Delivery(key=key, channel="webhook", address="https://chat.example/hooks/secret")
    mirror.failed(row, "no answer", World().now)
    assert (
        models.Alarm.objects.get().text == "The mirror of the alerts in webhook misses a message: no answer"
    )


def test_a_room_nobody_set_up_is_refused_at_the_start_and_when_sending() -> None:
    with pytest.raises(ValueError, match=r"no room 'alerts' under \[channels.chat.rooms\]"):
        check(Config(mirror=Mirror(channel="chat", address="alerts")))
    with pytest.raises(ValueError, match="no such channel"):
        check(Config(mirror=Mirror(channel="smoke")))
    outcome = deliver("chat", Outgoing(key="k", to="other", subject="x", text=""), Chat(), SafeClient())
    assert isinstance(outcome, GaveUp)
