"""A drill uses the real engine and wakes nobody: what it would have sent is shown, and no real alarm is raised by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings

from quarterdeck.app.comms import messages
from quarterdeck.app.incidents import incidents
from quarterdeck.app.paging import paging
from quarterdeck.channels import channel
from quarterdeck.channels.outcome import Outcome, Outgoing, Sent
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.engine.outlets import Outlets
from quarterdeck.store import models
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("ana", "ben", "cleo", "dev"):
        w.person(handle)
    w.schedule("db-primary", "ana")
    w.service("db", w.policy("db", ("db-primary", 5), ("ben", 5), repeats=1, catch_all=("ana",)))
    w.policy("role-communications_lead", ("cleo", 5), ("ben", 5))
    return w


@pytest.fixture
def outside(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Outgoing]:
    """The product's own way out; what passes it for real is listed."""
    passed: list[Outgoing] = []

    def noted(kind: str, outgoing: Outgoing) -> Outcome:
        return outlets.send(kind, outgoing) if outgoing.drill else (passed.append(outgoing) or Sent("x"))  # type: ignore[func-returns-value]

    settings.QUARTERDECK_CHANNELS["console"]["path"] = str(tmp_path / "console.json")
    outlets = Outlets()
    world.outbox.answer = noted
    return passed


def shown(tmp_path: Path) -> list[dict[str, object]]:
    path = tmp_path / "console.json"
    return [json.loads(x) for x in path.read_text().splitlines()] if path.exists() else []


def drill(world: World) -> str:
    said = Declaration(title="Trial", type="availability", severity=2, services=("db",), drill=True)
    return incidents.declare(world.act("dev"), said).incident.key


def test_a_page_by_hand_about_a_drill_stays_inside_and_is_shown(
    world: World, outside: list[Outgoing], tmp_path: Path
) -> None:
    key = drill(world)
    ben = Target("person", world.find("ben").id)
    made = paging.page(world.act("dev"), [ben], "", "Come to the drill", incident_id=key)
    world.settle()
    assert made[0].drill
    assert outside == []
    entry = next(e for e in shown(tmp_path) if e["recipient_name"] == "Ben")
    assert entry["subject"].startswith("DRILL: ")  # type: ignore[attr-defined]
    assert ["Would have gone by", f"{channel('email').NAME} to ben@example.com"] in entry["facts"]  # type: ignore[operator]
    delivery = models.Delivery.objects.get(callout_id=made[0].id)
    assert delivery.state == "sent"
    ended = models.Attempt.objects.get(delivery_id=delivery.id, phase="ended")
    assert "shown on the console" in ended.detail


def test_a_drill_in_which_nobody_answers_raises_no_alarm_and_its_record_says_so(
    world: World, outside: list[Outgoing]
) -> None:
    key = drill(world)
    world.pass_time(minutes=30)
    assert models.Run.objects.filter(incident_id=key, state="exhausted").exists()
    assert not models.Alarm.objects.exists()
    told = models.TimelineRow.objects.filter(incident_id=key, text__contains="nobody answered") | (
        models.TimelineRow.objects.filter(incident_id=key, title__contains="nobody answered")
    )
    assert told.exists()
    assert outside == []


def test_people_of_a_drill_can_answer_as_in_earnest(world: World, outside: list[Outgoing]) -> None:
    key = drill(world)
    world.settle()
    callout = models.Callout.objects.get(incident_id=key, role="communications_lead", state="waiting")
    paging.acknowledge_callout(world.act("cleo"), callout.id)
    world.pass_time(minutes=30)
    asked = models.Callout.objects.filter(incident_id=key, role="communications_lead")
    assert not asked.filter(person=world.find("ben")).exists()


def test_a_message_of_a_drill_is_shown_and_reaches_nobody(
    world: World, outside: list[Outgoing], tmp_path: Path
) -> None:
    models.AudienceContact.objects.create(audience="staff", email="all@example.com", created_at=world.now)
    key = drill(world)
    content = Content(audience="staff", headline="Trial", customer_effect="None", action="a", final=True)
    case, message = messages.draft(world.act("dev"), key, content)
    messages.release(world.act("dev"), key, message, content_hash(case.incident.messages[message]))
    world.settle()
    assert outside == []
    assert any(e["to"] == "all@example.com" and e["drill"] for e in shown(tmp_path))


def test_somebody_without_contacts_is_no_alarm_in_a_drill(world: World, outside: list[Outgoing]) -> None:
    models.ContactMethod.objects.filter(person__handle="ben").delete()
    ben = Target("person", world.find("ben").id)
    made = paging.page(world.act("dev"), [ben], "", "Come", incident_id=drill(world))
    assert made[0].state == "unreachable"
    assert not models.Alarm.objects.exists()
