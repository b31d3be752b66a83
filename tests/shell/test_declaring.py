"""Declaring while holding another incident: the command goes to somebody else, or to both with a reason (R-028)."""

from __future__ import annotations

import re

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.incidents import incidents
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Organisation
from support.world import World


@pytest.fixture
def org(db: None) -> Organisation:
    made = Organisation()
    for handle in ("ana", "ben", "cleo"):
        made.call(handle)
    made.call("ole", "observer")
    made.policy("commander", ("ben", 5), ("cleo", 5))
    return made


def said(title: str = "Search is slow", **more: object) -> Declaration:
    return Declaration(title=title, type="availability", severity=3, **more)  # type: ignore[arg-type]


def commanders(key: str) -> list[str]:
    rows = models.RoleAssignmentRow.objects.filter(incident_id=key, role="commander", ended_at=None)
    return list(rows.values_list("person_id", flat=True))


def declared_untouched(org: Organisation, title: str) -> str:
    """What the screen shows, after it was sent as it came, with a title alone."""
    client = browser(org, "ana")
    page = client.get("/declare").content.decode()
    chosen = re.search(r'<select[^>]*name="commander".*?</select>', page, re.S)
    selected = re.search(r'value="([^"]*)" selected', chosen[0]) if chosen else None
    reason = re.search(r'<input[^>]*name="both_reason"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', reason[0]) if reason else None
    sent = {"commander": selected[1] if selected else "", "both_reason": value[1] if value else ""}
    assert client.post("/declare", sent | {"title": title}).status_code == 302
    return page


@pytest.mark.requirement("R-028")
def test_declaring_a_second_incident_asks_who_commands_it(org: Organisation) -> None:
    first = incidents.declare(org.act("ana"), said()).incident.key
    with pytest.raises(Refused) as refused:
        incidents.declare(org.act("ana"), said("Payments fail"))
    assert (refused.value.code, refused.value.kind) == ("command.elsewhere", "conflict")
    assert refused.value.details == {"incident": first}
    assert models.IncidentRow.objects.count() == 1


@pytest.mark.requirement("R-028")
def test_somebody_else_who_is_named_commands_the_second_and_is_called(org: Organisation) -> None:
    incidents.declare(org.act("ana"), said())
    key = incidents.declare(org.act("ana"), said("Payments fail", commander=org.id("ben"))).incident.key
    assert commanders(key) == [org.id("ben")]
    callout = models.Callout.objects.get(incident_id=key, person_id=org.id("ben"))
    assert (callout.kind, callout.urgency, callout.state) == ("callout", "high", "waiting")


@pytest.mark.requirement("R-028")
def test_a_reason_takes_both_and_is_recorded(org: Organisation) -> None:
    incidents.declare(org.act("ana"), said())
    key = incidents.declare(org.act("ana"), said("Payments fail", both_reason="Same cause")).incident.key
    assert commanders(key) == [org.id("ana")]
    taken = models.Event.objects.get(stream=key, kind="RoleTaken")
    assert '"reason":"Same cause"' in taken.data


def test_somebody_who_may_not_command_or_holds_another_is_not_named(org: Organisation) -> None:
    incidents.declare(org.act("ben"), said())
    for handle, code in (("ole", "role.observer"), ("ben", "command.elsewhere")):
        with pytest.raises(Refused) as refused:
            incidents.declare(org.act("ana"), said("Payments fail", commander=org.id(handle)))
        assert refused.value.code == code


def test_a_drill_stands_in_nobodys_way(org: Organisation) -> None:
    incidents.declare(org.act("ana"), said(drill=True))
    key = incidents.declare(org.act("ana"), said("Payments fail")).incident.key
    assert commanders(key) == [org.id("ana")]


def test_an_incident_one_holds_and_may_not_be_known_is_not_named_to_others(org: Organisation) -> None:
    incidents.declare(org.act("ben"), said("Secret", restricted=True))
    with pytest.raises(Refused) as refused:
        incidents.declare(org.act("ana"), said("Payments fail", commander=org.id("ben")))
    assert refused.value.details == {"incident": "another incident"}


def test_the_interface_takes_a_commander_or_a_reason(org: Organisation) -> None:
    call = org.call("ana")
    first = {"title": "Search is slow", "severity": 3}
    assert call.post("/incidents", first).status == 201
    refused = call.post("/incidents", first | {"title": "Payments fail"})
    assert (refused.status, refused.json["error"]["code"]) == (409, "command.elsewhere")
    made = call.post("/incidents", first | {"title": "Payments fail", "commander": org.id("ben")})
    assert (made.status, made.json["commander"]["id"]) == (201, org.id("ben"))
    both = call.post("/incidents", first | {"title": "Mail is late", "both_reason": "Nobody else is up"})
    assert (both.status, both.json["commander"]["id"]) == (201, org.id("ana"))


def test_the_screen_comes_filled_in_so_that_one_click_declares(org: Organisation) -> None:
    incidents.declare(org.act("ana"), said())
    assert "one person commands one incident" in declared_untouched(org, "Payments fail")
    second = models.IncidentRow.objects.get(title="Payments fail")
    assert commanders(second.id) == [org.id("ben")]


def test_the_screen_gives_the_reason_itself_when_nobody_else_is_free(org: Organisation) -> None:
    models.EscalationPolicy.objects.all().delete()
    incidents.declare(org.act("ana"), said())
    declared_untouched(org, "Payments fail")
    second = models.IncidentRow.objects.get(title="Payments fail")
    assert commanders(second.id) == [org.id("ana")]


@pytest.mark.requirement("R-002")
def test_a_type_brings_its_structure_procedure_and_people_and_a_later_one_only_adds(db):
    world = World()
    for handle in ("ana", "lea", "sam", "cat"):
        world.person(handle)
    world.policy("role-legal_officer", ("lea", 5))
    world.policy("role-security_lead", ("sam", 5))
    world.policy("role-customer_liaison", ("cat", 5))
    ana = world.act("ana")
    key = incidents.declare(
        ana, Declaration(title="Somebody got in", type="security", severity=2)
    ).incident.key
    world.settle()
    found = casebook.load(key)
    assert found.incident.restricted and found.template.key == "software"
    assert {(c.role, c.person) for c in found.incident.callouts.values()} == {
        ("legal_officer", world.find("lea").id),
        ("security_lead", world.find("sam").id),
    }
    before = [i.text for i in found.template.role("commander").checklist["investigating"]]
    assert any(text.startswith("Preserve the evidence") for text in before)
    assert world.pages("lea") and world.pages("sam") and not world.pages("cat")

    incidents.set_type(ana, key, "availability", "Nobody got in: a disk was full")
    world.settle()
    after = casebook.load(key)
    assert after.incident.callouts.keys() > found.incident.callouts.keys()
    assert ("customer_liaison", "heads_up") in {(c.role, c.how) for c in after.incident.callouts.values()}
    assert [i.text for i in after.template.role("commander").checklist["investigating"]] == before

    plain = incidents.declare(
        ana, Declaration(title="Slow", type="availability", severity=3, both_reason="It is small")
    ).incident.key
    items = casebook.load(plain).template.role("commander").checklist["investigating"]
    incidents.set_type(ana, plain, "security", "The disk was filled on purpose")
    grown = casebook.load(plain).template.role("commander").checklist["investigating"]
    assert grown[: len(items)] == items and len(grown) == len(items) + 4
    world.settle()
    assert "security_lead" in {c.role for c in casebook.load(plain).incident.callouts.values()}
