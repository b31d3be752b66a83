"""People answer while the engine pages: whoever comes first, nobody is refused by the database, and an answer stands.

On SQLite all writers queue up; on PostgreSQL (`--db postgres`) these cross each other's rows.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction

from quarterdeck.app import due, receive, timers
from quarterdeck.app.act import act_of
from quarterdeck.app.alerts import alerts, uncovered
from quarterdeck.app.incidents import command, incidents
from quarterdeck.app.paging import claiming, deliveries, escalations, paging
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.paging.escalations import Subject
from quarterdeck.channels.outcome import Sent
from quarterdeck.core.escalation.policy import Policy, Step
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.intake import dialects
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal_reader import JournalReader
from support.world import World

ROUNDS = 12
SHORT = timedelta(milliseconds=30)


@pytest.fixture
def world(db: None) -> Iterator[World]:
    w = World()
    w.now = datetime.now(UTC)
    for handle in ("ana", "ben", "cho"):
        w.person(handle)
    w.integration()
    yield w
    connections.close_all()


def together(*acts: Callable[[], object]) -> None:
    """Run all at the same moment, each on a connection of its own; an error in one is raised here."""
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


def raised(world: World, everybody: tuple[str, ...], waits: int = 40) -> models.Alert:
    """An open alert whose policy calls these people at once, and again every few milliseconds."""
    targets = tuple(world.target(handle) for handle in everybody)
    policy = Policy("p", "P", steps=(Step(targets, SHORT),) * waits)
    with tx.write():
        alert = models.Alert.objects.create(
            id=new_id(), dedup_key=new_id(), integration=models.Integration.objects.get(), status="open",
            summary="Checkout is down", severity="critical", source="shop", first_seen_at=world.now,
            last_seen_at=world.now, reason="First report.", paged=True,
        )  # fmt: skip
        escalations.start(policy, Subject(alert.summary, alert_id=alert.id), world.now)
    return alert


def fire(times: int = 1) -> None:
    """Timers as the engine fires them."""
    for _ in range(times):
        now = datetime.now(UTC)
        with tx.write():
            rows, directory = due.take(now, 50), Directory(now)
            for row in rows:
                _fire_one(row, directory)


def _fire_one(row: models.Due, directory: Directory) -> None:
    with suppress(tx.Busy), transaction.atomic():
        timers.fire(row, directory)
        due.finish(row, directory.now)


def send(times: int = 1) -> None:
    """Pages as the engine sends them."""
    for _ in range(times):
        now = datetime.now(UTC)
        deliveries.record_all([(c, Sent("x")) for c in claiming.claim(now, "node", 20)], "node", now)


def answer(callout: models.Callout) -> models.Callout:
    return paging.acknowledge_callout(
        act_of(callout.person_id, "responder", datetime.now(UTC), "link"), callout.id
    )


def is_answered(alert: models.Alert) -> None:
    """Nothing pages for it any more."""
    assert models.Alert.objects.get(id=alert.id).status == "acknowledged"
    run = models.Run.objects.get(alert_id=alert.id)
    assert run.state == "answered"
    assert not models.Due.objects.filter(ref=run.id, state="waiting").exists()
    assert not models.Callout.objects.filter(run_id=run.id, state="waiting").exists()
    assert not models.Delivery.objects.filter(alert_id=alert.id, state="queued").exists()


def test_two_people_answer_at_the_same_moment(world: World) -> None:
    for _ in range(ROUNDS):
        alert = raised(world, ("ana", "ben"))
        fire()
        first, second = models.Callout.objects.filter(alert_id=alert.id)
        together(lambda c=first: answer(c), lambda c=second: answer(c))
        is_answered(alert)


def test_somebody_answers_the_page_while_another_takes_the_alert(world: World) -> None:
    for _ in range(ROUNDS):
        alert = raised(world, ("ana", "ben"))
        fire()
        callout = models.Callout.objects.filter(alert_id=alert.id).first()
        together(lambda c=callout: answer(c), lambda a=alert: alerts.acknowledge(world.act("cho"), a.id))
        is_answered(alert)


def test_an_answer_while_the_pages_are_being_sent(world: World) -> None:
    for _ in range(ROUNDS):
        alert = raised(world, ("ana", "ben", "cho"))
        fire()
        callout = models.Callout.objects.filter(alert_id=alert.id).first()
        together(lambda: send(5), lambda c=callout: answer(c))
        is_answered(alert)


def test_an_answer_while_the_next_step_is_called(world: World) -> None:
    for _ in range(ROUNDS):
        alert = raised(world, ("ana", "ben"))
        fire()
        callout = models.Callout.objects.filter(alert_id=alert.id).first()
        together(lambda: fire(12), lambda c=callout: answer(c))
        is_answered(alert)


def test_everybody_called_for_a_role_answers_at_the_same_moment(world: World) -> None:
    targets = tuple(world.target(handle) for handle in ("ana", "ben", "cho"))
    for _ in range(ROUNDS):
        with tx.write():
            run = escalations.start(
                Policy("p", "P", steps=(Step(targets, SHORT),) * 40), Subject("Come"), world.now
            )
        fire()
        called = list(models.Callout.objects.filter(run_id=run.id))
        assert len(called) == 3
        together(lambda: fire(12), *(lambda c=c: answer(c) for c in called))
        assert models.Run.objects.get(id=run.id).state == "answered"
        assert not models.Due.objects.filter(ref=run.id, state="waiting").exists()


def test_a_repeat_that_comes_with_the_answer_does_not_take_it_back(world: World) -> None:
    integration = models.Integration.objects.get()
    body = {
        "event_action": "trigger",
        "payload": {"summary": "Disk full", "source": "db", "severity": "critical"},
    }
    for n in range(ROUNDS):
        raw = json.dumps(body | {"dedup_key": f"disk-{n}"}).encode()
        world.journal("pagerduty", raw, integration)
        world.expand()
        alert = models.Alert.objects.get(dedup_key=f"disk-{n}")
        for _ in range(5):
            world.journal("pagerduty", raw, integration)
        together(
            lambda: [_expand_one() for _ in range(5)],
            lambda a=alert: alerts.acknowledge(world.act("cho"), a.id),
        )
        assert models.Alert.objects.get(id=alert.id).status == "acknowledged"


def _expand_one() -> None:
    reader = JournalReader()
    receive.expand(reader, dialects(), datetime.now(UTC), 1)
    reader.close()


def test_a_role_is_taken_while_it_is_being_called_for(world: World) -> None:
    world.policy("role-scribe", *(("ben", 0.0005),) * 40)  # type: ignore[arg-type]
    for n in range(ROUNDS):
        said = Declaration(f"Number {n}", "availability", 1, both_reason="The same people are needed.")
        incident = incidents.declare(world.act("ana"), said).incident.key
        together(lambda: fire(8), lambda i=incident: command.take_role(world.act("ana"), i, "scribe"))
        held = models.RoleAssignmentRow.objects.filter(incident_id=incident, role="scribe", ended_at=None)
        assert held.count() == 1
        runs = models.Run.objects.filter(incident_id=incident, role="scribe")
        assert {r.state for r in runs} <= {"stopped", "answered"}
        assert not models.Due.objects.filter(ref__in=[r.id for r in runs], state="waiting").exists()
        incidents.dismiss(world.act("ana"), incident, "only a test")


def test_two_engines_that_find_a_policy_at_once_page_each_alert_once(world: World) -> None:
    body = {"event_action": "trigger", "payload": {"summary": "Full", "source": "db", "severity": "critical"}}
    for n in range(ROUNDS):
        raw = json.dumps(body | {"dedup_key": f"disk-{n}"}).encode()
        world.journal("pagerduty", raw, models.Integration.objects.get())
    while world.expand():
        pass
    world.policy("default", ("ana", 5))
    together(*(lambda: uncovered.cover(datetime.now(UTC)) for _ in range(2)))
    assert models.Run.objects.count() == ROUNDS
    assert not models.Alarm.objects.filter(kind="no_policy", cleared_at=None).exists()
