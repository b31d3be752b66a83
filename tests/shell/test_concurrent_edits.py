"""Two people change the same thing at the same moment: nothing is lost silently, and the live feed tells all of it.

On SQLite all writers queue up; on PostgreSQL (`--db postgres`) these cross each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.db import connection, connections, transaction
from tests.shell.test_receive import event, send

from quarterdeck.app.alerts import alert_links
from quarterdeck.app.incidents import incidents
from quarterdeck.app.oncall import rotations
from quarterdeck.app.paging import policies
from quarterdeck.app.paging.directory import policy_from, schedule_from
from quarterdeck.app.people import accounts, people, teams
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import Layer, Turn, check
from quarterdeck.store import feed, gaps, models
from support.world import World


@pytest.fixture
def world(db: None) -> Iterator[World]:
    w = World()
    for handle in ("ana", "ben", "cleo", "dev"):
        w.person(handle)
    w.person("adm", "administrator")
    w.schedule("db-primary", "ana")
    w.service("db", w.policy("db", ("db-primary", 5), ("ben", 5)))
    yield w
    connections.close_all()


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What became of each: ok, or the code it was refused with. Anything else that is raised is raised here."""
    start = threading.Barrier(len(acts))
    found: list[str | Exception] = ["" for _ in acts]

    def run(n: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            found[n] = "ok"
        except Refused as refused:
            found[n] = refused.code
        except Exception as e:  # noqa: BLE001 - handed to the test
            found[n] = e
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in found:
        if isinstance(one, Exception):
            raise one
    return sorted(str(one) for one in found)


def declared(world: World, handle: str, title: str = "X") -> str:
    said = Declaration(title=title, type="availability", severity=3)
    return incidents.declare(world.act(handle), said).incident.key


def test_of_two_changes_of_one_policy_from_the_same_version_one_is_refused(world: World) -> None:
    row = models.EscalationPolicy.objects.get(key="db")
    base, act = policy_from(row.definition), world.act("adm")

    def change(name: str) -> Callable[[], object]:
        return lambda: policies.update(act, "db", replace(base, name=name), version=row.version)

    assert at_once(change("one"), change("two")) == ["ok", "policy.moved"]
    assert models.EscalationPolicy.objects.get(key="db").version == row.version + 1


def test_two_changes_of_one_layer_leave_one_successor(world: World) -> None:
    act = replace(world.act("adm"), at=world.now + timedelta(hours=1))
    old = models.Layer.objects.get()

    def change(handle: str) -> Callable[[], object]:
        person = world.find(handle).id
        layer = Layer(
            id="", name=handle, people=(person,), turn=Turn("days", 7), handover_time=time(9),
            handover_weekday=None, starts_at=act.at, ends_at=None, zone="UTC",
        )  # fmt: skip
        return lambda: rotations.put_layer(act, "db-primary", layer, old.id)

    said = at_once(change("ben"), change("cleo"))
    running = [x for x in models.Layer.objects.all() if not rotations.ended(x, act.at)]
    check(schedule_from(models.Schedule.objects.get()))
    assert said.count("ok") == len(running)


def test_two_administrators_who_leave_at_once_leave_one(world: World) -> None:
    other = world.person("boss", "administrator")
    adm = world.find("adm")
    world_act = {h: world.act(h) for h in ("adm", "boss")}
    said = at_once(
        lambda: people.update(world_act["adm"], adm.id, role="responder"),
        lambda: accounts.set_active(world_act["boss"], other.id, False),
    )
    assert said == ["ok", "person.last_administrator"]


def test_the_same_key_twice_at_once_is_refused_and_no_error(world: World) -> None:
    act = world.act("adm")
    said = at_once(*(lambda: teams.create(act, "payments", "Payments") for _ in range(2)))
    assert said == ["ok", "team.exists"]


def test_an_alert_linked_into_two_incidents_at_once_is_in_one(world: World) -> None:
    send(world, event("disk"))
    alert = models.Alert.objects.get()
    keys = [declared(world, "dev"), declared(world, "ben")]
    acts = [world.act("dev"), world.act("ben")]
    said = at_once(
        *(lambda a=a, k=k: alert_links.link(a, k, alert.id) for a, k in zip(acts, keys, strict=True))
    )
    assert said == ["alert.linked", "ok"]
    linked = models.AlertLinkRow.objects.get(alert_id=alert.id)
    assert models.Alert.objects.get().incident_id == linked.incident_id


def test_an_alert_declared_and_linked_at_once_is_in_one_incident(world: World) -> None:
    send(world, event("disk"))
    alert = models.Alert.objects.get()
    key, dev, ana = declared(world, "dev"), world.act("dev"), world.act("ana")
    said = Declaration(title="Y", type="availability", severity=3)
    at_once(
        lambda: alert_links.link(dev, key, alert.id),
        lambda: incidents.declare(ana, said, alert_ids=(alert.id,)),
    )
    assert models.AlertLinkRow.objects.filter(alert_id=alert.id).count() == 1


def test_the_feed_tells_what_becomes_visible_behind_a_later_change(world: World) -> None:
    first, second = declared(world, "dev"), declared(world, "ana")
    cursor = feed.now()
    inside, go = threading.Event(), threading.Event()
    acts = {h: world.act(h) for h in ("dev", "ana")}

    def slow() -> None:
        with transaction.atomic():
            incidents.set_title(acts["dev"], first, "A changed")
            inside.set()
            go.wait(5)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    inside.wait(5)
    if connection.vendor == "postgresql":
        incidents.set_title(acts["ana"], second, "B changed")
    before, cursor = feed.changes_since(cursor)
    mark = feed.now()
    go.set()
    thread.join()
    if connection.vendor != "postgresql":
        incidents.set_title(acts["ana"], second, "B changed")
    after, _ = feed.changes_since(cursor)
    assert {f"incident:{first}", f"incident:{second}"} <= {c.topic for c in before + after}
    # Somebody who opened a page in between hears of it as well.
    assert f"incident:{first}" in {c.topic for c in feed.changes_since(mark)[0]}


def test_what_was_taken_back_holds_nothing_up(world: World) -> None:
    key = declared(world, "dev")
    cursor = feed.now()
    with transaction.atomic():
        incidents.set_title(world.act("dev"), key, "never")
        transaction.set_rollback(True)
    incidents.set_title(world.act("dev"), key, "B")
    told, cursor = feed.changes_since(cursor)
    assert f"incident:{key}" in {c.topic for c in told}
    assert cursor[0] == models.Event.objects.order_by("-id").values_list("id", flat=True)[0]
    assert gaps.end(models.Event) == cursor[0]
