"""An address counts as somebody's only once they entered the code that was sent there; nobody answers as another."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from quarterdeck.app.oncall import coverage
from quarterdeck.app.paging import proofs, remote_answers
from quarterdeck.app.people import accounts, people
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import alert, browser, company, words
from support.rest import Organisation


@pytest.fixture
def world(db):
    return company()


def added(world, handle="ben", kind="slack", address="U0BEN0001"):
    return people.add_contact(world.act(handle), world.find(handle).id, kind, address)


def code(world, contact):
    """The code as it arrived on that channel."""
    world.settle()
    found = [o for kind, o in world.outbox.sent if o.to == contact.address and kind == contact.kind]
    return re.search(r"\b(\d{6})\b", found[-1].text)[1]


def another(code_):
    return f"{(int(code_) + 1) % 1_000_000:06d}"


def proved(world, handle, contact):
    proofs.send(world.act(handle), contact.id)
    return proofs.confirm(world.act(handle), contact.id, code(world, contact))


def test_the_code_that_came_to_an_address_confirms_it(world):
    contact = added(world)
    assert contact.verified_at is None
    proofs.send(world.act("ben"), contact.id)
    right = code(world, contact)
    assert right not in str(list(models.ContactProof.objects.values()))
    proofs.confirm(world.act("ben"), contact.id, f" {right[:3]} {right[3:]} ")
    assert models.ContactMethod.objects.get(id=contact.id).verified_at == world.now


def test_a_wrong_an_old_and_a_used_up_code_are_refused_with_the_same_words(world):
    contact, said = added(world), set()

    def refused(code_):
        with pytest.raises(Refused) as caught:
            proofs.confirm(world.act("ben"), contact.id, code_)
        said.add((caught.value.code, caught.value.message))

    refused("123456")
    proofs.send(world.act("ben"), contact.id)
    right = code(world, contact)
    for _ in range(proofs.MOST_TRIES):
        refused(another(right))
    refused(right)
    world.now += timedelta(minutes=1)
    proofs.send(world.act("ben"), contact.id)
    right = code(world, contact)
    world.now += timedelta(minutes=15)
    refused(right)
    assert len(said) == 1


def test_a_new_code_takes_the_place_of_the_one_before_and_they_are_not_sent_without_end(world):
    contact = added(world)
    proofs.send(world.act("ben"), contact.id)
    first = code(world, contact)
    with pytest.raises(Refused, match="half a minute"):
        proofs.send(world.act("ben"), contact.id)
    for _ in range(proofs.MOST_SENDS - 1):
        world.now += timedelta(minutes=1)
        proofs.send(world.act("ben"), contact.id)
    second = code(world, contact)
    world.now += timedelta(minutes=1)
    with pytest.raises(Refused, match="Too many"):
        proofs.send(world.act("ben"), contact.id)
    # Another account does not help to pester the same address.
    twin = added(world, "cleo", address=contact.address)
    with pytest.raises(Refused, match="Too many"):
        proofs.send(world.act("cleo"), twin.id)
    if first != second:
        with pytest.raises(Refused):
            proofs.confirm(world.act("ben"), contact.id, first)
    assert proofs.confirm(world.act("ben"), contact.id, second).verified_at


def test_nobody_confirms_for_somebody_else_and_an_address_belongs_to_one_person(world):
    contact = added(world)
    for acting in (proofs.send, lambda a, c: proofs.confirm(a, c, "123456")):
        with pytest.raises(Refused, match="Only whoever receives"):
            acting(world.act("ana"), contact.id)
    proved(world, "ben", contact)
    world.now += timedelta(minutes=1)
    twin = added(world, "cleo", address=contact.address)
    proofs.send(world.act("cleo"), twin.id)
    with pytest.raises(Refused) as caught:
        proofs.confirm(world.act("cleo"), twin.id, code(world, twin))
    assert caught.value.code == "contact.taken"
    assert "Ben" not in caught.value.message
    sms = added(world, "ben", "sms_twilio", "+34600111222")
    proved(world, "ben", sms)
    world.now += timedelta(minutes=1)
    voice = added(world, "cleo", "voice_twilio", "+34600111222")
    with pytest.raises(Refused, match="another account"):
        proved(world, "cleo", voice)


def test_who_claims_a_colleagues_address_cannot_have_it_answer_and_is_still_paged_there_last(world):
    world.person("eve", contacts=("email",))
    contact = added(world, "eve", address="U0BEN0001")
    world.policy("eve", ("eve", 5))
    models.Service.objects.filter(key="checkout").update(
        policy=models.EscalationPolicy.objects.get(key="eve")
    )
    alert(world)
    world.pass_time(minutes=1)
    callout = models.Callout.objects.get(person__handle="eve")
    assert remote_answers.person_of("slack", contact.address, callout.id) is None
    models.NotificationRule.objects.filter(person__handle="eve").delete()
    alert(world, key="second")
    world.pass_time(minutes=2)
    there = models.Delivery.objects.filter(contact_id=contact.id, cls="page")
    assert there.exists()
    with pytest.raises(Refused, match="not confirmed"):
        remote_answers.must_be_proved(there[0])
    proved(world, "eve", contact)
    assert remote_answers.person_of("slack", contact.address, callout.id).handle == "eve"
    remote_answers.must_be_proved(there[0])


def test_a_reply_by_mail_from_an_address_that_nobody_confirmed_does_not_count(world):
    models.ContactMethod.objects.filter(person__handle="ben", kind="email").update(verified_at=None)
    alert(world)
    world.pass_time(minutes=2)
    callout = models.Callout.objects.get(person__handle="ben")
    with pytest.raises(Refused, match="not confirmed"):
        remote_answers.all_must_be_proved(callout.id, "email")
    models.ContactMethod.objects.filter(person__handle="ben", kind="email").update(verified_at=world.now)
    remote_answers.all_must_be_proved(callout.id, "email")


def test_another_address_has_to_be_confirmed_anew(world):
    contact = added(world)
    proved(world, "ben", contact)
    kept = people.change_contact(world.act("ben"), contact.person_id, contact.id, label="Desk")
    assert kept.verified_at is not None
    world.now += timedelta(minutes=1)
    changed = people.change_contact(world.act("ana"), contact.person_id, contact.id, address="U0BEN0002")
    assert changed.verified_at is None
    proofs.send(world.act("ben"), contact.id)
    first = code(world, changed)
    people.change_contact(world.act("ben"), contact.person_id, contact.id, address="U0BEN0003")
    with pytest.raises(Refused):
        proofs.confirm(world.act("ben"), contact.id, first)


def test_the_address_of_a_login_is_confirmed_by_choosing_a_password_from_its_mail(world):
    made = accounts.create(world.act("ana"), "new@example.com", "New Person")
    assert made.contacts.get().verified_at is None
    proofs.came_by_mail(made.id, world.now)
    assert made.contacts.get().verified_at == world.now


def test_coverage_lists_who_has_addresses_that_nobody_confirmed(world):
    assert coverage.report(world.now).unproved == ()
    added(world)
    found = coverage.report(world.now).unproved
    assert [(u.person.handle, u.kinds) for u in found] == [("ben", ("slack",))]
    said = words(browser(world, "ana").get("/on-call/coverage"))
    assert "Addresses nobody has confirmed 1" in said
    assert "U0BEN0001" not in said


def test_an_address_is_added_confirmed_and_changed_on_ones_own_page(world):
    ben = browser(world, "ben")
    person = world.find("ben").id
    answer = ben.post(
        f"/people/{person}/contacts",
        {"kind": "webhook", "address": "https://hooks.example.com/x"},
        follow=True,
    )
    assert "A code goes to https://hooks.example.com/x now" in words(answer)
    contact = models.ContactMethod.objects.get(address="https://hooks.example.com/x")
    answer = ben.post(f"/settings/me/contacts/{contact.id}/confirmation", {"code": "nonsense"}, follow=True)
    assert models.ContactMethod.objects.get(id=contact.id).verified_at is None
    world.now = models.ContactProof.objects.get().sent_at + timedelta(seconds=1)
    ben.post(f"/settings/me/contacts/{contact.id}/confirmation", {"code": code(world, contact)})
    assert models.ContactMethod.objects.get(id=contact.id).verified_at
    page = ben.get("/settings/me")
    assert "not confirmed" not in words(page)
    ben.post(
        f"/people/{person}/contacts/{contact.id}", {"address": "https://hooks.example.com/y", "label": "New"}
    )
    assert "not confirmed" in words(ben.get("/settings/me"))
    assert browser(world, "cleo").post(f"/settings/me/contacts/{contact.id}/code").status_code == 302
    assert models.ContactProof.objects.filter(contact=contact, ended_at=None).count() == 1


def test_a_test_page_goes_to_one_contact_alone(world):
    ben = browser(world, "ben")
    contact = models.ContactMethod.objects.get(person__handle="ben", kind="webhook")
    answer = ben.post(f"/settings/me/contacts/{contact.id}/test")
    callout = models.Callout.objects.get(person__handle="ben")
    assert answer["Location"] == f"/callouts/{callout.id}"
    assert [d.contact_id for d in models.Delivery.objects.filter(callout_id=callout.id)] == [contact.id]
    assert browser(world, "cleo").post(f"/settings/me/contacts/{contact.id}/test").status_code == 404


def test_programs_confirm_addresses_over_rest(db):
    org = Organisation()
    ben, cleo = org.call("ben"), org.call("cleo")
    made = ben.post(f"/people/{org.id('ben')}/contacts", {"kind": "slack", "address": "U0BEN0001"}).json
    assert (made["verified_at"], cleo.post(f"/me/contacts/{made['id']}/code").code) == (
        None,
        "contact.not_yours",
    )
    assert "expires_at" in ben.post(f"/me/contacts/{made['id']}/code").json
    assert ben.put(f"/me/contacts/{made['id']}/confirmation", {"code": "12345x"}).code == "contact.code"
    body = models.Delivery.objects.get(key__startswith="proof/").body["text"]
    right = {"code": re.search(r"\d{6}", body)[0]}
    assert ben.put(f"/me/contacts/{made['id']}/confirmation", right).json["verified_at"]
    changed = ben.patch(f"/people/{org.id('ben')}/contacts/{made['id']}", {"address": "U0BEN0002"})
    assert changed.json["verified_at"] is None
