"""What a real page says, from the body of an alert to the text on each channel."""

from __future__ import annotations

import json

import pytest
from tests.shell.test_channels import SHOWN, rendered
from tests.shell.test_receive import event, send

from quarterdeck.app.incidents import incidents
from quarterdeck.channels.outcome import Outgoing
from quarterdeck.channels.rendering import CALLOUT_FACTS, facts
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.store import models
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("ana", "ben", "dev"):
        w.person(handle)
    w.service("db", w.policy("db", ("ana", 5)))
    models.Service.objects.update(
        runbook_url="https://wiki.example/db", dashboard_url="https://graphs.example/db"
    )
    w.policy("role-communications_lead", ("ben", 5))
    return w


def page_to(world: World, handle: str) -> Outgoing:
    return next(o for _, o in world.outbox.sent if o.to == f"{handle}@example.com" and o.kind == "page")


@pytest.mark.requirement("R-012")
def test_a_page_about_an_alert_says_all_that_is_known_and_names_what_is_not(world: World) -> None:
    body = json.loads(event("disk"))
    body["links"] = [{"href": "https://wiki.example/disk", "text": "Runbook"}]
    send(world, json.dumps(body).encode())
    page = page_to(world, "ana")
    told = dict(facts(page))
    assert told["Runbook"] == "https://wiki.example/disk"
    assert told["Graphs"] == "https://graphs.example/db"
    assert (told["Service"], told["Severity"], told["Symptom"]) == ("Db", "critical", "disk is full")
    assert (told["Impact"], told["Also called"]) == ("unknown", "nobody else")
    assert told["Unknown"] == "Chat, Call"
    for kind in SHOWN:
        text = rendered(kind, page)
        assert [label for label in CALLOUT_FACTS if label not in text] == []
        assert "https://wiki.example/disk" in text
        assert "https://graphs.example/db" in text


@pytest.mark.requirement("R-012")
def test_a_call_for_a_role_carries_the_links_of_the_incident_and_its_service(world: World) -> None:
    said = Declaration(
        title="Down", type="availability", severity=2, services=("db",), customer_effect="Nobody can pay",
        bridge_url="https://call.example/1", chat_url="https://chat.example/1",
    )  # fmt: skip
    incidents.declare(world.act("dev"), said)
    world.settle()
    told = dict(facts(page_to(world, "ben")))
    assert "unknown" not in told.values()
    assert (told["Call"], told["Chat"]) == ("https://call.example/1", "https://chat.example/1")
    assert (told["Runbook"], told["Graphs"]) == ("https://wiki.example/db", "https://graphs.example/db")
    assert told["Impact"] == "Nobody can pay"


def test_a_body_keeps_its_time_on_every_retry(world: World) -> None:
    send(world, event("disk"))
    assert page_to(world, "ana").at == models.Delivery.objects.get(cls="page").created_at


def test_who_commands_is_not_woken_for_a_role_while_somebody_else_can_be(world: World) -> None:
    """Ana declares, and her own rotation would call her as technical lead: Ben is called instead."""
    world.policy("role-technical_lead", ("ana", 5), ("ben", 5))
    world.policy("role-scribe", ("ana", 5))
    incidents.declare(
        world.act("ana"), Declaration(title="Down", type="availability", severity=2, services=("db",))
    )
    world.settle()
    called = set(models.Callout.objects.exclude(role="").values_list("role", "person__handle"))
    assert ("technical_lead", "ben") in called
    assert ("technical_lead", "ana") not in called
    subject = next(o.subject for _, o in world.outbox.sent if o.to == "ben@example.com")
    assert subject.count("INC-1") == 1
