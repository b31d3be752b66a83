"""A limit for texts and calls: urgent pages always leave, everything else is held back, and somebody is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app.health import alarms, health_paid
from quarterdeck.app.paging import claiming, deliveries, paid_sends
from quarterdeck.app.paging.callouts import Request, call
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.paging.paid_sends import Limit
from quarterdeck.channels.outcome import Sent
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from support.browsing import browser, words
from support.rest import Organisation


@pytest.fixture
def world(db) -> Organisation:
    made = Organisation()
    made.call("ana", "administrator")
    made.call("ben")
    ben = models.Person.objects.get(handle="ben")
    models.ContactMethod.objects.filter(person=ben).delete()
    for kind, address in (("sms_twilio", "+4915112345678"), ("email", "ben@corvane.example")):
        models.ContactMethod.objects.create(person=ben, kind=kind, address=address, verified_at=made.now)
    return made


def page(world: Organisation, urgency: str) -> models.Callout:
    """Ben is to be paged by text and by mail, both at once."""
    with tx.write("engine"):
        contacts = models.ContactMethod.objects.filter(person__handle="ben").values_list("id", flat=True)
        request = Request(
            person=world.id("ben"), subject="Disk", reason="test", expires_at=world.now + timedelta(hours=1),
            urgency=urgency, only=tuple(contacts),
        )  # fmt: skip
        return call(request, Directory(world.now))


def leave(world: Organisation) -> list[str]:
    claims = claiming.claim(world.now, "node")
    deliveries.record_all([(c, Sent("p")) for c in claims], "node", world.now)
    return sorted(c.channel for c in claims)


def test_urgent_pages_go_out_beyond_the_limit_and_others_only_another_way(world):
    paid_sends.set_limit(world.act("ana"), Limit(sends=1))
    page(world, "low")
    assert leave(world) == ["email", "sms_twilio"]
    assert not alarms.open_alarms()
    held = page(world, "low")
    assert leave(world) == ["email"]
    text = models.Delivery.objects.get(callout_id=held.id, channel="sms_twilio")
    assert (text.state, "used up" in text.error) == ("cancelled", True)
    page(world, "high")
    assert leave(world) == ["email", "sms_twilio"]
    assert [(a.kind, "1 texts and calls is used up" in a.text) for a in alarms.open_alarms()] == [
        ("paid", True)
    ]
    use = paid_sends.used(world.now)
    assert (use.texts, use.calls, use.held) == (2, 0, 1)
    (finding,) = health_paid.look(world.now, ())
    assert (finding.level, "2 texts and 0 calls today" in finding.text) == ("fault", True)


def test_a_new_day_begins_with_nothing_used_and_without_the_alarm(world):
    paid_sends.set_limit(world.act("ana"), Limit(sends=1))
    for _ in range(2):
        page(world, "high")
        leave(world)
    assert alarms.open_alarms()
    world.now += timedelta(days=1)
    paid_sends.look(world.now)
    assert not alarms.open_alarms()
    page(world, "low")
    assert leave(world) == ["email", "sms_twilio"]


def test_a_limit_in_money_counts_by_the_prices_and_raising_it_ends_the_alarm(world):
    paid_sends.set_limit(world.act("ana"), Limit(cents=15, text_cents=10))
    page(world, "low")
    leave(world)
    page(world, "low")
    assert leave(world) == ["email"]
    assert alarms.open_alarms()
    paid_sends.set_limit(world.act("ana"), Limit(cents=100, text_cents=10))
    assert not alarms.open_alarms()
    with pytest.raises(Refused, match="give its price"):
        paid_sends.set_limit(world.act("ana"), Limit(cents=100))
    with pytest.raises(Refused):
        paid_sends.set_limit(world.act("ben"), Limit())


def test_the_limit_is_set_in_the_form_and_by_the_interface(world):
    client = browser(world, "ana")
    form = {"sends": "200", "money": "12.50", "text_price": "0.08", "call_price": "", "currency": "eur"}
    client.post("/settings/paid", form)
    assert paid_sends.limit() == Limit(200, 1250, 8, 0, "EUR")
    assert "of at most 200 texts and calls or 12.50 EUR" in words(client.get("/settings/paid"))
    wrong = client.post("/settings/paid", form | {"text_price": ""})
    assert (wrong.status_code, "give its price" in words(wrong)) == (422, True)
    ana = world.call("ana", "administrator")
    told = ana.put("/paid-sends", {"sends": 3}).json
    assert (told["limit"]["sends"], told["texts"], told["used_up"]) == (3, 0, False)
    assert ana.put("/paid-sends", {"cents": 5}).code == "paid.price"
    assert world.call("eve", "observer").put("/paid-sends", {"sends": 1}).status == 403
