"""A callout never ends in silence: every step at its time, then the catch-all, then whoever commands and administrates."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.alerts import alerts
from quarterdeck.app.health import alarm_calls
from quarterdeck.app.incidents import incidents
from quarterdeck.app.paging import escalation_preview, paging
from quarterdeck.app.paging.directory import layer_data
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.oncall import Layer, Turn
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.world import START, World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("ana", "ben", "cleo", "dora"):
        w.person(handle)
    w.schedule("db-primary", "ana")
    w.service("db", w.policy("db", ("db-primary", 5), ("ben", 10), repeats=1, catch_all=("cleo",)))
    return w


def send(world: World, key: str = "disk") -> models.Alert:
    integration = models.Integration.objects.first() or world.integration()
    payload = {"summary": f"{key} is full", "source": "db-1", "severity": "critical", "component": "db"}
    event = {"routing_key": "k", "event_action": "trigger", "dedup_key": key, "payload": payload}
    world.journal("pagerduty", json.dumps(event).encode(), integration)
    world.expand()
    world.settle()
    return models.Alert.objects.get(dedup_key=key)


def called() -> list[tuple[int, str]]:
    """Who was called, and how many minutes after the alert, in order."""
    rows = models.Callout.objects.exclude(alert_id="").order_by("created_at", "id")
    names = dict(models.Person.objects.values_list("id", "handle"))
    return [(round((c.created_at - START) / MINUTE), names[c.person_id]) for c in rows]


@pytest.mark.requirement("R-278")
def test_every_step_fires_at_its_time_and_in_the_end_commander_and_administrator_are_called(
    world: World,
) -> None:
    alert = send(world)
    incidents.declare(world.act("dora"), Declaration(title="The disk is full"), alert_ids=[alert.id])
    world.pass_time(hours=3)
    assert called() == [
        (0, "ana"),
        (5, "ben"),
        (15, "ana"),
        (20, "ben"),
        (30, "cleo"),
        (30, "dora"),
        (30, "root"),
    ]
    reasons = {c.person_id: c.reason for c in models.Callout.objects.filter(created_at=START + 30 * MINUTE)}
    assert "Dora commands INC-1, and nobody has answered" in reasons.values()
    assert "Root is an administrator, and nobody has answered" in reasons.values()
    assert world.pages("root") == ["disk is full"]
    assert world.pages("dora").count("disk is full") == 1
    assert models.Alarm.objects.filter(kind="exhausted", cleared_at=None).exists()


@pytest.mark.requirement("R-278")
def test_the_answer_of_the_last_one_called_ends_it(world: World) -> None:
    alert = send(world)
    world.pass_time(minutes=31)
    callout = models.Callout.objects.get(person_id=world.find("root").id)
    paging.acknowledge_callout(world.act("root"), callout.id)
    assert models.Alert.objects.get(id=alert.id).status == "acknowledged"
    assert not models.Alarm.objects.filter(kind="exhausted", cleared_at=None).exists()
    assert not models.Callout.objects.filter(state="waiting").exists()


def test_what_belongs_to_a_restricted_incident_is_called_last_for_without_a_word_of_it(world: World) -> None:
    alert = send(world)
    said = Declaration(title="A thief among us", restricted=True)
    incidents.declare(world.act("dora"), said, alert_ids=[alert.id])
    world.pass_time(hours=3)
    assert called()[-2:] == [(30, "dora"), (30, "root")]
    told = [*models.AlertEntry.objects.values_list("text", flat=True)]
    told += models.Callout.objects.exclude(alert_id="").values_list("reason", flat=True)
    assert "Dora is called last, and nobody has answered" in told
    assert not [text for text in told if "INC-" in text or "commands" in text or "thief" in text]


def test_a_role_that_stays_empty_is_told_to_the_commander_who_is_not_called_for_it(world: World) -> None:
    world.policy("role-scribe", ("ben", 5))
    key = incidents.declare(world.act("dora"), Declaration(title="No payments", severity=1)).incident.key
    world.pass_time(hours=3)
    heard = models.Callout.objects.filter(
        incident_id=key, person=world.find("dora"), kind="heads_up", role=""
    )
    told = heard.exclude(subject__startswith="Still vacant").filter(reason__contains="nobody has answered")
    assert told.get().reason == f"Dora commands {key}, and nobody has answered"
    asked = casebook.load(key).incident.callouts.values()
    assert {c.person for c in asked if c.role == "scribe"} == {world.find("ben").id}


def test_an_answer_before_the_end_spares_the_administrator(world: World) -> None:
    alert = send(world)
    world.pass_time(minutes=16)
    alerts.acknowledge(world.act("ben"), alert.id)
    world.pass_time(hours=2)
    assert world.pages("root") == []


def test_the_ladder_shows_whom_the_engine_would_call_last(world: World) -> None:
    world.integration()
    ladder = escalation_preview.ladder(models.Service.objects.get(), world.now)
    assert [[c.person.name for c in f.calls] for f in ladder.firings][-1] == ["Cleo", "Root"]


def test_an_alert_without_any_policy_is_told_to_an_administrator(world: World) -> None:
    models.Service.objects.update(policy=None)
    send(world)
    assert world.pages("root") == []
    alarm_calls.tell(world.now)
    world.settle()
    (page,) = (o for _, o in world.outbox.sent if o.to == "root@example.com")
    assert (page.text, page.link_label) == ("Quarterdeck: An alert pages nobody", "Open Health")
    facts = dict(page.facts)
    assert facts["Symptom"].startswith("Nobody was paged: no escalation policy covers this alert")
    assert "unknown" not in {facts[name] for name in ("Service", "Severity", "Symptom", "Impact")}


@pytest.mark.requirement("R-278")
@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (-1, "ana"),
        (0, "ben"),
        (9, "ben"),
        (10, "cleo"),
        (19, "cleo"),
        (20, "ben"),
        (24 * 60 - 31, "ben"),
        (24 * 60 - 29, "ana"),
    ],
)
def test_a_page_goes_to_whoever_is_on_call_when_clocks_change_and_under_an_override(
    world: World, minutes: int, expected: str
) -> None:
    """Handover at 02:30 in Berlin; on 29 March 2026 the clock goes from 02:00 to 03:00, so it is at 03:00 (01:00 UTC)."""
    change = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    schedule = models.Schedule.objects.create(
        id=new_id(), key="night", name="Night", timezone="Europe/Berlin"
    )
    layer = Layer(
        id="", name="Night", people=tuple(world.find(h).id for h in ("ana", "ben")), turn=Turn("days", 1),
        handover_time=time(2, 30), handover_weekday=None, starts_at=datetime(2026, 3, 28, 1, 30, tzinfo=UTC),
        ends_at=None, zone="Europe/Berlin",
    )  # fmt: skip
    models.Layer.objects.create(id=new_id(), schedule=schedule, name="Night", definition=layer_data(layer))
    models.Override.objects.create(
        id=new_id(), schedule=schedule, person=world.find("cleo"), starts_at=change + 10 * MINUTE,
        ends_at=change + 20 * MINUTE, reason="a walk", created_at=START,
    )  # fmt: skip
    models.Service.objects.update(policy=world.policy("night", ("night", 5)))
    world.now = change + minutes * MINUTE
    send(world)
    names = dict(models.Person.objects.values_list("id", "handle"))
    assert [names[c.person_id] for c in models.Callout.objects.all()] == [expected]
