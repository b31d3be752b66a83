"""Many people paged at once: who has waited longest comes first, nobody is left behind, each result counts once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app import due, timers
from quarterdeck.app.paging import claiming, deliveries
from quarterdeck.app.paging.directory import Directory
from quarterdeck.channels.outcome import GaveUp, Sent
from quarterdeck.store import models, tx
from support.world import World

from .test_receive import event

PEOPLE = 46  # more than one claim of four looks at


@pytest.fixture
def world(db) -> World:
    made = World()
    source = made.integration()
    for n in range(PEOPLE):
        made.person(f"p{n}")
        made.service(f"s{n}", made.policy(f"s{n}", (f"p{n}", 60)))
        made.journal("pagerduty", event(f"disk{n}", service=f"s{n}"), source)
    while made.expand():
        pass
    with tx.write():
        rows = due.take(made.now, 1_000)
        timers.fire_together(timers.together(rows), Directory(made.now))
        due.finish_all(rows, made.now)
    for n, row in enumerate(models.Delivery.objects.order_by("-id")):
        models.Delivery.objects.filter(id=row.id).update(next_at=made.now + timedelta(microseconds=n))
    made.now += timedelta(seconds=1)
    return made


def queued() -> list[str]:
    return list(
        models.Delivery.objects.filter(state="queued").order_by("next_at").values_list("id", flat=True)
    )


def test_firing_together_calls_everybody_once(world):
    assert models.Callout.objects.filter(state="waiting").count() == PEOPLE
    assert models.Delivery.objects.values("address").distinct().count() == PEOPLE


def test_the_longest_waiting_go_first_and_everybody_has_a_turn(world):
    while waiting := queued():
        claims = claiming.claim(world.now, world.node, 4)
        assert [c.id for c in claims] == waiting[:4]
        deliveries.record_all([(c, Sent("fake")) for c in claims], world.node, world.now)
    assert models.Delivery.objects.filter(state="sent").count() == PEOPLE
    assert models.Attempt.objects.filter(phase="ended", outcome="accepted").count() == PEOPLE


def test_contacts_that_were_just_paged_keep_nobody_behind_them_waiting(world):
    """Most of the queue is for contacts that are not free: they are put off, and the claims after that find the rest."""
    held = models.Delivery.objects.filter(id__in=queued()[:40]).values_list("contact_id", flat=True)
    for contact in held:
        models.Pace.objects.create(contact_id=contact, free_at=world.now + timedelta(seconds=20))
    reached: list[str] = []
    for _ in range(5):
        claims = claiming.claim(world.now, world.node, 4)
        deliveries.record_all([(c, Sent("fake")) for c in claims], world.node, world.now)
        reached += [c.id for c in claims]
    assert len(reached) == 6
    assert len(queued()) == 40


def test_results_of_one_batch_are_written_as_each_of_them_ended(world):
    claims = claiming.claim(world.now, world.node, 3)
    deliveries.record_all(
        [(claims[0], Sent("a")), (claims[1], GaveUp("no such mailbox")), (claims[2], None)],
        world.node,
        world.now,
    )
    states = dict(models.Delivery.objects.filter(id__in=[c.id for c in claims]).values_list("id", "state"))
    assert [states[c.id] for c in claims] == ["sent", "failed", "queued"]


def test_a_result_under_an_old_fence_counts_for_nothing(world):
    (claim,) = claiming.claim(world.now, world.node, 1)
    models.Delivery.objects.filter(id=claim.id).update(fence=claim.fence + 1)
    deliveries.record_all([(claim, Sent("late"))], world.node, world.now)
    assert models.Delivery.objects.get(id=claim.id).state == "sending"
    assert not models.Attempt.objects.filter(delivery_id=claim.id, phase="ended").exists()
