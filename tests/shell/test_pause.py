"""The engine on hold, pages that come too late, and old copies of a store: nobody is paged one by one for the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from quarterdeck.app import timers, waiting_words
from quarterdeck.app.health import alarms, audit, health_store
from quarterdeck.app.paging import backlog, claiming, pause
from quarterdeck.app.upkeep import installation
from quarterdeck.boot import backup_job
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.engine.clock import EngineClock
from quarterdeck.engine.loop import Engine
from quarterdeck.engine.sender import Sender
from quarterdeck.store import fence, log, models, schema, tx
from support.backup_world import alert
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.now = datetime.now(UTC)
    w.person("ana", "administrator")
    w.person("ben", contacts=("email", "ntfy"))
    w.policy("default", ("ben", 5), ("ana", 5))
    return w


def alerts(world: World, *names: str, severity: str = "critical") -> None:
    integration = world.integration()
    for name in names:
        world.journal("alertmanager", alert(name).replace(b"critical", severity.encode()), integration)
    while world.expand():
        pass


def test_a_paused_engine_shows_alerts_and_pages_nobody(world: World) -> None:
    pause.pause(world.act("ana"), "Moving house")
    alerts(world, "disk")
    clock = EngineClock()
    engine = Engine(clock, Sender(world.outbox.send, clock.monotonic, lambda: None), chores=())
    try:
        for _ in range(3):
            engine.cycle()
        waiting = pause.pending(datetime.now(UTC)).timers
        assert models.Alert.objects.filter(status="open").count() == 1
        assert [(w.kind, w.count) for w in waiting if w.kind == "escalate"] == [("escalate", 1)]
        assert models.Attempt.objects.count() == 0
        pause.resume(world.act("ana"))
        for _ in range(3):
            engine.cycle()
        assert models.Attempt.objects.filter(phase="started").exists()
    finally:
        engine.close()


def test_pausing_and_resuming_stand_in_the_audit_and_above_every_page(world: World) -> None:
    pause.pause(world.act("ana"), "Moving house")
    with pytest.raises(Refused, match="paused already"):
        pause.pause(world.act("ana"), "Again")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(world.find("ana"))
    page = client.get("/settings/engine").content.decode()
    assert page.count("Moving house") >= 2 and "nobody is paged" in page
    client.post("/settings/engine/resume", {"older": ""})
    assert pause.standing() is None
    kinds = [e.kind for e in log.read(log.INSTALLATION)]
    assert kinds.index("EnginePaused") < kinds.index("EngineResumed")


def test_only_administrators_hold_the_engine(world: World) -> None:
    with pytest.raises(Refused):
        pause.pause(world.act("ben"), "I want to sleep")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(world.find("ben"))
    assert client.post("/settings/engine/pause", {"reason": "x"}).status_code == 403
    assert client.get("/api/v1/engine").status_code == 200
    assert client.put("/api/v1/engine/pause", {"reason": "x"}, "application/json").status_code == 403


def test_programs_hold_the_engine_and_let_it_go_on(world: World) -> None:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(world.find("ana"))
    assert client.put("/api/v1/engine/pause", {"reason": "A drill"}, "application/json").status_code == 200
    assert client.get("/api/v1/engine").json()["pause"]["reason"] == "A drill"
    assert client.delete("/api/v1/engine/pause?cancel_older_than_minutes=60").status_code == 204
    assert client.delete("/api/v1/engine/pause").status_code == 409


def test_everything_that_waits_has_words_for_people(world: World) -> None:
    assert set(timers.KINDS) <= set(waiting_words.WORDS)
    for kind in timers.KINDS:
        models.Due.objects.create(kind=kind, ref="x", due_at=world.now, created_at=world.now)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(world.find("ana"))
    page = client.get("/settings/engine").content.decode()
    assert (
        "Imports of contacts" in page and "Times of customer issues" in page and "Contact import" not in page
    )


def test_rules_that_wait_are_shown_before_a_resume_and_dropped_with_the_rest(world: World) -> None:
    pause.pause(world.act("ana"), "An outage")
    for hours in (0, 3):
        models.AutomationRun.objects.create(
            rule_id="r", version=1, event=str(hours), trigger="incident.declared",
            due_at=world.now + timedelta(hours=hours), queued_at=world.now,
        )  # fmt: skip
    world.now += timedelta(hours=3)
    (shown,) = (w for w in pause.pending(world.now).timers if w.kind == "automation")
    assert (shown.count, shown.stale) == (2, 1)
    assert pause.resume(world.act("ana"), timedelta(hours=1))["rules"] == 1
    runs = models.AutomationRun.objects.order_by("due_at").values_list("state", "reason")
    assert [(state, bool(why)) for state, why in runs] == [("skipped", True), ("queued", False)]


def test_what_is_dropped_at_a_resume_ends_and_says_why(world: World) -> None:
    alerts(world, "old")
    pause.pause(world.act("ana"), "An outage")
    world.now += timedelta(hours=3)
    alerts(world, "new")
    dropped = pause.resume(world.act("ana"), timedelta(hours=1))
    assert dropped["escalations"] == 1
    assert sorted(models.Run.objects.values_list("subject", "state")) == [
        ("new", "running"),
        ("old", "exhausted"),
    ]
    assert models.AlertEntry.objects.filter(kind="not_paged", text__contains="resumed").count() == 1
    world.settle()
    assert world.pages("ben") == ["new"]
    assert [f for f in audit.look(world.now) if f.invariant == "I9"] == []


def test_pages_that_are_an_hour_late_become_one_summary_worst_and_newest_first(world: World) -> None:
    alerts(world, "warm", severity="warning")
    alerts(world, "hot one", "hot two")
    world._fire()
    world.now += timedelta(hours=2)
    assert backlog.collapse(world.now) == models.Delivery.objects.exclude(message_id="").count() > 3
    world.settle()
    pages = [o for _, o in world.outbox.sent if o.to == "ben@example.com"]
    late = [o for o in pages if "did not reach you" in o.text]
    assert len(late) == 1 and late[0].text.startswith("3 pages did not reach you in time. First: hot")
    listed = Client(SERVER_NAME="127.0.0.1").get(late[0].link.partition("8000")[2]).content.decode()
    assert listed.index("hot one") < listed.index("warm") > listed.index("hot two")
    assert models.AlertEntry.objects.filter(kind="summarised").count() == 3
    models.Person.objects.filter(handle="ben").update(is_active=False)
    gone = Client(SERVER_NAME="127.0.0.1").get(late[0].link.partition("8000")[2])
    assert gone.status_code == 410 and "hot" not in gone.content.decode()
    assert [f for f in audit.look(world.now) if f.invariant == "I2"] == []


def test_a_page_that_is_late_by_minutes_goes_out_as_it_is(world: World) -> None:
    alerts(world, "disk")
    world._fire()
    world.now += timedelta(minutes=30)
    assert backlog.collapse(world.now) == 0
    world.settle()
    assert "disk" in world.pages("ben")


def test_nothing_is_summarised_that_was_answered_meanwhile(world: World) -> None:
    alerts(world, "disk")
    world._fire()
    models.Callout.objects.update(state="acknowledged")
    world.now += timedelta(hours=2)
    backlog.collapse(world.now)
    assert not models.Callout.objects.filter(kind="heads_up").exists()
    assert not models.Delivery.objects.filter(state="queued").exists()


def test_a_list_of_pages_needs_its_own_link(world: World) -> None:
    client = Client(SERVER_NAME="127.0.0.1")
    assert client.get("/missed/x/wrong/").status_code == 404


def test_after_a_standstill_the_worst_and_the_longest_due_take_turns(world: World) -> None:
    for name in ("first warning", "second warning", "third warning"):
        alerts(world, name, severity="warning")
        world._fire()
        world.now += timedelta(seconds=1)
    alerts(world, "hot", severity="critical")
    world._fire()
    pages = models.Delivery.objects.filter(cls="page").order_by("next_at", "id")
    text = {row.id: row.body["text"] for row in pages}
    rows = [backlog.Queued(*row) for row in pages.values_list(*backlog.Queued._fields)]
    by_alert = list({r.alert_id: r for r in rows}.values())
    assert backlog.in_turns(by_alert, world.now) == by_alert
    even = (world.now + timedelta(minutes=10)).replace(second=2)
    ordered = [text[r.id] for r in backlog.in_turns(by_alert, even)]
    assert ordered == ["hot", "first warning", "third warning", "second warning"]
    ordered = [text[r.id] for r in backlog.in_turns(by_alert, even.replace(second=3))]
    assert ordered == ["first warning", "hot", "second warning", "third warning"]


def test_after_hours_without_an_engine_a_person_gets_one_page_a_contact_that_lists_all(world: World) -> None:
    names = [f"alert {n}" for n in range(40)]
    alerts(world, *names)
    world._fire()
    world.now += timedelta(hours=2)
    sends = [c.outgoing for c in claiming.claim(world.now, "n", 50) if c.outgoing.to == "ben@example.com"]
    assert len(sends) == 1 and sends[0].text.startswith("This page stands for 40 alerts.")
    assert models.Delivery.objects.filter(state="sending", address="ben@example.com").count() == 40


def test_an_old_copy_of_the_store_pages_nobody(world: World) -> None:
    alerts(world, "disk")
    world._fire()
    assert installation.raise_epoch(world.act("ana"), "promoted") == 2
    models.Installation.objects.update(cluster_epoch=1)
    with pytest.raises(fence.Fenced, match="old copy"):
        claiming.claim(world.now, "node")
    assert installation.raise_epoch(world.act("ana"), "this one counts") == 3
    assert claiming.claim(world.now, "node")


def test_what_a_node_has_seen_outlives_it(world: World) -> None:
    installation.raise_epoch(world.act("ana"), "promoted")
    fence._seen.clear()
    models.Installation.objects.update(cluster_epoch=1)
    with pytest.raises(fence.Fenced), tx.write():
        pass


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"min_code_version": 9000}, "newer Quarterdeck"),
        ({"schema_version": 1}, "older release"),
        ({"moved_to": "postgres://db/quarterdeck"}, "was moved to postgres://db/quarterdeck"),
    ],
)
def test_a_store_that_is_not_ours_to_write_is_left_alone(world: World, change: dict, told: str) -> None:
    models.Installation.objects.update(**change)
    with pytest.raises(fence.Fenced, match=told), tx.write():
        pass


def test_a_release_and_the_one_before_it_work_on_one_store(world: World) -> None:
    models.Installation.objects.update(schema_version=schema.version() + 1)
    with tx.write():
        models.Person.objects.filter(handle="ana").update(title="Written by the one before")
    assert world.find("ana").title == "Written by the one before"


def test_a_backup_is_made_by_one_and_a_failure_is_an_alarm(world: World) -> None:
    every = timedelta(minutes=15)
    assert installation.claim_backup(world.now, every)
    assert not installation.claim_backup(world.now, every)
    installation.backup_failed("The disk is full.", world.now, every)
    assert [a.text for a in alarms.open_alarms()] == ["The last backup failed: The disk is full."]
    assert not installation.claim_backup(world.now + timedelta(minutes=3), every)
    assert installation.claim_backup(world.now + timedelta(minutes=4), every)
    installation.backed_up({"place": "/there", "bytes": 1, "seconds": 1}, world.now + timedelta(minutes=5))
    assert alarms.open_alarms() == []
    assert not installation.claim_backup(world.now + timedelta(minutes=19), every)


def test_a_backup_that_is_due_is_made_and_shown_under_health(world: World, tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the copy of a file is what this is about; PostgreSQL has a test of its own")
    config = msgspec.structs.replace(settings.QUARTERDECK, data=tmp_path)
    backup_job.back_up(config)
    told = installation.row().backup
    assert (Path(told["place"]) / "manifest.json").exists() and told["place"].startswith(
        str(tmp_path / "backups")
    )
    found = {f.name: f for f in health_store.look(datetime.now(UTC))}
    assert found["backup"].level == "ok" and "restored to prove it" in found["backup"].text
    late = {f.name: f for f in health_store.look(datetime.now(UTC) + timedelta(hours=2))}
    assert late["backup"].level == "fault"


def test_a_second_folder_that_cannot_be_written_is_an_alarm_until_it_can(
    world: World, tmp_path: Path
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps the journal itself")
    alerts(world, "disk")
    second = tmp_path / "second"
    second.write_text("a file is in the way")
    backup = msgspec.structs.replace(settings.QUARTERDECK.backup, journal_to=str(second))
    config = msgspec.structs.replace(settings.QUARTERDECK, data=tmp_path, backup=backup)
    backup_job.tick(config)
    assert [a.subject for a in alarms.open_alarms()] == ["journal copy"]
    second.unlink()
    backup_job.tick(config)
    assert alarms.open_alarms() == [] and (second / "journal.db").exists()
