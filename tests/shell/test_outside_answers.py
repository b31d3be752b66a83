"""Answers from outside: of people who are gone, in storms, about what is restricted, and of providers gone mad."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.test import Client

from quarterdeck.app.act import act_of
from quarterdeck.app.comms import links
from quarterdeck.app.incidents import incidents
from quarterdeck.app.paging import paging, remote_answers
from quarterdeck.app.paging.policy_rows import policy_data
from quarterdeck.app.people import accounts
from quarterdeck.channels import answers, safe_http, webhook
from quarterdeck.channels.answering import short_code
from quarterdeck.core.escalation.policy import Policy, Step
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import alert, company
from support.world import World

from .test_bundles import storm

NUMBER = "+491701234567"


@pytest.fixture
def world(db: None) -> World:
    return company()


def nobody() -> Client:
    """A browser without a login."""
    return Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")


def waiting(world: World, handle: str = "ben") -> models.Callout:
    return models.Callout.objects.filter(person=world.find(handle), state="waiting").earliest("created_at")


@pytest.fixture
def crew(db: None) -> World:
    """Ben is reached by text alone, and is called for everything."""
    made = World()
    made.now = datetime.now(UTC)
    ben = made.person("ben", contacts=())
    models.ContactMethod.objects.create(
        id=new_id(), person=ben, kind="sms_twilio", address=NUMBER, verified_at=made.now
    )
    made.service("db", made.policy("db", ("ben", 60)))
    made.source = made.integration()  # type: ignore[attr-defined]
    return made


def bundle_of(world: World) -> models.Delivery:
    """The delivery that went out for several."""
    rows = models.Delivery.objects.filter(bundle_id=F("id"), state="sent")
    carrier = rows.order_by("-finished_at", "-id").first()
    assert carrier is not None
    return carrier


def test_the_code_of_a_text_that_stands_for_hundreds_is_understood(crew: World) -> None:
    storm(crew, 1)
    crew.settle()
    storm(crew, 260, first=1)
    crew.pass_time(seconds=40)
    carrier = bundle_of(crew)
    assert models.Delivery.objects.filter(bundle_id=carrier.id).count() == 260
    code = short_code(links.token("callout", carrier.callout_id))
    remote_answers.by_code(NUMBER, f"ACK {code}", ["sms_twilio"], crew.now)
    assert models.Callout.objects.filter(state="acknowledged").count() == 260


def test_an_account_that_is_switched_off_answers_nothing_and_who_is_next_is_called(world: World) -> None:
    alert(world, "disk")
    world.settle()
    callout = waiting(world)
    link = f"/c/{callout.id}/{links.token('callout', callout.id)}/"
    outsider = nobody()
    assert outsider.get(link).status_code == 200
    accounts.set_active(world.act("ana"), callout.person_id, False)
    assert outsider.get(link).status_code == 410
    assert outsider.post(link).status_code == 410
    for answer in (paging.acknowledge_by_link, remote_answers.pass_on):
        with pytest.raises(Refused) as refused:
            answer(callout.id, world.now, via="sms")
        assert refused.value.code == "callout.gone"
    world.settle()
    assert models.Alert.objects.get(id=callout.alert_id).status == "open"
    assert (
        models.Callout.objects.filter(alert_id=callout.alert_id, state="waiting")
        .exclude(person_id=callout.person_id)
        .exists()
    )


def test_who_was_called_together_with_somebody_who_is_switched_off_may_still_answer(db: None) -> None:
    world = World()
    root = world.person("root", "administrator")
    for handle in ("ben", "cleo", "dev"):
        world.person(handle)
    together = Step((world.target("ben"), world.target("cleo")), timedelta(minutes=30))
    policy = Policy("default", "Default", (together, Step((world.target("dev"),))))
    models.EscalationPolicy.objects.create(
        id=new_id(), key="default", name="Default", definition=policy_data(policy)
    )
    world.journal(
        "alertmanager", b'[{"labels":{"alertname":"disk","severity":"critical"}}]', world.integration()
    )
    world.expand()
    world.settle()
    administrator = act_of(root.id, "administrator", world.now)
    accounts.set_active(administrator, world.find("ben").id, False)
    world.settle()
    assert not models.Callout.objects.filter(person=world.find("dev")).exists()
    accounts.set_active(administrator, world.find("cleo").id, False)
    world.settle()
    assert models.Callout.objects.filter(person=world.find("dev"), state="waiting").exists()


def test_a_link_neither_shows_nor_answers_what_went_out_with_it_and_is_restricted(crew: World) -> None:
    storm(crew, 1)
    crew.settle()
    storm(crew, 2, first=1)
    crew.pass_time(seconds=40)
    carrier = bundle_of(crew)
    other = models.Callout.objects.get(id=carrier.callout_id)
    secret = models.Delivery.objects.filter(bundle_id=carrier.id).exclude(id=carrier.id).get()
    title = models.Callout.objects.get(id=secret.callout_id).subject
    link = f"/c/{other.id}/{links.token('callout', other.id)}/"
    assert title in nobody().get(link).content.decode()
    ana = crew.person("ana", "administrator")
    case = incidents.declare(
        act_of(ana.id, "administrator", crew.now), Declaration(title="Theft", restricted=True)
    )
    models.Alert.objects.filter(id=secret.alert_id).update(incident_id=case.incident.key)
    assert title not in nobody().get(link).content.decode()
    nobody().post(link, {"all": "1"})
    assert models.Callout.objects.get(id=other.id).state == "acknowledged"
    assert models.Alert.objects.get(id=secret.alert_id).status == "open"


@pytest.mark.parametrize("value", ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "x" * 5000, "-1", "nan"])
def test_a_retry_after_that_cannot_be_read_is_none(value: str) -> None:
    assert safe_http.retry_after(value) is None


def test_an_answer_nested_without_end_is_no_answer() -> None:
    assert answers.told(b"[" * 60_000) is None
    assert answers.told(b'{"ok": true}') == {"ok": True}


def test_each_receiver_of_webhooks_has_secrets_of_its_own() -> None:
    secret, key, _ = webhook.new_keys()
    mine, other = "https://hooks.example/mine", "https://hooks.example/other"
    assert webhook.secret_for(secret, mine) != webhook.secret_for(secret, other)
    assert webhook.public_key(webhook.key_for(key, mine)) != webhook.public_key(webhook.key_for(key, other))
    settings = webhook.Settings(secret=secret)
    (signed,) = webhook.signatures(settings, mine, "k", 1, b"{}")
    assert signed == webhook.sign(webhook.secret_for(secret, mine), "k", 1, b"{}")
    assert signed not in webhook.signatures(settings, other, "k", 1, b"{}")
