"""A worker that is lost between claim and result: its page is sent by another, and not without end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app import due, timers
from quarterdeck.app.paging import claiming, deliveries, escalations
from quarterdeck.app.paging.directory import Directory, policy_from
from quarterdeck.app.paging.escalations import Subject
from quarterdeck.channels.outcome import Sent
from quarterdeck.engine import process
from quarterdeck.store import models, tx
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("ana", contacts=("email", "ntfy"))
    w.person("ben")
    return w


def begin(world: World) -> models.Run:
    """A run whose first step has called ana."""
    policy = policy_from(world.policy("shop", ("ana", 5), ("ben", 5)).definition)
    with tx.write():
        run = escalations.start(policy, Subject("Checkout is down"), world.now)
    with tx.write():
        for row in due.take(world.now, 10):
            timers.fire(row, Directory(world.now))
            due.finish(row, world.now)
    return run


def lose(world: World) -> deliveries.Claim:
    """Claim what is due by a worker that never says what came of it; its lease runs out."""
    (claim,) = claiming.claim(world.now, "lost", 1)
    world.now += timedelta(seconds=31)
    assert deliveries.release_expired(world.now) == 1
    return claim


def test_what_a_lost_worker_had_is_tried_again_by_another(world: World) -> None:
    begin(world)
    lost = lose(world)
    (again,) = claiming.claim(world.now, "other", 1)
    assert (again.id, again.n, again.fence) == (lost.id, 2, lost.fence + 1)


def test_what_a_dead_process_had_is_tried_again_at_once(world: World) -> None:
    begin(world)
    (lost,) = claiming.claim(world.now, "engine@here:7", 1)
    assert deliveries.release_of("engine@here:70", world.now) == 0
    assert deliveries.release_of("engine@here:7", world.now) == 1
    (again,) = claiming.claim(world.now, "engine@here:8", 1)
    assert (again.id, again.fence) == (lost.id, lost.fence + 1)


def test_a_result_that_comes_after_the_lease_changes_nothing(world: World) -> None:
    begin(world)
    lost = lose(world)
    (again,) = claiming.claim(world.now, "other", 1)
    deliveries.record(lost, Sent("late"), "lost", world.now)
    assert models.Delivery.objects.get(id=lost.id).state == "sending"
    deliveries.record(again, Sent("in time"), "other", world.now)
    assert models.Delivery.objects.get(id=lost.id).state == "sent"
    assert models.Attempt.objects.filter(delivery_id=lost.id, phase="ended").get().provider_id == "in time"


def test_after_four_lost_workers_the_next_contact_takes_over_at_once(world: World) -> None:
    begin(world)
    email = models.Delivery.objects.get(channel="email")
    models.Delivery.objects.filter(channel="ntfy").update(next_at=world.now + timedelta(hours=1))
    for _ in range(4):
        lose(world)
    email.refresh_from_db()
    assert (email.state, email.attempts) == ("failed", 4)
    assert [c.channel for c in claiming.claim(world.now, "other", 5)] == ["ntfy"]


def test_without_another_contact_the_next_step_takes_over_at_once(world: World) -> None:
    run = begin(world)
    models.Delivery.objects.filter(channel="ntfy").delete()
    for _ in range(4):
        lose(world)
    assert models.Callout.objects.get(run_id=run.id).state == "unreachable"
    assert models.Alarm.objects.filter(kind="unreachable", subject=run.id, cleared_at=None).exists()
    assert due.next_due() <= world.now


def test_engines_of_machines_with_long_names_are_told_apart_where_a_delivery_names_its_own() -> None:
    long = "engine-" * 12
    names = [process.name_of("4194304", f"{long}{pod}") for pod in ("a", "b")] + [
        process.name_of("7", f"{long}a")
    ]
    assert len({name[:60] for name in names}) == 3
    assert names[0].endswith("-a:4194304")
