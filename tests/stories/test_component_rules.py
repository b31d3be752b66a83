"""Alerts propose what a status page should say; a flapping alert says it once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from quarterdeck.app.alerts import alerts, silences
from quarterdeck.app.status import component_rules, publishing
from quarterdeck.core.alerts.silence import Matcher
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("ana", "administrator")
    service = w.service("checkout", w.policy("shop", ("ana", 5)))
    page = models.StatusPage.objects.create(id=new_id(), key="shop", title="Shop", created_at=w.now)
    component = models.Component.objects.create(
        id=new_id(), page=page, name="Checkout", created_at=w.now, updated_at=w.now
    )
    component.services.add(service)
    w.integration()
    return w


def send(world: World, action: str) -> None:
    body = {
        "routing_key": "k",
        "event_action": action,
        "dedup_key": "5xx",
        "payload": {"summary": "5xx", "source": "lb", "severity": "critical", "component": "checkout"},
    }
    world.journal("pagerduty", json.dumps(body).encode(), models.Integration.objects.get())
    world.expand()
    world.settle()


def component() -> models.Component:
    return models.Component.objects.get()


@pytest.mark.requirement("R-192", "R-046")
def test_an_open_alert_proposes_degraded_and_a_person_publishes_it(world: World) -> None:
    send(world, "trigger")
    assert (component().state, component().proposed) == ("operational", "degraded_performance")
    component_rules.accept(world.act("ana"), component().id)
    assert (component().state, component().proposed) == ("degraded_performance", "")
    page = models.StatusPage.objects.get()
    assert page.published < page.revision
    with pytest.raises(Refused, match="nothing_proposed"):
        component_rules.accept(world.act("ana"), component().id)


@pytest.mark.requirement("R-192", "R-046")
def test_a_flapping_alert_publishes_once_and_recovers_after_the_quiet_time(world: World) -> None:
    models.Component.objects.update(rule="publish")
    for _ in range(4):
        send(world, "trigger")
        world.pass_time(minutes=1)
        send(world, "resolve")
        world.pass_time(minutes=1)
    states = list(models.ComponentState.objects.values_list("state", flat=True))
    assert states == ["degraded_performance"]
    world.pass_time(minutes=11)
    assert component().state == "operational"
    assert models.ComponentState.objects.count() == 2


def test_what_a_person_dismissed_is_not_proposed_again_until_the_alerts_were_quiet(world: World) -> None:
    send(world, "trigger")
    component_rules.dismiss(world.act("ana"), component().id)
    send(world, "resolve")
    send(world, "trigger")
    assert component().proposed == ""
    send(world, "resolve")
    world.pass_time(minutes=11)
    send(world, "trigger")
    assert component().proposed == "degraded_performance"


def test_a_state_that_a_person_set_is_not_taken_back_by_alerts(world: World) -> None:
    from quarterdeck.app.comms.sending import set_component_states
    from quarterdeck.store import tx

    models.Component.objects.update(rule="publish")
    with tx.write():
        set_component_states({component().id: "major_outage"}, world.find("ana").id, "", world.now)
    send(world, "trigger")
    send(world, "resolve")
    world.pass_time(minutes=20)
    assert component().state == "major_outage"


@pytest.mark.requirement("R-046", "R-192")
def test_a_heartbeat_that_stays_away_proposes_as_an_alert_does(world: World) -> None:
    models.Integration.objects.update(source_kind="heartbeat")
    send(world, "trigger")
    assert (component().state, component().proposed) == ("operational", "degraded_performance")
    send(world, "resolve")
    assert component().proposed == "degraded_performance", "it may be gone again in a minute"
    world.pass_time(minutes=11)
    assert component().proposed == "", "it came back before anybody looked"


def test_what_fires_under_a_silence_is_proposed_when_the_silence_is_over(world: World) -> None:
    until = world.now + timedelta(minutes=30)
    silences.add_silence(world.act("ana"), [Matcher("severity", "=", "critical")], until, "Known")
    send(world, "trigger")
    assert component().proposed == ""
    world.pass_time(minutes=31)
    alerts.end_silences(world.now)
    world.settle()
    assert component().proposed == "degraded_performance"


@pytest.mark.requirement("R-046")
def test_a_rule_that_publishes_shows_a_state_and_never_a_text(world: World) -> None:
    models.Component.objects.update(rule="publish")
    send(world, "trigger")
    shown = publishing.page_snapshot(models.StatusPage.objects.get(), world.now)
    assert (shown.verdict.indicator, shown.open_incidents) == ("minor", ())
    assert not models.PagePost.objects.exists(), "a text is only ever posted by a person"
