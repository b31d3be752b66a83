"""A software incident grows into the Incident Command System and comes back: everybody keeps a role, nothing is lost."""

from __future__ import annotations

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.incidents import command, incidents, replay, restructuring, tasks
from quarterdeck.core.incidents import Incident, chart, rows
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.store import log, models, project
from support.world import World

CAST = {
    "ana": "commander",
    "ben": "technical_lead",
    "cho": "scribe",
    "dag": "communications_lead",
    "eva": "sme",
    "fay": "customer_liaison",
    "gus": "deputy",
}
IN_ICS = {
    "ana": "commander",
    "ben": "operations_section_chief",
    "cho": "documentation_unit_leader",
    "dag": "public_information_officer",
    "eva": "technical_specialist",
    "fay": "customer_liaison",
    "gus": "deputy",
}


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in (*CAST, "hal"):
        w.person(handle)
    w.policy("role-planning_section_chief", ("hal", 5))
    return w


def state(incident: str) -> Incident:
    return casebook.load(incident).incident


def who_holds_what(world: World, incident: str) -> dict[str, str]:
    return {models.Person.objects.get(id=a.person).handle: a.role for a in state(incident).open_assignments()}


def begun(world: World) -> str:
    said = Declaration(title="All sites are offline", type="availability", severity=1)
    incident = incidents.declare(world.act("ana"), said).incident.key
    for handle, role in CAST.items():
        if role != "commander":
            command.assign_role(world.act("ana"), incident, role, world.find(handle).id)
    world.settle()
    return incident


def test_software_to_ics_and_back_keeps_every_holder_item_task_and_clock(world: World) -> None:
    incident = begun(world)
    world.pass_time(minutes=10)
    incidents.change_phase(world.act("ana"), incident, "investigating", "We look", "Quickly")
    tasks.tick(world.act("ben"), incident, "technical_lead", "investigating", 0)
    tasks.give(world.act("ana"), incident, "Call the carrier", world.find("ben").id, 30)
    held = {a.id: a.person for a in state(incident).open_assignments()}
    clocks = set(state(incident).clocks)
    before = world.now

    world.pass_time(minutes=5)
    restructuring.change(world.act("ana"), incident, "ics", "The fire brigade and two carriers join")
    grown = state(incident)
    assert who_holds_what(world, incident) == IN_ICS
    assert {a.id: a.person for a in grown.open_assignments()} == held
    assert grown.tasks and all(t.is_open for t in grown.tasks.values())
    assert "technical_lead/investigating/0" in grown.ticks
    assert set(grown.clocks) >= clocks
    assert grown.clocks["customers_all"].owner_role == "public_information_officer"
    assert {p.assignment.person for p in chart(grown, casebook.load(incident).template)} == set(held.values())
    world.settle()
    assert any("Planning Section Chief" in text for text in world.pages("hal")), world.pages("hal")

    world.pass_time(minutes=60)
    then = replay.at(incident, world.act("ana").who, before)
    assert then.case.template.key == "software"
    assert {a.role for a in then.case.incident.open_assignments()} == set(CAST.values())

    restructuring.change(world.act("ana"), incident, "software", "The agencies have left")
    assert who_holds_what(world, incident) == CAST
    assert {a.id: a.person for a in state(incident).open_assignments()} == held
    assert "technical_lead/investigating/0" in state(incident).ticks
    told = models.TimelineRow.objects.filter(incident_id=incident, kind="structure").order_by("seq")
    assert [t.title.partition(" ")[2] for t in told] == [
        "changed the structure to Incident Command System",
        "changed the structure to Software incident",
    ]

    tables = {**project.TABLES, "timeline": models.TimelineRow}

    def rows_of() -> dict[str, object]:
        named = {n: {"id" if m is models.IncidentRow else "incident_id": incident} for n, m in tables.items()}
        return {
            n: list(m._default_manager.filter(**named[n]).order_by("pk").values()) for n, m in tables.items()
        }

    written = rows_of()
    casebook.rebuild(incident, world.now)
    assert rows_of() == written
    assert rows(state(incident))["incident"][incident]["template"] == "software"
    assert log.verify(incident) is None
