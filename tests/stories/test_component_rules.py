"""Alerts propose what a status page should say; a flapping alert says it once."""

from __future__ import annotations

import json

import pytest

from quarterdeck.app import component_rules
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
    from quarterdeck.app.sending import set_component_states
    from quarterdeck.store import tx

    models.Component.objects.update(rule="publish")
    with tx.write():
        set_component_states({component().id: "major_outage"}, world.find("ana").id, "", world.now)
    send(world, "trigger")
    send(world, "resolve")
    world.pass_time(minutes=20)
    assert component().state == "major_outage"
