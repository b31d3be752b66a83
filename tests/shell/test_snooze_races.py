"""A snooze runs out, an alert is passed on or escalated, in the very moment in which somebody answers: one thing holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction

from quarterdeck.app import due, timers
from quarterdeck.app.alerts import alerts, reassigning, snooze_rows
from quarterdeck.app.paging import escalations
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.paging.escalations import Subject
from quarterdeck.core.escalation.policy import Policy, Step
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from support.world import World

ROUNDS = 12


@pytest.fixture
def world(db: None) -> Iterator[World]:
    w = World()
    w.now = datetime.now(UTC)
    for handle in ("ana", "ben", "cho"):
        w.person(handle)
    w.policy("default", ("ana", 5), ("ben", 5))
    w.integration()
    yield w
    connections.close_all()


def together(*acts: Callable[[], object]) -> None:
    """All at once, each on a connection of its own; whatever one raises is raised here."""
    start, errors = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except Exception as e:  # noqa: BLE001 - handed to the test
            errors.append(e)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def raised(world: World, status: str = "open") -> models.Alert:
    with tx.write():
        alert = models.Alert.objects.create(
            id=new_id(), dedup_key=new_id(), integration=models.Integration.objects.get(), status=status,
            summary="Checkout is down", severity="critical", source="shop", first_seen_at=world.now,
            last_seen_at=world.now, reason="First report.", paged=True,
        )  # fmt: skip
        if status == "open":
            steps = tuple(Step((world.target(h),), timedelta(milliseconds=3)) for h in ("ana", "ben") * 8)
            escalations.start(Policy("p", "P", steps), Subject("x", alert_id=alert.id), world.now)
    return alert


def fire(times: int) -> None:
    """Timers as the engine fires them."""
    for _ in range(times):
        now = datetime.now(UTC)
        with tx.write():
            for row in due.take(now, 50):
                with suppress(tx.Busy), transaction.atomic():
                    timers.fire(row, Directory(now))
                    due.finish(row, now)


def holds(alert: models.Alert) -> str:
    """I9, and the status it is in."""
    alert.refresh_from_db()
    live = list(models.Run.objects.filter(alert_id=alert.id, state__in=("running", "exhausted")))
    if alert.status == "open":
        assert len(live) == 1
    else:
        assert live == []
    waiting = models.Due.objects.filter(kind=escalations.KIND, state="waiting")
    mine = models.Run.objects.filter(alert_id=alert.id).values("id")
    assert waiting.filter(ref__in=mine).count() == sum(r.state == "running" for r in live)
    return alert.status


def test_a_snooze_runs_out_while_somebody_takes_the_alert(world: World) -> None:
    for _ in range(ROUNDS):
        alert = raised(world, "acknowledged")
        now = datetime.now(UTC)
        with tx.write():
            snooze_rows.put(snooze_rows.SNOOZE, alert.id, now, now, person=world.find("ana").id, reason="x")
        together(lambda: fire(6), lambda a=alert: alerts.acknowledge(world.act("cho"), a.id))
        fire(2)
        # Whoever came last, it is answered: taken before it woke, or taken after.
        assert holds(alert) == "acknowledged"
        assert snooze_rows.standing([alert.id]) == {}


def test_an_alert_is_passed_on_and_escalated_while_steps_fire_and_somebody_answers(world: World) -> None:
    ben = world.find("ben").id

    def escalated(alert: models.Alert) -> None:
        with suppress(Refused):  # everybody was called already
            reassigning.escalate(world.act("ana"), alert.id)

    for _ in range(ROUNDS):
        alert = raised(world)
        fire(1)
        together(
            lambda: fire(10),
            lambda a=alert: escalated(a),
            lambda a=alert: reassigning.reassign(world.act("cho"), a.id, person=ben, reason="His"),
            lambda a=alert: alerts.acknowledge(world.act("ana"), a.id),
        )
        assert holds(alert) in ("open", "acknowledged")
