"""The outside ping and the other installation: what is said, when nothing is, and who is paged for a silence."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import settings
from msgspec.structs import replace

from quarterdeck.app.alerts import buddy
from quarterdeck.app.health import audit
from quarterdeck.app.people import keys
from quarterdeck.core.kernel import seals
from quarterdeck.engine.buddies import Buddy
from quarterdeck.engine.outside import Ping
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.http_sink import Answer, http_sink
from support.world import World

KEY = "k" * 40


@pytest.fixture
def world(db):
    made = World()
    made.person("ana", "administrator")
    made.policy("default", ("ana", 5))
    return made


@pytest.fixture
def outside(monkeypatch):
    """A server elsewhere, set as what is pinged and as the other installation."""
    with http_sink() as sink:
        url = f"http://127.0.0.1:{sink.port}"
        wanted = replace(
            settings.QUARTERDECK,
            ping_url=f"{url}/ping/uuid",
            buddy=replace(settings.QUARTERDECK.buddy, url=url, key=KEY),
        )
        monkeypatch.setattr(settings, "QUARTERDECK", wanted)
        monkeypatch.setattr(settings, "QUARTERDECK_ALLOW_TARGETS", (f"127.0.0.1:{sink.port}",))
        yield sink


def all_is_well(world):
    audit.run(world.now, "auditor@test")
    models.ProbeRun.objects.create(
        id=new_id(), kind="synthetic", started_at=world.now, ended_at=world.now, well=True, late_ms=100
    )


def test_a_ping_goes_out_only_while_all_is_well_and_says_how_late_the_oldest_thing_is(world, outside):
    ping = Ping()
    ping.look(world.now)
    assert outside.arrived == []
    assert "has not looked" in ping.state["why"]
    all_is_well(world)
    ping.look(world.now)
    assert [(a.method, a.path, a.body) for a in outside.arrived] == [
        ("POST", "/ping/uuid", b"oldest lateness 0.0 s\n")
    ]
    ping.look(world.now + timedelta(seconds=121))
    assert len(outside.arrived) == 1


def test_a_ping_that_fails_three_times_is_an_alarm_until_one_arrives(world, outside):
    all_is_well(world)
    outside.answer(Answer(status=500))
    ping = Ping()
    for _ in range(3):
        assert not models.Alarm.objects.exists()
        ping.look(world.now)
    assert models.Alarm.objects.get(cleared_at=None).kind == "outside"
    assert ping.state["failures"] == 3
    outside.answer(Answer())
    ping.look(world.now)
    assert not models.Alarm.objects.filter(cleared_at=None).exists()


# -- the other installation


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def watching(world, outside):
    """A buddy whose alerts go into our own journal, and its clock."""
    clock = Clock()

    def post(purpose, body):
        row = models.Integration.objects.get(key_hash=keys.digest(keys.own(purpose)))
        world.journal("webhook", body, row)
        world.expand()
        world.settle()
        return ""

    return Buddy(post, clock), clock


def test_a_silence_of_two_minutes_pages_our_own_people_and_its_end_resolves(world, outside, watching):
    other, clock = watching
    outside.answer(Answer(status=502))
    for clock.now in (0.0, 60.0, 119.0):
        other.look(world.now)
    assert world.pages("ana") == []
    clock.now = 120.0
    other.look(world.now)
    other.look(world.now)
    assert len(world.pages("ana")) == 1
    alert = models.Alert.objects.get()
    assert alert.summary == "Quarterdeck 127.0.0.1 is silent"
    assert alert.status == "open"
    other._ask = lambda: ""
    other.look(world.now)
    alert.refresh_from_db()
    assert alert.status == "resolved"


def test_an_answer_that_is_not_sealed_with_our_key_is_silence(world, outside, watching):
    other, _ = watching
    outside.answer(Answer(body=json.dumps({"body": '{"name":"x","well":true}', "seal": "0" * 64}).encode()))
    other.look(world.now)
    assert "not sealed with our key" in other.state["why"]


def test_only_who_knows_the_key_can_ask_and_no_answer_serves_twice():
    nonce = "n" * 32
    asked = seals.question(KEY, nonce)
    assert seals.asked(KEY, asked) == nonce
    assert seals.asked("x" * 40, asked) is None
    assert seals.asked("", asked) is None
    assert seals.asked(KEY, "Bearer x") is None
    seal = seals.answer(KEY, nonce, b"{}")
    assert seals.answered(KEY, nonce, b"{}", seal)
    assert not seals.answered(KEY, "m" * 32, b"{}", seal)
    assert not seals.answered(KEY, nonce, b"[]", seal)


def test_an_alert_about_another_installation_needs_its_integration_once(world):
    buddy.ensure(world.now)
    buddy.ensure(world.now)
    assert models.Integration.objects.filter(name=buddy.NAME).count() == 1
    assert not buddy.is_open("https://north.example.com")


def test_a_key_that_the_other_side_does_not_know_pages_nobody_and_is_an_alarm(world, outside, watching):
    other, clock = watching
    outside.answer(Answer(status=401))
    for clock.now in (0.0, 60.0, 120.0, 180.0):
        other.look(world.now)
    assert world.pages("ana") == []
    assert models.Alarm.objects.get(cleared_at=None).kind == "buddy"
    outside.answer(Answer(status=502))
    other.look(world.now)
    assert not models.Alarm.objects.filter(cleared_at=None).exists()
