"""Snoozing an alert, passing it on, calling the next step, and acknowledgements that run out. Nobody is lost on the way."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from quarterdeck.app import due
from quarterdeck.app.alerts import alerts, reassigning, silences, snooze_rows, snoozes
from quarterdeck.app.health import audit
from quarterdeck.app.incidents import incidents
from quarterdeck.app.paging import paging
from quarterdeck.app.paging.directory import policy_data, policy_from
from quarterdeck.core.alerts.silence import Matcher
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from support.rest import Organisation
from support.world import START, World

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("ana", "ben", "cleo", "dora"):
        w.person(handle)
    w.schedule("primary", "ana")
    w.service("db", w.policy("db", ("primary", 5), ("ben", 10), catch_all=("cleo",)))
    w.policy("network", ("dora", 5))
    return w


def send(world: World, action: str = "trigger") -> models.Alert:
    integration = models.Integration.objects.first() or world.integration()
    payload = {"summary": "disk is full", "source": "db-1", "severity": "critical", "component": "db"}
    event = {"routing_key": "k", "event_action": action, "dedup_key": "disk", "payload": payload}
    world.journal("pagerduty", json.dumps(event).encode(), integration)
    world.expand()
    world.settle()
    return models.Alert.objects.get()


def called(world: World, since: int = 0) -> list[tuple[int, str]]:
    """Who was called, and how many minutes after the start, in order."""
    rows = models.Callout.objects.order_by("created_at", "id")
    names = dict(models.Person.objects.values_list("id", "handle"))
    found = [(round((c.created_at - START) / MINUTE), names[c.person_id]) for c in rows]
    return [f for f in found if f[0] >= since and f[1] != "root"]


def said(kind: str) -> list[str]:
    return list(models.AlertEntry.objects.filter(kind=kind).values_list("text", flat=True))


def lasting(world: World, minutes: int) -> None:
    """The policy gives an acknowledgement so long."""
    row = models.EscalationPolicy.objects.get(key="db")
    row.definition = row.definition | {"ack_timeout_seconds": minutes * 60}
    row.save()


@pytest.mark.parametrize("first", ["open", "acknowledged"])
def test_a_snoozed_alert_pages_nobody_until_its_time_and_then_from_the_first_step_once(
    world: World, first: str
) -> None:
    alert = send(world)
    if first == "acknowledged":
        alerts.acknowledge(world.act("ana"), alert.id)
    snoozes.snooze(world.act("ana"), alert.id, world.now + HOUR, "The fix is rolling out")
    world.pass_time(minutes=59)
    send(world)  # it fires on, and wakes nobody
    assert called(world) == [(0, "ana")]
    alert.refresh_from_db()
    assert alert.status == "acknowledged"
    assert audit.look(world.now) == []
    world.pass_time(minutes=3)
    assert called(world, 30) == [(60, "ana")]
    world.pass_time(minutes=30)
    assert called(world, 30) == [(60, "ana"), (65, "ben"), (75, "cleo")]
    assert said("snoozed") == ["Snoozed by Ana for 1 h, until Mon 02 Mar 10:00 UTC: The fix is rolling out"]
    assert "The snooze by Ana is over and the alert still fires: paging starts again." in said("paging")
    assert audit.look(world.now) == []


def test_the_timer_of_a_snooze_that_fires_twice_pages_once(world: World) -> None:
    alert = send(world)
    row = snoozes.snooze(world.act("ana"), alert.id, world.now + HOUR, "Later")
    with tx.write():
        due.arm(snooze_rows.KIND, row.id, row.until, world.now)
    world.pass_time(hours=1)
    assert models.Run.objects.filter(state="running").count() == 1
    assert called(world, 30) == [(60, "ana")]


def test_what_ends_at_its_source_while_it_sleeps_wakes_nobody(world: World) -> None:
    alert = send(world)
    snoozes.snooze(world.act("ana"), alert.id, world.now + HOUR, "Later")
    send(world, "resolve")
    assert snooze_rows.standing([alert.id]) == {}
    world.pass_time(hours=2)
    assert called(world) == [(0, "ana")]


def test_a_snooze_is_ended_early_by_waking_it_or_by_taking_it(world: World) -> None:
    alert = send(world)
    snoozes.snooze(world.act("ana"), alert.id, world.now + HOUR, "Later")
    world.pass_time(minutes=10)
    snoozes.wake(world.act("ben"), alert.id)
    world.settle()
    assert called(world, 5) == [(10, "ana")]
    snoozes.snooze(world.act("ana"), alert.id, world.now + HOUR, "Later")
    alerts.acknowledge(world.act("cleo"), alert.id)
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by) == ("acknowledged", world.find("cleo").id)
    world.pass_time(hours=3)
    assert called(world, 11) == []


def test_a_second_snooze_takes_the_place_of_the_first(world: World) -> None:
    alert = send(world)
    snoozes.snooze(world.act("ana"), alert.id, world.now + HOUR, "Later")
    snoozes.snooze(world.act("ben"), alert.id, world.now + 2 * HOUR, "Much later")
    world.pass_time(minutes=119)
    assert called(world) == [(0, "ana")]
    world.pass_time(minutes=1)
    assert called(world, 30) == [(120, "ana")]


def test_an_alert_that_a_silence_covers_by_then_stays_quiet_until_that_ends(world: World) -> None:
    alert = send(world)
    snoozes.snooze(world.act("ana"), alert.id, world.now + HOUR, "Later")
    silences.add_silence(
        world.act("ana"), [Matcher("service", "=", "db")], world.now + 3 * HOUR, "Maintenance"
    )
    world.pass_time(hours=2)
    alert.refresh_from_db()
    assert (alert.status, called(world)) == ("silenced", [(0, "ana")])
    world.pass_time(hours=1)
    assert alerts.end_silences(world.now) == 1
    world.settle()
    assert called(world, 30) == [(180, "ana")]


@pytest.mark.parametrize(("minutes", "reason"), [(0, "x"), (-5, "x"), (24 * 60 + 5, "x"), (60, "  ")])
def test_a_snooze_without_reason_or_beyond_a_day_is_refused(world: World, minutes: int, reason: str) -> None:
    alert = send(world)
    with pytest.raises(Refused):
        snoozes.snooze(world.act("ana"), alert.id, world.now + minutes * MINUTE, reason)
    assert snooze_rows.standing([alert.id]) == {}


def test_the_auditor_finds_a_sleeper_without_a_timer_and_wakes_it(world: World) -> None:
    alert = send(world)
    row = snoozes.snooze(world.act("ana"), alert.id, world.now + HOUR, "Later")
    models.Due.objects.filter(kind=snooze_rows.KIND).delete()
    world.pass_time(minutes=5)
    assert [(f.invariant, f.subject) for f in audit.look(world.now)] == [("I9", row.id)]
    assert audit.look(world.now) == []
    world.pass_time(minutes=55)
    assert called(world, 30) == [(60, "ana")]


def test_an_acknowledgement_that_the_policy_limits_runs_out(world: World) -> None:
    lasting(world, 30)
    alert = send(world)
    alerts.acknowledge(world.act("ana"), alert.id)
    world.pass_time(minutes=20)
    alerts.acknowledge(world.act("ana"), alert.id)  # still at it
    world.pass_time(minutes=29)
    assert called(world) == [(0, "ana")]
    world.pass_time(minutes=1)
    assert called(world, 5) == [(50, "ana")]
    assert any("Ana acknowledged it 30 min ago and it still fires" in text for text in said("paging"))


def test_an_answer_to_a_page_runs_out_too_and_one_without_a_limit_never(world: World) -> None:
    lasting(world, 30)
    send(world)
    callout = models.Callout.objects.get(person__handle="ana")
    paging.acknowledge_by_link(callout.id, world.now)
    world.pass_time(minutes=30)
    assert called(world, 5) == [(30, "ana")]
    lasting(world, 0)
    models.Run.objects.update(
        policy=policy_data(policy_from(models.EscalationPolicy.objects.get(key="db").definition))
    )
    alerts.acknowledge(world.act("ana"), models.Alert.objects.get().id)
    world.pass_time(hours=30)
    assert called(world, 31) == []


def test_an_acknowledgement_at_the_source_runs_out_as_any_other(world: World) -> None:
    lasting(world, 30)
    alert = send(world)
    send(world, "acknowledge")
    world.pass_time(minutes=29)
    assert called(world) == [(0, "ana")]
    world.pass_time(minutes=1)
    assert called(world, 5) == [(30, "ana")]
    assert "It was acknowledged at its source 30 min ago and it still fires: paging starts again." in said(
        "paging"
    )
    assert audit.look(world.now) == []
    alert.refresh_from_db()
    assert alert.status == "open"


def both_at_once(world: World, service: bool) -> None:
    """The source reports an alert and acknowledges it before the engine has looked."""
    integration = world.integration()
    payload = {"summary": "disk is full", "source": "db-1", "severity": "critical"}
    payload |= {"component": "db"} if service else {}
    for action in ("trigger", "acknowledge"):
        event = {"routing_key": "k", "event_action": action, "dedup_key": "disk", "payload": payload}
        world.journal("pagerduty", json.dumps(event).encode(), integration)
    assert world.expand() == 2
    world.settle()


@pytest.mark.parametrize("service", [True, False], ids=["its service's policy", "the default policy"])
def test_an_alert_that_was_acknowledged_before_anybody_was_called_pages_when_that_runs_out(
    world: World, service: bool
) -> None:
    lasting(world, 30)
    models.EscalationPolicy.objects.filter(key="db").update(key="db" if service else "default")
    both_at_once(world, service)
    world.pass_time(minutes=29)
    assert called(world) == []
    world.pass_time(minutes=1)
    assert called(world) == [(30, "ana")]
    assert audit.look(world.now) == []


def test_an_alert_that_was_acknowledged_while_it_was_silenced_pages_when_that_runs_out(world: World) -> None:
    lasting(world, 30)
    until = world.now + timedelta(minutes=10)
    silences.add_silence(world.act("ana"), [Matcher("service", "=", "db")], until, "Maintenance")
    alert = send(world)
    assert alert.status == "silenced"
    alerts.acknowledge(world.act("ana"), alert.id)
    world.pass_time(minutes=31)
    assert called(world) == [(30, "ana")]


def test_how_long_an_answer_lasts_is_for_the_policy_it_was_passed_to_to_say(world: World) -> None:
    lasting(world, 30)
    alert = send(world)
    reassigning.reassign(world.act("ana"), alert.id, policy="network", reason="Not the database")
    alerts.acknowledge(world.act("dora"), alert.id)
    world.pass_time(hours=5)
    assert called(world, 1) == []
    reassigning.reassign(world.act("dora"), alert.id, policy="db", reason="It is the database")
    alerts.acknowledge_many(world.act("ana"), [alert.id])
    world.pass_time(minutes=31)
    assert called(world, 301) == [(330, "ana")]


def test_while_somebody_commands_it_an_acknowledgement_does_not_run_out(world: World) -> None:
    lasting(world, 30)
    alert = send(world)
    alerts.acknowledge(world.act("ana"), alert.id)
    incidents.declare(world.act("dora"), Declaration(title="The disk is full"), alert_ids=[alert.id])
    world.pass_time(hours=2)
    alert.refresh_from_db()
    assert alert.status == "acknowledged"
    assert len(snooze_rows.standing([alert.id])) == 1


def test_an_alert_is_passed_to_a_person_and_behind_them_stands_its_policy(world: World) -> None:
    alert = send(world)
    alerts.acknowledge(world.act("ana"), alert.id)
    reassigning.reassign(world.act("ana"), alert.id, person=world.find("dora").id, reason="It is her switch")
    world.pass_time(minutes=30)
    assert called(world) == [(0, "ana"), (0, "dora"), (5, "ana"), (10, "ben"), (20, "cleo")]
    assert said("reassigned") == ["Ana passed it to Dora: It is her switch"]
    assert models.Run.objects.exclude(state="exhausted").get().state == "answered"
    assert audit.look(world.now) == []


def test_an_alert_is_passed_to_a_policy_and_the_run_before_it_ends(world: World) -> None:
    alert = send(world)
    reassigning.reassign(world.act("ben"), alert.id, policy="network", reason="Not the database")
    world.pass_time(minutes=30)
    assert called(world) == [(0, "ana"), (0, "dora")]
    first = models.Callout.objects.get(person__handle="ana")
    assert first.state == "cancelled"
    assert first.note == "Ben passed it to the policy Network: Not the database"
    assert models.Due.objects.filter(state="waiting").count() == 0


def test_passing_on_needs_a_reason_and_somebody_who_is_there(world: World) -> None:
    alert = send(world)
    models.Person.objects.filter(handle="dora").update(is_active=False)
    act, dora = world.act("ana"), world.find("dora").id
    for how in ({"person": dora, "reason": "x"}, {"reason": "x"}, {"policy": "network", "reason": " "},
                {"policy": "none", "reason": "x"}, {"policy": "network", "person": dora, "reason": "x"}):  # fmt: skip
        with pytest.raises(Refused):
            reassigning.reassign(act, alert.id, **how)
    assert models.Run.objects.get().state == "running"


@pytest.mark.requirement("R-229")
@pytest.mark.parametrize("first", ["open", "acknowledged"])
def test_escalating_takes_one_press_no_reason_and_calls_the_next_now(world: World, first: str) -> None:
    """Against hesitating to escalate: whoever has the alert presses once, and whoever comes next is called at once."""
    alert = send(world)
    if first == "acknowledged":
        alerts.acknowledge(world.act("ana"), alert.id)
    world.pass_time(minutes=1)
    reassigning.escalate(world.act("ana"), alert.id)
    world.settle()
    assert called(world) == [(0, "ana"), (1, "ben")]
    assert said("reassigned") == ["Ana calls the next step now."]
    world.pass_time(minutes=10)
    assert called(world, 2) == [(11, "cleo")]
    with pytest.raises(Refused, match="Nobody further is named"):
        reassigning.escalate(world.act("ana"), alert.id)


@pytest.mark.requirement("R-229")
def test_only_who_is_on_call_for_the_service_is_called_and_not_everyone(world: World) -> None:
    """Against calling everyone: neither other services, nor team mates who are off duty, nor whoever else is known."""
    team = models.Team.objects.create(key="db", name="Databases")
    for handle in ("ana", "ben", "cleo", "dora"):
        models.Membership.objects.create(team=team, person=world.find(handle))
    models.Service.objects.filter(key="db").update(team=team)
    world.service("switches", models.EscalationPolicy.objects.get(key="network"))
    send(world)
    world.pass_time(minutes=4)
    assert called(world) == [(0, "ana")]
    assert set(models.Delivery.objects.values_list("person_id", flat=True)) == {world.find("ana").id}
    alerts.acknowledge(world.act("ana"), models.Alert.objects.get().id)
    world.pass_time(hours=5)
    assert called(world) == [(0, "ana")]


def test_over_rest_an_alert_sleeps_is_woken_passed_on_and_escalated(db: None) -> None:
    org = Organisation()
    ana, ben = org.call("ana"), org.call("ben")
    service = org.service("db", org.policy("db", ("ana", 5), ("ben", 10)))
    alert = org.alert("disk", service=service, paged=True)
    path = f"/alerts/{alert.id}"
    assert ana.get(f"{path}/snooze").code == "snooze.none"
    made = ana.put(f"{path}/snooze", {"minutes": 60, "reason": "Rolling out"})
    assert (made.status, made.json["kind"], made.json["by"]["name"]) == (200, "snooze", "Ana")
    assert ben.get(f"{path}/snooze").json["until"] == made.json["until"]
    assert ana.put(f"{path}/snooze", {"reason": "x"}).code == "snooze.until"
    assert ana.put(f"{path}/snooze", {"reason": "x", "minutes": 9_000}).status == 422
    assert ana.put(f"{path}/snooze", {"reason": "", "minutes": 5}).code == "snooze.reason"
    assert ben.delete(f"{path}/snooze").status == 204
    assert ben.get(path).json["status"] == "open"
    passed = ana.put(f"{path}/assignment", {"person": org.id("ben"), "reason": "His disk"})
    assert passed.json["reason"] == "Ana passed it to Ben: His disk"
    assert ana.put(f"{path}/assignment", {"reason": "x"}).code == "reassign.target"
    assert ana.post(f"{path}/escalation", {}).status == 201
    assert ana.put("/alerts/none/snooze", {"minutes": 5, "reason": "x"}).status == 404
    assert org.call("eve", "observer").put(f"{path}/snooze", {"minutes": 5, "reason": "x"}).status == 403


def test_the_link_of_a_page_answered_long_ago_answers_its_alert_when_that_is_back(world: World) -> None:
    alert = send(world)
    callout = models.Callout.objects.get(alert_id=alert.id)
    paging.acknowledge_by_link(callout.id, world.now)
    snoozes.snooze(world.act("ana"), alert.id, world.now + HOUR, "Later")
    world.pass_time(minutes=61)
    assert models.Alert.objects.get().status == "open"
    paging.acknowledge_by_link(callout.id, world.now)
    assert models.Alert.objects.get().status == "acknowledged"
    assert not models.Due.objects.filter(kind="escalate", state="waiting").exists()


def test_a_snooze_for_a_while_is_dated_by_the_clock_that_all_nodes_share(world, monkeypatch):
    alert = send(world)
    monkeypatch.setattr(snoozes, "database_now", lambda now: now + 7 * MINUTE)
    row = snoozes.snooze(world.act("ana"), alert.id, HOUR, "The fix is rolling out")
    assert row.until == (world.now + 7 * MINUTE + HOUR).replace(microsecond=0)
    assert models.Due.objects.get(kind=snooze_rows.KIND, ref=row.id).due_at == row.until
