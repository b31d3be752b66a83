"""A message to many goes out a part at a time; names stand where people read them, never ids."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.shell.test_receive import event, send

from quarterdeck.app.alerts import silences
from quarterdeck.app.comms import messages, sending
from quarterdeck.app.incidents import incidents
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.people.accounts import operator
from quarterdeck.core.alerts.silence import Matcher
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("dev")
    w.person("ana")
    w.service("db", w.policy("db", ("ana", 5)))
    return w


def declared(world: World, handle: str = "dev") -> str:
    return incidents.declare(world.act(handle), Declaration(title="X", severity=3)).incident.key


CONTENT = Content(
    audience="staff", headline="Search is slow", customer_effect="Slow", action="We look", final=True
)


def released(world: World, key: str) -> str:
    case, message = messages.draft(world.act("dev"), key, CONTENT)
    messages.release(world.act("dev"), key, message, content_hash(case.incident.messages[message]))
    return message


def contacts(world: World, count: int) -> None:
    models.AudienceContact.objects.bulk_create(
        models.AudienceContact(id=new_id(), audience="staff", email=f"p{n}@example.com", created_at=world.now)
        for n in range(count)
    )


def test_a_message_to_a_few_is_frozen_with_its_release_and_reaches_each_once(world: World) -> None:
    contacts(world, 30)
    key = declared(world)
    message = released(world, key)
    contacts_later = models.AudienceContact(audience="staff", email="late@example.com", created_at=world.now)
    contacts_later.save()
    world.settle()
    rows = models.Recipient.objects.filter(message_id=message)
    assert set(rows.values_list("state", "attempts")) == {("handed", 1)}
    assert sorted(o.to for kind, o in world.outbox.sent if kind == "email") == sorted(
        rows.values_list("address", flat=True)
    )
    assert rows.count() == 30 and not rows.filter(address="late@example.com").exists()
    assert models.Mailing.objects.get(id=message).state == "done"
    sent = models.Event.objects.get(stream=key, kind="MessageSent")
    assert '"recipients":30' in sent.data


def test_a_drill_for_many_goes_into_the_outbox_in_parts(world: World) -> None:
    count = sending.AT_ONCE + 30
    contacts(world, count)
    key = incidents.declare(world.act("dev"), Declaration(title="X", severity=3, drill=True)).incident.key
    message = released(world, key)
    assert models.Delivery.objects.filter(message_id=message).count() == sending.AT_ONCE
    gone = models.AudienceContact.objects.order_by("id").last()
    models.AudienceContact.objects.filter(id=gone.id).update(removed_at=world.now)
    while world._fire():
        pass
    rows = models.Delivery.objects.filter(message_id=message)
    assert rows.count() == rows.values("address").distinct().count() == count - 1
    assert not rows.filter(drill=False).exists()
    assert models.Recipient.objects.get(message_id=message, address=gone.email).state == "suppressed"


def test_a_draft_with_the_id_of_another_incidents_message_is_refused(world: World) -> None:
    first, second = declared(world), declared(world, "ana")
    _, message = messages.draft(world.act("dev"), first, CONTENT)
    with pytest.raises(Refused) as refused:
        messages.draft(world.act("ana"), second, CONTENT, message)
    assert (refused.value.code, refused.value.kind) == ("message.id_taken", "conflict")


def test_the_reason_of_a_silenced_alert_names_the_person(world: World) -> None:
    world.integration()
    until = world.now + timedelta(hours=1)
    silences.add_silence(world.act("ana"), [Matcher("severity", "=", "critical")], until, "short")
    world.now += timedelta(seconds=1)
    send(world, event("disk"))
    alert = models.Alert.objects.get()
    assert alert.status == "silenced"
    assert "by Ana" in alert.reason
    assert world.find("ana").id not in alert.reason


def test_whoever_works_on_the_server_is_called_that(world: World) -> None:
    assert Directory(world.now).name(operator(world.now).person) == "somebody on the server"
