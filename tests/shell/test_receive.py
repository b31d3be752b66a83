"""From a body in the journal to an alert and a page, and back to quiet."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterdeck.app.alerts import alerts, uncovered
from quarterdeck.app.incidents import incidents
from quarterdeck.app.paging import paging
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("ana")
    w.person("ben")
    w.schedule("db-primary", "ana")
    w.service("db", w.policy("db", ("db-primary", 5), ("ben", 5), repeats=1, catch_all=("ana",)))
    return w


def event(key: str, action: str = "trigger", service: str = "db") -> bytes:
    return json.dumps(
        {
            "routing_key": "k",
            "event_action": action,
            "dedup_key": key,
            "payload": {
                "summary": f"{key} is full",
                "source": "db-1",
                "severity": "critical",
                "component": service,
            },
        }
    ).encode()


def send(world: World, *bodies: bytes) -> None:
    integration = models.Integration.objects.first() or world.integration()
    for body in bodies:
        world.journal("pagerduty", body, integration)
    while world.expand():
        pass
    world.settle()


def test_the_same_alert_twice_is_one_alert_with_count_two(world: World) -> None:
    send(world, event("disk"), event("disk"))
    alert = models.Alert.objects.get()
    assert (alert.count, alert.status) == (2, "open")
    assert world.pages("ana") == ["disk is full"]
    send(world, event("disk"))
    assert models.Alert.objects.get().count == 3
    assert world.pages("ana") == ["disk is full"]


def test_an_unanswered_page_moves_to_the_next_step_and_ends_with_the_catch_all_and_an_alarm(
    world: World,
) -> None:
    send(world, event("disk"))
    world.pass_time(minutes=5)
    assert world.pages("ben") == ["disk is full"]
    world.pass_time(minutes=30)
    assert len(world.pages("ana")) == 3
    assert models.Alarm.objects.filter(kind="exhausted", cleared_at=None).count() == 1


def test_an_acknowledgement_stops_the_paging(world: World) -> None:
    send(world, event("disk"))
    alert = models.Alert.objects.get()
    alerts.acknowledge(world.act("ben"), alert.id)
    world.pass_time(minutes=60)
    assert world.pages("ben") == []
    assert models.Alert.objects.get().acknowledged_by == world.find("ben").id


def test_answering_the_callout_takes_the_alert(world: World) -> None:
    send(world, event("disk"))
    callout = models.Callout.objects.get()
    paging.acknowledge_by_link(callout.id, world.now)
    assert models.Alert.objects.get().status == "acknowledged"
    paging.acknowledge_by_link(callout.id, world.now)
    assert models.AlertEntry.objects.filter(kind="acknowledged").count() == 1


def test_acknowledging_a_resolved_alert_is_refused_and_changes_nothing(world: World) -> None:
    send(world, event("disk"), event("disk", "resolve"))
    alert = models.Alert.objects.get()
    with pytest.raises(Refused, match="alert.resolved"):
        alerts.acknowledge(world.act("ben"), alert.id)
    assert models.Alert.objects.get().status == "resolved"


def test_a_resolve_ends_the_paging_and_a_new_trigger_opens_a_new_alert(world: World) -> None:
    send(world, event("disk"))
    send(world, event("disk", "resolve"))
    world.pass_time(minutes=30)
    assert world.pages("ben") == []
    send(world, event("disk"))
    assert sorted(models.Alert.objects.values_list("status", flat=True)) == ["open", "resolved"]
    assert len(world.pages("ana")) == 2


def test_a_body_that_cannot_be_parsed_is_kept_and_stops_nothing_behind_it(world: World) -> None:
    send(world, b'{"routing_key": 5', event("disk"))
    assert models.Unparsed.objects.count() == 1
    assert models.Alarm.objects.filter(kind="unparsed").count() == 1
    assert world.pages("ana") == ["disk is full"]


def test_an_alert_for_a_service_nobody_knows_uses_the_default_policy(world: World) -> None:
    world.policy("default", ("ben", 5))
    send(world, event("disk", service="mystery"))
    assert world.pages("ben") == ["disk is full"]


def test_an_alert_without_any_policy_raises_an_alarm_instead_of_being_silent(world: World) -> None:
    send(world, event("disk", service="mystery"))
    assert models.Alarm.objects.filter(kind="no_policy").count() == 1
    assert "no escalation policy" in models.AlertEntry.objects.get(kind="not_paged").text


def test_an_alert_that_no_policy_covered_pages_once_when_one_does(world: World) -> None:
    send(world, event("disk", service="mystery"))
    assert uncovered.cover(world.now) == 0
    world.policy("default", ("ben", 5))
    assert [uncovered.cover(world.now), uncovered.cover(world.now)] == [1, 0]
    world.settle()
    send(world, event("disk", service="mystery"))
    assert world.pages("ben") == ["disk is full"]
    assert not models.Alarm.objects.filter(kind="no_policy", cleared_at=None).exists()


def test_an_uncovered_alert_that_somebody_answered_pages_nobody_later(world: World) -> None:
    send(world, event("disk", service="mystery"))
    alerts.acknowledge(world.act("ana"), models.Alert.objects.get().id)
    world.policy("default", ("ben", 5))
    assert uncovered.cover(world.now) == 0


def in_one_body(world: World, count: int, ends: bool) -> bytes:
    ends_at = world.now if ends else world.now + timedelta(hours=4)
    labels = [{"alertname": "down", "host": str(n), "service": "db"} for n in range(count)]
    return json.dumps(
        [
            {"labels": x, "startsAt": text(world.now - timedelta(minutes=1)), "endsAt": text(ends_at)}
            for x in labels
        ]
    ).encode()


def test_the_end_of_many_alerts_of_one_incident_is_written_with_few_statements_an_alert(world: World) -> None:
    count = 60
    integration = world.integration()
    world.journal("alertmanager", in_one_body(world, count, ends=False), integration)
    world.expand()
    ids = tuple(models.Alert.objects.values_list("id", flat=True))
    said = Declaration(title="X", type="availability", severity=2, services=("db",))
    key = incidents.declare(world.act("ana"), said, alert_ids=ids).incident.key
    world.now += timedelta(minutes=1)
    world.journal("alertmanager", in_one_body(world, count, ends=True), integration)
    with CaptureQueriesContext(connection) as asked:
        world.expand()
    assert len(ids) == count
    assert not models.AlertLinkRow.objects.filter(incident_id=key, resolved_at=None).exists()
    assert models.TimelineRow.objects.filter(incident_id=key, kind="alert").count() >= count
    # Loading the incident for each of them would be thousands.
    assert len(asked) < 5 * count
