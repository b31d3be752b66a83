"""ICS from above: unified command, agencies kept to their incident, and a board for each section."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client

from quarterdeck.app import casebook
from quarterdeck.app.ics import forms, plan, resources, sections
from quarterdeck.app.incidents import command, guests
from quarterdeck.core.incidents.ics.fills import page_hash
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import codec, models
from support import ics_flood
from support.browsing import browser, present, words
from support.ics_flood import state
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = present()
    ics_flood.cast(w)
    return w


@pytest.fixture
def incident(world: World) -> str:
    return ics_flood.flood(world)


def queues(incident: str, world: World) -> dict[str, dict[str, list[str]]]:
    """What each section's board holds, by section and queue."""
    found = sections.boards(casebook.load(incident), world.now)
    return {s.key: {q.key: [x.text for x in q.items] for q in s.queues} for s in found}


def allow_unified(incident: str) -> None:
    """The structure this incident runs on lets several agencies command together."""
    pin = models.TemplatePin.objects.get(incident_id=incident)
    open_to_all = replace(codec.decode_template(pin.template), unified_command=True)
    models.TemplatePin.objects.filter(incident_id=incident).update(
        template=codec.encode_template(open_to_all)
    )


@pytest.mark.requirement("R-171")
def test_each_sections_board_shows_its_own_queues_and_nothing_of_the_others(
    world: World, incident: str
) -> None:
    empty = queues(incident, world)
    assert set(empty) == {"operations", "planning", "logistics", "finance"}
    assert not any(
        rows for key, qs in empty.items() for name, rows in qs.items() if (key, name) != ("finance", "time")
    )
    ics_flood.planned(world, incident)
    pumps = next(iter(state(incident).ics.requests))
    now = queues(incident, world)
    assert now["operations"]["tasks"] == ["Count everybody at the assembly point"]
    assert now["operations"]["divisions"] == ["Division North"]
    assert now["operations"]["assigned"] == ["Pump crew 7 (Pump)"]
    assert now["planning"]["objectives"] == ["All staff are accounted for", "The transformer hall stays dry"]
    assert "Action plan of period 1" in now["planning"]["plan"]
    assert now["logistics"]["to_order"] == []
    wanted = "3 × Submersible pump, 2000 l/min, with hoses"
    assert now["logistics"]["asked"] == [wanted]
    # The order goes from queue to queue: a chief, logistics, finance, and then it is a cost.
    resources.approve_request(world.act("dag"), incident, pumps)
    assert queues(incident, world)["logistics"]["to_order"] == [wanted]
    resources.order_request(
        world.act("eva"), incident, pumps, order_number="L-1", supplier="Pumps & Co", cost=4200
    )
    ordered = queues(incident, world)
    assert ordered["logistics"]["to_order"] == []
    assert ordered["finance"]["to_fund"] == ["No. 1: Submersible pump, 2000 l/min, with hoses"]
    resources.fund_request(world.act("fay"), incident, pumps)
    paid = queues(incident, world)["finance"]
    assert paid["to_fund"] == []
    assert paid["costs"] == ["Together", "No. 1: Submersible pump, 2000 l/min, with hoses"]
    page = words(browser(world, "dag").get(f"/incidents/{incident}/ics/sections"))
    for text in ("Cho Min-ji Section chief", "Division North", "Pump crew 7", "4,200", "Tasks under way 1"):
        assert text in page, text


def test_a_vacant_sections_board_names_who_does_its_work(world: World, incident: str) -> None:
    held = state(incident).holder("logistics_section_chief")
    assert held
    command.release_role(world.act("eva"), incident, held.id, "goes off shift")
    board = next(s for s in sections.boards(casebook.load(incident), world.now) if s.key == "logistics")
    assert (board.chief, board.does) == ("", world.find("ana").id)
    assert "Ana Ferreira does its work" in words(
        browser(world, "dag").get(f"/incidents/{incident}/ics/sections")
    )


@pytest.mark.requirement("R-162")
def test_in_unified_command_a_plan_needs_every_members_yes_to_each_objective_and_operations_has_one_chief(
    world: World, incident: str
) -> None:
    world.person("gus", name="Gus Grid")
    period = ics_flood.planned(world, incident)
    ics_flood.write_plan(world, incident, period)
    allow_unified(incident)
    command.unify(world.act("ana"), incident, "The city and the plant command together")
    command.assign_role(world.act("ana"), incident, "command_member", world.find("gus").id)

    def approve() -> None:
        page, _ = forms.plan_now(casebook.load(incident), world.now, state(incident).ics.periods[period])
        forms.approve_plan(world.act("ana"), incident, period, page_hash(page))

    for objective in state(incident).ics.of_period(period):
        with pytest.raises(Refused, match="have not agreed") as refused:
            approve()
        assert refused.value.details["missing"] == world.find("gus").id
        page = browser(world, "gus").get(f"/incidents/{incident}/ics").content.decode()
        assert "Not agreed to by Gus Grid" in page
        assert "I agree" in page
        form = {"subject": objective.text, "back": "ics"}
        went = browser(world, "gus").post(f"/incidents/{incident}/unified/agree", form)
        assert went.url == f"/incidents/{incident}/ics#objectives"
    approve()
    assert state(incident).ics.plan_of(period) is not None
    with pytest.raises(Refused):
        command.take_role(world.act("gus"), incident, "operations_section_chief")
    assert [a.person for a in state(incident).holders("operations_section_chief")] == [world.find("cho").id]
    # Other words are another objective, to which nobody has agreed yet.
    plan.set_objective(world.act("dag"), incident, period, 3, "The bridge stays open", "Cars cross it")
    with pytest.raises(Refused, match="have not agreed"):
        approve()


@pytest.mark.requirement("R-161")
def test_an_ics_incident_opens_with_its_chart_and_an_agencys_people_stay_in_it(
    world: World, incident: str
) -> None:
    other = ics_flood.flood(world, title="Fire at the depot", both_reason="Two places, one staff")
    chart = words(browser(world, "ana").get(f"/incidents/{incident}/chart"))
    for person in ("Ana Ferreira", "Cho Min-ji", "Dag Nilsen", "Eva Duarte", "Fay Rossi"):
        assert person in chart
    invited = guests.invite(world.act("ana"), incident, "Gus Grid", "City works")
    agency = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    agency.post(guests.url(invited).partition(":8000")[2] or guests.url(invited), {"doing": "grid"})
    inside = words(agency.get(f"/incidents/{incident}"))
    assert "Flood at the Northgate plant" in inside
    assert "Fire at the depot" not in inside
    assert "Cho Min-ji" in inside
    for path in ("", "/ics", "/ics/sections", "/ics/plan", "/chart", "/tasks"):
        went = agency.get(f"/incidents/{other}{path}")
        assert (went.status_code, went.headers["Location"]) == (302, f"/incidents/{incident}"), path
    for hidden in ("/ics", "/record", "/communication", "Declare incident", "/on-call"):
        assert f'href="/incidents/{incident}{hidden}"' not in inside, hidden
    links = re.findall(r'<a[^>]+href="(/[^"]*)"', agency.get(f"/incidents/{incident}").content.decode())
    links.remove("/accounts/login/?next=/signed-in")  # for a session that has lapsed
    dead = [at for at in dict.fromkeys(links) if agency.get(at.partition("#")[0]).status_code != 200]
    assert dead == []  # whatever a guest is offered leads somewhere
    assert "City works" in words(browser(world, "ana").get(f"/incidents/{incident}/crew"))
