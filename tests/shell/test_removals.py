"""What is taken away can be put back, and nobody takes much away alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from quarterdeck.app.incidents import services
from quarterdeck.app.paging import policies
from quarterdeck.app.people import accounts, keys, people, teams
from quarterdeck.app.upkeep import putting_back, removals
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser, company, words
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = company()
    w.person("zoe", "administrator")
    return w


def kept(kind: str) -> models.Removal:
    return models.Removal.objects.filter(kind=kind).latest("at")


def make_services(world: World, number: int) -> list[str]:
    return [services.create(world.act("ana"), f"extra-{n}", f"Extra {n}").key for n in range(number)]


def test_each_kind_of_thing_comes_back_as_it_was(world: World) -> None:
    ana, ben = world.act("ana"), world.find("ben")
    (service,) = make_services(world, 1)
    models.Service.objects.filter(key=service).update(description="Sells", tier=1)
    before = models.Service.objects.filter(key=service).values().get()
    services.delete(ana, service)
    world.policy("spare", ("ben", 5))
    policy = models.EscalationPolicy.objects.filter(key="spare").values().get()
    policies.delete(ana, "spare")
    integration, key = keys.create_integration(ana, "Grafana", "any")
    keys.revoke_integration(ana, integration.id)
    contact = people.add_contact(ana, ben.id, "email", "ben.two@example.com")
    people.remove_contact(ana, ben.id, contact.id)
    team = models.Team.objects.create(key="crew", name="Crew")
    teams.put_member(ana, "crew", ben.id, lead=True)
    teams.remove_member(ana, "crew", ben.id)
    accounts.set_active(ana, ben.id, False)
    putting_back.put_back(ana, [r.id for r in models.Removal.objects.all()])
    assert models.Service.objects.filter(key=service).values().get() == before
    assert models.EscalationPolicy.objects.filter(key="spare").values().get() == policy
    assert not keys.integrations_by_digest(keys.digest(key))[keys.digest(key)].revoked
    assert models.ContactMethod.objects.get(id=contact.id).verified_at is None
    assert models.Membership.objects.get(team=team, person=ben).lead
    assert models.Person.objects.get(id=ben.id).is_active
    assert models.Event.objects.filter(kind="RemovalUndone").count() == 6
    assert putting_back.put_back(ana, [kept("service").id]) == []


def test_after_twenty_five_removals_a_second_person_has_to_allow_more(world: World) -> None:
    ana, zoe = world.act("ana"), world.act("zoe")
    keys_ = make_services(world, removals.MOST + 2)
    for key in keys_[: removals.MOST]:
        services.delete(ana, key)
    with pytest.raises(Refused) as refused:
        services.delete(ana, keys_[-1])
    assert refused.value.code == "removal.many"
    assert models.Service.objects.filter(key=keys_[-1]).exists()
    with pytest.raises(Refused) as refused:
        accounts.set_active(ana, world.find("ben").id, False)
    assert refused.value.code == "removal.many" and world.find("ben").is_active
    services.delete(zoe, keys_[-2])
    with pytest.raises(Refused) as refused:
        removals.allow(ana, ana.person, "I am sure")
    assert refused.value.code == "removal.own"
    removals.allow(zoe, ana.person, "Clearing up the trial")
    services.delete(ana, keys_[-1])
    assert models.Event.objects.filter(kind="RemovalsAllowed").exists()


def test_an_allowance_ends_and_the_count_begins_anew(world: World) -> None:
    ana = world.act("ana")
    for key in make_services(world, removals.MOST):
        services.delete(ana, key)
    removals.allow(world.act("zoe"), ana.person, "Clearing up")
    world.now += removals.ALLOWED_FOR + timedelta(seconds=1)
    later = world.act("ana")
    for n in range(removals.MOST):
        with transaction.atomic():
            removals.note(later, "service", str(n), str(n), {})
    with pytest.raises(Refused), transaction.atomic():
        removals.note(later, "service", "x", "x", {})


def test_all_of_somebodys_removals_come_back_or_none(world: World) -> None:
    ana = world.act("ana")
    one, two = make_services(world, 2)
    services.delete(ana, one)
    services.delete(ana, two)
    services.create(ana, one, "Taken meanwhile")
    with pytest.raises(Refused):
        putting_back.put_back(ana, [r.id for r in models.Removal.objects.all()])
    assert not models.Service.objects.filter(key=two).exists()


def test_what_nobody_wants_back_is_forgotten_after_thirty_days(world: World) -> None:
    (one,) = make_services(world, 1)
    services.delete(world.act("ana"), one)
    assert removals.tidy(world.now + timedelta(days=29)) == 0
    assert removals.tidy(world.now + timedelta(days=31)) == 1


def test_an_administrator_puts_things_back_by_page_and_program(world: World) -> None:
    one, two = make_services(world, 2)
    services.delete(world.act("ana"), one)
    services.delete(world.act("ana"), two)
    page = browser(world, "zoe")
    said = words(page.get("/settings/removed", {"by": world.find("ana").id}))
    assert "Extra 0" in said and "Put all 2 back" in said and "Ana" in said
    page.post("/settings/removed/restore", {"removal": [models.Removal.objects.get(name="Extra 0").id]})
    assert models.Service.objects.filter(key=one).exists()
    answer = page.get("/api/v1/removals").json()
    row = next(r for r in answer["items"] if r["name"] == "Extra 1")
    assert page.post(f"/api/v1/removals/{row['id']}/restoration").status_code == 201
    assert models.Service.objects.filter(key=two).exists()
    assert page.post("/api/v1/removals/nothing/restoration").status_code == 404
    assert (
        page.post("/settings/removed/allow", {"person": world.find("zoe").id, "reason": "x"}).status_code
        == 302
    )
    assert not models.RemovalAllowance.objects.exists()
    assert browser(world, "ben").get("/settings/removed").status_code == 403
    assert (
        browser(world, "ben").post("/settings/removed/restore", {"removal": [row["id"]]}).status_code == 403
    )
