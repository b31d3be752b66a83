"""A provider that hangs or fails holds up nobody who is reached by another, and people are told."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.app import due, timers
from quarterdeck.app.health import nodes
from quarterdeck.app.paging import claiming, deliveries, failing
from quarterdeck.app.paging.deliveries import Claim
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.paging.room import Room
from quarterdeck.app.people import keys
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.engine.breaker import APART_SECONDS, FAILURES, Breaker, provider
from quarterdeck.engine.loop import Engine
from quarterdeck.engine.sender import Sender
from quarterdeck.store import models, tx
from support.drills import mail_settings
from support.ntfy_fake import ntfy_fake
from support.serving import Installation
from support.world import World


class Watch:
    """A clock in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def claim(n: int = 1, channel: str = "email", to: str = "ana@example.com", kind: str = "page") -> Claim:
    outgoing = Outgoing(key="k", to=to, subject="s", text="t", kind=kind)
    return Claim("d", 1, n, "page", channel, outgoing)


def failed(breaker: Breaker, one: Claim, times: int = FAILURES) -> None:
    for _ in range(times):
        breaker.learn(one, Retry("no answer"))


def test_a_provider_that_failed_several_times_in_a_row_is_left_alone() -> None:
    breaker = Breaker(Watch())
    failed(breaker, claim(), FAILURES - 1)
    assert breaker.held(claim()) is None
    failed(breaker, claim(), 1)
    held = breaker.held(claim())
    assert held is not None
    assert held.elsewhere
    assert "no answer" in held.why
    assert list(breaker.open()) == ["E-mail"]


@pytest.mark.parametrize("answer", [Sent("x"), GaveUp("no such user")])
def test_one_answer_in_between_is_enough_to_be_asked_again(answer: Any) -> None:
    breaker = Breaker(Watch())
    failed(breaker, claim(), FAILURES - 1)
    breaker.learn(claim(), answer)
    failed(breaker, claim(), FAILURES - 1)
    assert breaker.held(claim()) is None


def test_a_full_mailbox_holds_up_nobody_elses_mail() -> None:
    breaker = Breaker(Watch())
    for _ in range(2 * FAILURES):
        breaker.learn(claim(), Retry("ana@example.com: mailbox full", address_only=True))
    assert breaker.held(claim()) is None
    failed(breaker, claim(), FAILURES - 1)
    breaker.learn(claim(), Retry("ana@example.com: mailbox full", address_only=True))
    failed(breaker, claim(), 1)
    assert breaker.held(claim()) is not None
    assert "ana" not in breaker.open()["E-mail"]


def test_after_a_while_one_delivery_is_tried_and_its_success_lets_all_of_them_go() -> None:
    watch = Watch()
    breaker = Breaker(watch)
    failed(breaker, claim())
    watch.now += APART_SECONDS
    assert breaker.held(claim()) is None
    assert breaker.held(claim()) is not None
    breaker.learn(claim(), Sent("x"))
    assert breaker.held(claim()) is None
    assert not breaker.open()


def test_a_try_nobody_hears_of_again_does_not_close_the_way_for_good() -> None:
    watch = Watch()
    breaker = Breaker(watch)
    failed(breaker, claim())
    watch.now += APART_SECONDS
    assert breaker.held(claim()) is None
    watch.now += APART_SECONDS
    assert breaker.held(claim()) is None


def test_the_last_attempt_and_the_daily_test_are_always_made() -> None:
    breaker = Breaker(Watch())
    failed(breaker, claim())
    assert breaker.held(claim(deliveries.MAX_PAGE_ATTEMPTS)) is None
    assert breaker.held(claim(kind="test")) is None


def test_each_server_behind_webhooks_is_a_provider_of_its_own() -> None:
    breaker = Breaker(Watch())
    ours = claim(channel="webhook", to="https://user:pw@one.example:8443/in")
    failed(breaker, ours)
    assert provider(ours) == "Webhook (one.example:8443)"
    assert breaker.held(ours) is not None
    assert breaker.held(claim(channel="webhook", to="https://two.example/in")) is None


def test_what_fails_here_and_works_elsewhere_is_left_to_the_other_engine(db: None) -> None:
    watch = Watch()
    sender = Sender(lambda kind, outgoing: Sent("x"), watch, lambda: None, workers=8, breaker=Breaker(watch))
    engine = Engine(sender=sender, node="engine@here", chores=())
    failed(sender.breaker, claim())
    failed(sender.breaker, claim(channel="webhook", to="https://two.example/in"))
    engine.agree_on_time(now := engine.clock.now())
    assert sender.room.full == []  # nobody else is there: the next contact is better than nothing
    nodes.beat("engine@there", "engine", now, failing=["ntfy"])
    engine.agree_on_time(now)
    assert sender.room.full == ["email"]
    watch.now += APART_SECONDS
    sends = [("email", "a"), ("email", "b"), ("ntfy", "c")]
    assert sender.room.within(sends, 3) == ["a", "c"]  # one of them shows whether it works again
    nodes.beat("engine@there", "engine", now, failing=["email"])
    engine.agree_on_time(now)
    assert sender.room.full == []
    nodes.beat("engine@there", "engine", now - timedelta(seconds=20))
    engine.agree_on_time(now)
    assert sender.room.within(sends, 3) == ["a", "b", "c"]  # nobody has heard of the other one lately
    engine.close()


def test_a_channel_never_holds_all_workers_and_a_full_one_does_not_keep_others_waiting(db: None) -> None:
    world = World()
    for n in range(6):
        world.person(f"mail{n}")
        world.service(f"mail{n}", world.policy(f"mail{n}", (f"mail{n}", 5)))
    world.person("push", contacts=("ntfy",))
    world.service("push", world.policy("push", ("push", 5)))
    integration = world.integration()
    for name in (*(f"mail{n}" for n in range(6)), "push"):
        world.journal("alertmanager", alert(name), integration)
    fire(world)
    first = claiming.claim(world.now, "node", 8, None, Room(4))
    assert sorted(c.channel for c in first) == ["email"] * 4 + ["ntfy"]
    full = Room(4, {"email": 4})
    assert claiming.claim(world.now, "node", 8, None, full) == []
    # Else the engine would turn without a pause until somebody is back.
    assert claiming.next_send(room=full) is None
    assert claiming.next_send() is not None
    assert len(claiming.claim(world.now, "node", 8, None, Room(4, {"email": 2}))) == 2


def fire(world: World) -> None:
    """Up to the outbox, and no further."""
    while world.expand():
        pass
    with tx.write():
        rows = due.take(world.now, 50)
        directory = Directory(world.now)
        for row in rows:
            timers.fire(row, directory)
            due.finish(row, world.now)


def alert(service: str) -> bytes:
    return f'[{{"labels":{{"alertname":"A","service":"{service}","severity":"critical"}}}}]'.encode()


def test_what_is_held_back_brings_the_next_contact_at_once(db: None) -> None:
    world = World()
    world.person("ana", contacts=("email", "ntfy"))
    world.service("db", world.policy("db", ("ana", 5)))
    world.journal("alertmanager", alert("db"), world.integration())
    fire(world)
    (mail,) = claiming.claim(world.now, "node", 8)
    assert claiming.claim(world.now, "node", 8) == []
    deliveries.record(mail, Retry("E-mail failed 5 times in a row.", elsewhere=True), "node", world.now)
    (push,) = claiming.claim(world.now, "node", 8)
    assert push.channel == "ntfy"


def test_a_sender_asks_no_provider_that_is_left_alone() -> None:
    asked: list[str] = []

    def send(kind: str, outgoing: Outgoing) -> Retry:
        asked.append(kind)
        return Retry("503")

    sender = Sender(send, Watch(), lambda: None, pool=_AtOnce())
    sender.start([claim() for _ in range(FAILURES + 3)], 0.0)
    assert len(asked) == FAILURES
    assert sender.room.taken == {"email": FAILURES + 3}
    outcomes = [outcome for _, outcome in sender.results()]
    assert [isinstance(o, Retry) and o.elsewhere for o in outcomes] == [False] * FAILURES + [True] * 3
    assert sum(sender.room.taken.values()) == 0


class _AtOnce:
    def submit(self, work: Any, /, *args: Any) -> None:
        work(*args)

    def shutdown(self, **_: bool) -> None: ...


def test_people_see_which_provider_fails_until_it_works_or_its_machine_is_gone(db: None) -> None:
    world = World()
    failing.say("one", {"E-mail": "no answer."}, world.now)
    failing.say("one", {"E-mail": "no answer."}, world.now)
    failing.say("two", {}, world.now)
    (alarm,) = models.Alarm.objects.filter(kind="breaker", cleared_at=None)
    assert alarm.text.startswith(
        "E-mail does not take what is sent: no answer. Pages go to people's next contact"
    )
    failing.say("two", {}, world.now + timedelta(hours=25))
    assert not models.Alarm.objects.filter(kind="breaker", cleared_at=None)
    failing.say("one", {"E-mail": "no answer."}, world.now)
    failing.say("one", {}, world.now)
    assert not models.Alarm.objects.filter(kind="breaker", cleared_at=None)


def test_the_alarm_about_a_provider_with_a_long_name_ends_when_it_works(db: None) -> None:
    now = World().now
    failing.say("one", {f"Webhook ({'x' * 120}.example)": "no answer."}, now)
    failing.say("two", {}, now)
    assert models.Alarm.objects.filter(kind="breaker", cleared_at=None).count() == 1
    failing.say("one", {}, now)
    assert not models.Alarm.objects.filter(kind="breaker", cleared_at=None)
    for pod in ("a", "b"):
        failing.say(f"{'engine-' * 12}{pod}", {"E-mail": "no answer."}, now)
    assert models.Alarm.objects.filter(kind="breaker", cleared_at=None).count() == 2


@contextmanager
def hanging() -> Iterator[int]:
    """The port of a server that lets everybody in and never says a word."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:

        def let_in() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=let_in, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    for one in held:
        one.close()


CROWD = 60


def furnish() -> str:
    """In the installation's own process: a crowd with mail alone, one with push alone, one with mail and then push."""
    world = World()
    world.person("root", "administrator", contacts=("ntfy",))
    for handle, contacts in (
        *((f"mail{n}", ("email",)) for n in range(CROWD)),
        ("push", ("ntfy",)),
        ("both", ("email", "ntfy")),
    ):
        world.person(handle, contacts=contacts)
        world.service(handle, world.policy(handle, (handle, 30)))
    world.policy("default", ("root", 30))
    return keys.create_integration(world.act("root"), "Test", "any")[1]


def alarms_of(installation: Installation) -> list[tuple[str]]:
    """What administrators are told of the mail server; the engine says it in its own round, seconds later."""
    began = time.monotonic()
    while True:
        with closing(sqlite3.connect(f"file:{installation.data}/quarterdeck.db?mode=ro", uri=True)) as db:
            told = db.execute("SELECT text FROM alarm WHERE kind = 'breaker'").fetchall()
        if told or time.monotonic() - began > 30:
            return told
        time.sleep(0.1)


@pytest.mark.slow
def test_pages_of_others_go_out_in_time_while_a_mail_server_hangs(tmp_path: Path) -> None:
    with hanging() as port, ntfy_fake() as ntfy:
        installation = Installation(
            tmp_path,
            **mail_settings(port),
            QUARTERDECK_ALLOW_TARGETS=f"127.0.0.1:{ntfy.port}",
            QUARTERDECK_AUDIT_SECONDS="6",
        )
        config = installation.data / "quarterdeck.toml"
        config.write_text(f'[channels.ntfy]\nserver = "{ntfy.url}"\n', encoding="utf-8")
        key = installation.ask("shell.test_breaker:furnish")
        server = installation.serve()
        try:
            server.wait_until_ready()
            path = f"/in/alertmanager/{key}/api/v2/alerts"
            with server.client() as client:

                def came(service: str) -> float:
                    """How long until the push about this service was there."""
                    began, before = time.monotonic(), len(ntfy.messages)
                    assert client.post(path, content=alert(service)).status_code == 200
                    while not any(m["topic"] == f"{service}-ntfy" for m in ntfy.messages[before:]):
                        assert time.monotonic() - began < 20
                        time.sleep(0.02)
                    return time.monotonic() - began

                for n in range(CROWD):
                    assert client.post(path, content=alert(f"mail{n}")).status_code == 200
                time.sleep(0.5)
                # Every mail of the crowd hangs for 4 s; a page by push waits for none of them.
                assert came("push") < 3
                time.sleep(6)
                # The mail server is left alone by now: no minute's delay until the second contact, as would be usual.
                assert came("both") < 8
            told = alarms_of(installation)
            assert len(told) == 1
            assert told[0][0].startswith("E-mail does not take what is sent")
        finally:
            server.stop()
