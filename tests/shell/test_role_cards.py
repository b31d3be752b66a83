"""Whoever answers a call for a role learns at once what the role is for, and can take it on the same screen."""

from __future__ import annotations

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.incidents import command, incidents, tasks
from quarterdeck.core.incidents import Declaration
from quarterdeck.store import models
from support.browsing import browser, callout_path, company, words
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = company()
    w.policy("role-scribe", ("cleo", 5))
    return w


@pytest.fixture
def incident(world: World) -> str:
    """Ben declared it, and Cleo is called as scribe."""
    key = incidents.declare(world.act("ben"), Declaration("Card payments fail", severity=1)).incident.key
    world.settle()
    return key


def call(world: World, incident: str) -> models.Callout:
    return models.Callout.objects.get(incident_id=incident, role="scribe", person=world.find("cleo"))


@pytest.mark.requirement("R-015")
def test_acknowledging_by_link_shows_the_role_card_and_its_checklist_is_there_once_the_role_is_taken(
    world: World, incident: str
) -> None:
    called = call(world, incident)
    tasks.give(world.act("ben"), incident, "Write down who is here", world.find("cleo").id, 10)
    link, outside = callout_path(called), browser(world, None)
    assert "First steps" not in words(outside.get(link))  # nothing is accepted yet
    card = words(outside.post(link, follow=True))
    role = casebook.load(incident).template.role("scribe")
    assert role
    purpose = role.purpose
    for text in (
        "You answered as Scribe",
        purpose,
        "You report to Ben Okonkwo",
        "Asked of you now: Write down who is here",
        "First steps",
        "Take the role Scribe",
    ):
        assert text in card, text
    first = role.checklist["triage"][0].text
    assert first in card
    taken = words(outside.post(link, {"take": "1"}, follow=True))
    assert "You are Scribe" in taken
    room = words(browser(world, "cleo").get(f"/incidents/{incident}"))
    for text in ("My role: Scribe", purpose, "You report to Ben Okonkwo", first, "Write down who is here"):
        assert text in room, text


def test_whoever_comes_too_late_for_the_role_is_told_who_has_it_and_nothing_is_lost(
    world: World, incident: str
) -> None:
    called = call(world, incident)
    link, outside = callout_path(called), browser(world, None)
    outside.post(link)
    world.person("dee", name="Dee Early")
    command.assign_role(world.act("ben"), incident, "scribe", world.find("dee").id)
    assert "Somebody else holds the role by now" in words(outside.get(link))
    late = outside.post(link, {"take": "1"})
    assert late.status_code == 409
    assert "Dee Early" in words(late)
    held = models.RoleAssignmentRow.objects.filter(incident_id=incident, role="scribe", ended_at=None)
    assert [a.person_id for a in held] == [world.find("dee").id]


def test_the_role_is_taken_signed_in_too_and_by_nobody_who_was_not_called(
    world: World, incident: str
) -> None:
    called = call(world, incident)
    browser(world, "cleo").post(f"/callouts/{called.id}/acknowledgement")
    own = browser(world, "cleo").get(f"/callouts/{called.id}")
    assert "Take the role Scribe" in words(own)
    assert browser(world, "ana").post(f"/callouts/{called.id}/role").status_code == 404
    assert browser(world, "cleo").post(f"/callouts/{called.id}/role").url == f"/incidents/{incident}"
