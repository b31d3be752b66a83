"""The red bar goes away: alarms of pages by hand end with the next page that arrives, or after a day."""

from __future__ import annotations

import pytest

from quarterdeck.app.health import alarm_ends, alarms, health
from quarterdeck.app.paging import paging
from quarterdeck.channels.outcome import GaveUp, Sent
from quarterdeck.core.escalation.policy import Target
from quarterdeck.store import models
from support.world import World


@pytest.fixture
def world(db):
    made = World()
    made.person("ana")
    made.person("ben")
    return made


def page(world, handle="ana", *, arrives):
    world.outbox.answer = lambda kind, outgoing: Sent("fake") if arrives else GaveUp("no such mailbox")
    paging.page(world.act("ben"), [Target("person", world.find(handle).id)], "Test page", "Please answer")
    world.pass_time(minutes=2)


def standing():
    return list(models.Alarm.objects.filter(cleared_at=None).values_list("kind", flat=True))


def test_the_alarm_of_a_page_by_hand_ends_when_a_later_one_reaches_the_same_person(world):
    page(world, arrives=False)
    assert standing() == ["unreachable"]
    alarm_ends.look(world.now)
    assert standing() == ["unreachable"]
    page(world, "ben", arrives=True)
    alarm_ends.look(world.now)
    assert standing() == ["unreachable"]
    page(world, arrives=True)
    alarm_ends.look(world.now)
    assert standing() == []


def test_the_alarm_of_a_page_by_hand_ends_after_a_day(world):
    page(world, arrives=False)
    world.pass_time(hours=23)
    alarm_ends.look(world.now)
    assert standing() == ["unreachable"]
    world.pass_time(hours=1)
    assert alarm_ends.look(world.now) == 1
    assert standing() == []


def test_the_alarm_of_an_escalation_stands_for_as_long_as_nobody_answers(world):
    world.outbox.answer = lambda kind, outgoing: GaveUp("no such mailbox")
    door = world.integration(service=world.service("shop", world.policy("shop", ("ana", 5))))
    world.journal("webhook", b'{"title": "Disk full", "dedup_key": "d", "severity": "critical"}', door)
    world.expand()
    world.settle()
    world.pass_time(hours=30)
    alarm_ends.look(world.now)
    assert "unreachable" in standing()


def test_health_says_of_each_alarm_what_ends_it(world):
    page(world, arrives=False)
    alarms.raise_alarm("no_policy", "some-alert", "Nobody was paged.", world.now)
    steps = {f.text: f.next for f in health._alarms()}
    assert any("page them again" in step and "24 hours" in step for step in steps.values())
    assert "its alert" in steps["Nobody was paged."]
