"""Storms: what is due for one contact goes out as one page, and its answer answers all of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app.paging import claiming, deliveries, paging
from quarterdeck.app.paging.bundles import APART
from quarterdeck.channels.outcome import GaveUp, Outcome, Outgoing, Retry, Sent
from quarterdeck.core.escalation.policy import Target
from quarterdeck.store import models
from support.world import World

from .test_receive import event


@pytest.fixture
def world(db) -> World:
    made = World()
    for handle in ("ana", "ben", "dev"):
        made.person(handle)
    made.service("db", made.policy("db", ("ana", 60), ("ben", 60)))
    made.service("web", made.policy("web", ("ben", 60)))
    made.source = made.integration()  # type: ignore[attr-defined]
    return made


def storm(world: World, number: int, service: str = "db", first: int = 0) -> None:
    for n in range(first, first + number):
        world.journal("pagerduty", event(f"disk{n}", service=service), world.source)  # type: ignore[attr-defined]
    while world.expand():
        pass


def texts(world: World) -> list[str]:
    return [o.text.splitlines()[0] for _, o in world.outbox.sent]


def test_fifty_alerts_of_one_storm_are_one_page_that_names_them(world):
    storm(world, 50)
    world.settle()
    assert texts(world) == ["This page stands for 50 alerts."]
    _, page = world.outbox.sent[0]
    assert page.subject.startswith("[Page] 50 alerts, first: disk")
    assert page.text.count("• ") == 15
    assert "and 35 more" in page.text
    assert models.Delivery.objects.filter(state="sent").count() == 50
    assert models.Attempt.objects.filter(phase="ended", outcome="accepted").count() == 50


def test_what_comes_within_thirty_seconds_waits_and_goes_out_as_one(world):
    storm(world, 1)
    world.settle()
    world.pass_time(seconds=3)
    storm(world, 4, first=1)
    world.pass_time(seconds=10)
    assert texts(world) == ["disk0 is full"]
    world.pass_time(seconds=20)
    assert texts(world) == ["disk0 is full", "This page stands for 4 alerts."]


def test_a_page_that_was_too_late_to_send_holds_up_none_after_it(world):
    storm(world, 1)
    world._fire()
    models.Delivery.objects.update(not_after=world.now - timedelta(seconds=1))
    assert claiming.claim(world.now, "node") == []
    storm(world, 1, first=1)
    world.settle()
    assert world.pages("ana") == ["disk1 is full"]


def test_the_first_page_of_somebody_else_never_waits(world):
    storm(world, 30)
    world.settle()
    storm(world, 1, service="web", first=100)
    world.settle()
    assert texts(world)[-1] == "disk100 is full"


def test_a_page_by_hand_is_never_held_back(world):
    storm(world, 3)
    world.settle()
    paging.page(world.act("dev"), [Target("person", world.find("ana").id)], "Please call me", "now")
    world.settle()
    assert texts(world)[-1] == "Please call me"


@pytest.mark.parametrize(("answer", "after"), [(Retry("busy"), 5), (Retry("cut off", ambiguous=True), 30)])
def test_a_bundle_that_failed_is_tried_again_as_one_under_the_same_key(world, answer: Outcome, after: int):
    keys: list[str] = []

    def flaky(kind: str, outgoing: Outgoing) -> Outcome:
        keys.append(outgoing.key)
        return answer if len(keys) == 1 else Sent("fake")

    world.outbox.answer = flaky
    storm(world, 20)
    world.pass_time(seconds=after + 7)
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert models.Delivery.objects.filter(state="sent", attempts=2).count() == 20


def test_a_contact_that_gives_up_fails_every_alert_of_the_bundle_and_the_next_step_fires_at_once(world):
    world.outbox.answer = lambda kind, o: GaveUp("unknown user") if "ana" in o.to else Sent("fake")
    storm(world, 5)
    world.settle()
    assert texts(world) == ["This page stands for 5 alerts."]
    assert {o.to for _, o in world.outbox.sent} == {"ben@example.com"}
    assert models.Callout.objects.filter(state="unreachable").count() == 5


def test_an_alert_that_was_answered_meanwhile_is_not_on_the_page(world):
    storm(world, 3)
    world._fire()
    some = models.Callout.objects.filter(subject="disk1 is full").get()
    paging.acknowledge_callout(world.act("ana"), some.id)
    world.settle()
    assert texts(world) == ["This page stands for 2 alerts."]
    assert "disk1" not in world.outbox.sent[0][1].text


@pytest.mark.requirement("R-026")
def test_the_link_of_a_bundle_answers_all_of_it_or_only_one(world):
    storm(world, 6)
    world.settle()
    carrier = models.Delivery.objects.get(key=world.outbox.sent[0][1].key)
    paging.acknowledge_by_link(carrier.callout_id, world.now)
    assert models.Alert.objects.filter(status="acknowledged").count() == 1
    paging.acknowledge_by_link(carrier.callout_id, world.now, bundle=True)
    assert models.Alert.objects.filter(status="acknowledged").count() == 6
    assert not models.Callout.objects.filter(state="waiting").exists()
    assert not models.Due.objects.filter(kind="escalate", state="waiting").exists()


def test_a_lost_worker_gives_back_the_whole_bundle(world):
    storm(world, 4)
    world._fire()
    first = claiming.claim(world.now, "lost")
    world.now += timedelta(seconds=31)
    assert deliveries.release_expired(world.now) == 4
    again = claiming.claim(world.now, "other")
    assert [c.id for c in again] == [c.id for c in first]
    deliveries.record(again[0], Sent("fake"), "other", world.now)
    deliveries.record(first[0], Retry("late"), "lost", world.now)
    assert models.Delivery.objects.filter(state="sent").count() == 4


def test_two_rules_for_one_contact_are_two_tries(world):
    ana = world.find("ana")
    contact = models.ContactMethod.objects.get(person=ana)
    models.NotificationRule.objects.create(person=ana, contact=contact, urgency="high", delay_seconds=300)
    storm(world, 1)
    world.settle()
    world.pass_time(minutes=6)
    assert texts(world) == ["disk0 is full"] * 2


def test_three_hundred_pages_for_one_person_leave_in_two_sends(world):
    storm(world, 300)
    world.settle()
    world.now += APART
    world.settle()
    assert len(world.outbox.sent) == 2
    assert models.Delivery.objects.filter(state="sent").count() == 300
