"""An incident with known times through the product's own functions, from its first alert to its review."""

from __future__ import annotations

import json
from datetime import timedelta

from quarterdeck.app.alerts import alerts
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.comms import messages
from quarterdeck.app.incidents import command, incidents, record, tasks
from quarterdeck.app.learning import reviews
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.store import models, project
from quarterdeck.store.ids import new_id
from support.world import World

PARTS = {
    "what_happened": "The pool of the gateway ran empty.\n\n- limit 20\n- load 60",
    "how_we_responded": "Ana led from the first minute.",
    "improvements": "The limit follows the load.",
}


def organisation(world: World) -> World:
    """Ana, Ben, Cleo and Dev with one service of one team, a status page and a subscriber."""
    for handle in ("ana", "ben", "cleo", "dev"):
        world.person(handle)
    world.person("eva", "executive")
    world.person("ole", "observer")
    world.person("root", "administrator")
    world.schedule("shop-primary", "dev")
    service = world.service("checkout", world.policy("shop", ("shop-primary", 5)))
    service.team = models.Team.objects.create(key="shop", name="Shop")
    service.save()
    models.AudienceContact.objects.create(
        id=new_id(), audience="customers_all", email="customer@example.net", created_at=world.now
    )
    page = models.StatusPage.objects.create(id=new_id(), key="shop", title="Shop", created_at=world.now)
    models.Component.objects.create(
        id=new_id(), page=page, name="Checkout", created_at=world.now, updated_at=world.now
    )
    return world


def alarm(world: World, summary: str = "5xx above 10 %", key: str = "k") -> models.Alert:
    """An alert comes in now, and the person on call is paged."""
    integration = models.Integration.objects.first() or world.integration()
    body = {
        "event_action": "trigger", "dedup_key": key, "routing_key": "r",
        "payload": {"summary": summary, "source": "gateway", "severity": "critical", "component": "checkout"},
    }  # fmt: skip
    world.journal("pagerduty", json.dumps(body).encode(), integration)
    world.expand()
    world.settle()
    return models.Alert.objects.get(dedup_key=key)


def declared(world: World, handle: str = "ana", alert_ids: tuple[str, ...] = (), **said: object) -> str:
    fields: dict[str, object] = {
        "title": "Checkout fails",
        "type": "availability",
        "severity": 2,
        "services": ("checkout",),
        "summary": "Cards are refused at checkout.",
    }
    case = incidents.declare(
        world.act(handle),
        Declaration(**(fields | said), both_reason="The same people are needed."),
        alert_ids=alert_ids,
    )  # type: ignore[arg-type]
    world.settle()
    return case.incident.key


def told(world: World, incident: str, headline: str, minutes: int = 30, **changes: object) -> None:
    """An update to all customers, drafted, released and sent now; the next one is promised in so many minutes."""
    page, component = models.StatusPage.objects.get(), models.Component.objects.get()
    fields: dict[str, object] = {
        "audience": "customers_all", "headline": headline, "customer_effect": "Some payments are refused.",
        "action": "We roll a change back.", "components": {component.id: "partial_outage"}, "pages": (page.id,),
        "next_update_at": world.now + timedelta(minutes=minutes),
    }  # fmt: skip
    _, message = messages.draft(world.act("ana"), incident, Content(**(fields | changes)))  # type: ignore[arg-type]
    digest = content_hash(project.load(incident).messages[message])
    messages.release(world.act("ana"), incident, message, digest)
    world.settle()


def reviewed(world: World) -> str:
    """Alert at 09:00, acknowledged 09:04, declared 09:06, told the public 09:16 and late at 09:56, resolved 10:06."""
    alert = alarm(world)
    world.pass_time(minutes=4)
    alerts.acknowledge(world.act("dev"), alert.id)
    world.pass_time(minutes=2)
    incident = declared(world, alert_ids=(alert.id,))
    act = world.act("ana")
    command.assign_role(act, incident, "technical_lead", world.find("dev").id)
    incidents.change_phase(act, incident, "investigating", "Somebody looks")
    world.pass_time(minutes=10)
    told(world, incident, "Payments fail")
    record.write(
        world.act("dev"),
        incident,
        "finding",
        "The pool is full",
        happened_at=world.now - timedelta(minutes=13),
    )
    finding = models.TimelineRow.objects.get(incident_id=incident, kind="finding")
    record.correct(world.act("dev"), incident, finding.entry_id, "The pool is empty", "a slip")
    record.decide(
        world.act("ana"), incident, "Roll back or scale out?", "Roll back", options=("Roll back", "Scale out"),
        reason="Faster", objections="Dev: data written since",
    )  # fmt: skip
    tasks.give(world.act("ana"), incident, "Roll back 4.2", world.find("dev").id, 20)
    task = models.TaskRow.objects.get(incident_id=incident)
    tasks.acknowledge(world.act("dev"), incident, task.id)
    world.pass_time(minutes=15)
    tasks.finish(world.act("dev"), incident, task.id, "Done on 12 of 12")
    incidents.set_facts(
        world.act("ana"), incident, cause="A limit of 20 connections", workaround="Pay by invoice"
    )
    world.pass_time(minutes=25)
    told(world, incident, "Payments work again", final=True, next_update_at=None)
    tasks.plan_check(world.act("ana"), incident, "eu-west")
    tasks.pass_check(world.act("ana"), incident, models.CheckRow.objects.get(incident_id=incident).id)
    world.pass_time(minutes=10)
    incidents.resolve(
        world.act("ana"),
        incident,
        current().resolution_codes[0].key,
        None,
        "Rolled back",
        override_reason="one phase",
    )
    return incident


def written(world: World, incident: str) -> None:
    """The three required parts and one action item."""
    for section, text in PARTS.items():
        reviews.edit(world.act("ana"), incident, section, text)
    reviews.add_action_item(
        world.act("ana"), incident, "Alarm on the pool", world.find("dev").id, "2026-03-20", "detect"
    )
