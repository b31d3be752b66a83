"""Command staff accept their role with the tick that its card is understood; who was given one sets it later."""

from __future__ import annotations

from pathlib import Path

import pytest

from quarterdeck import catalog
from quarterdeck.app.incidents import command
from quarterdeck.catalog.check import check
from quarterdeck.store import models
from support import ics_flood
from support.browsing import browser, callout_path, words
from support.ics_flood import state
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    found = Organisation()
    ics_flood.cast(found)
    found.person("pia", name="Pia Press")
    return found


@pytest.fixture
def incident(org: Organisation) -> str:
    return ics_flood.flood(org)


def held(incident: str, role: str) -> list[tuple[str, bool]]:
    return [(a.person, a.understood) for a in state(incident).holders(role)]


@pytest.mark.requirement("R-168")
def test_a_command_staff_role_is_not_accepted_without_the_tick_that_its_card_is_understood(
    org: Organisation, incident: str
) -> None:
    pia, door = org.id("pia"), f"/incidents/{incident}/roles/public_information_officer/holder"
    for said in ({}, {"understood": False}):
        refused = org.call("pia").put(door, said)
        assert (refused.status, refused.code) == (422, "role.not_understood")
    page = browser(org, "pia")
    page.post(f"/incidents/{incident}/roles/public_information_officer", {"person": "me"})
    assert held(incident, "public_information_officer") == []
    form = page.get(f"/incidents/{incident}/fill/public_information_officer")
    assert "I have read and understood the card of this role" in words(form)
    page.post(f"/incidents/{incident}/roles/public_information_officer", {"person": "me", "understood": "1"})
    assert held(incident, "public_information_officer") == [(pia, True)]
    # Other roles are taken as before.
    assert org.call("pia").put(f"/incidents/{incident}/roles/scribe/holder").code != "role.not_understood"


def test_whoever_was_given_the_role_confirms_its_card_and_until_then_the_commander_sees_that_they_have_not(
    org: Organisation, incident: str
) -> None:
    room = f"/incidents/{incident}"
    assert held(incident, "safety_officer") == [(org.id("ben"), False)]
    assert "has not confirmed the card" in words(browser(org, "ana").get(room))
    ben = browser(org, "ben")
    assert "I have understood it" in words(ben.get(room))
    for _ in range(2):  # twice changes nothing
        ben.post(f"{room}/roles/safety_officer", {"person": "me", "understood": "1"})
    assert held(incident, "safety_officer") == [(org.id("ben"), True)]
    assert "I have understood it" not in words(ben.get(room))
    assert "has not confirmed the card" not in words(browser(org, "ana").get(room))
    said = models.TimelineRow.objects.filter(incident_id=incident, title__contains="has understood the card")
    assert said.count() == 1


def test_a_handover_of_such_a_role_is_accepted_with_the_tick_and_goes_on_with_it(
    org: Organisation, incident: str
) -> None:
    mine = state(incident).holders("safety_officer")[0].id
    command.offer_handover(org.act("ben"), incident, mine, org.id("pia"))
    handover = next(iter(state(incident).handovers))
    door, pia = f"/incidents/{incident}/handovers/{handover}", org.call("pia")
    assert pia.put(f"{door}/acceptance").code == "role.not_understood"
    assert pia.put(f"{door}/acceptance", {"understood": True}).json["state"] == "accepted"
    pia.put(f"{door}/briefing", {"briefing": "Two hazards are open."})
    pia.put(f"{door}/effect")
    assert held(incident, "safety_officer") == [(org.id("pia"), True)]


def test_the_link_of_a_page_asks_for_the_tick_too(org: Organisation) -> None:
    org.policy("role-public_information_officer", ("pia", 5))
    incident = ics_flood.flood(org)
    org.settle()
    called = models.Callout.objects.get(incident_id=incident, role="public_information_officer")
    link, outside = callout_path(called), browser(org, None)
    card = words(outside.post(link, follow=True))
    assert "I have read and understood this card" in card
    refused = outside.post(link, {"take": "1"})
    assert refused.status_code == 422
    assert "tick that you have understood it" in words(refused)
    outside.post(link, {"take": "1", "understood": "1"})
    assert held(incident, "public_information_officer") == [(org.id("pia"), True)]


def test_the_shipped_command_staff_asks_for_it_and_the_linter_knows_the_word() -> None:
    ics = catalog.load().template("ics")
    assert ics is not None
    staff = {r.key for r in ics.roles if r.group == "command_staff"}
    assert {r.key for r in ics.roles if r.understood} == staff
    assert {"safety_officer", "agency_liaison", "public_information_officer"} <= staff
    card = Path(catalog.__file__).parent / "data" / "roles/ics/safety_officer.toml"
    for written, fault in (
        ("understood = true", ""),
        ("understood = 3", "understood"),
        ("understod = true", "understod"),
    ):
        text = card.read_text().replace("understood = true", written)
        found = check(texts={"roles/ics/safety_officer.toml": text})
        assert bool(found) == bool(fault)
        assert all(fault in f.text + f.suggestion for f in found)
