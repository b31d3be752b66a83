"""A flood told with the Incident Command System: people in their positions, a first period, work, hazards, resources."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.app import casebook
from quarterdeck.app.ics import forms, plan, resources, safety
from quarterdeck.app.incidents import command, incidents, tasks
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.declare import Declaration
from support.world import World

CAST = {
    "ana": "Ana Ferreira",
    "ben": "Ben Okonkwo",
    "cho": "Cho Min-ji",
    "dag": "Dag Nilsen",
    "eva": "Eva Duarte",
    "fay": "Fay Rossi",
}
POSITIONS = {
    "safety_officer": "ben",
    "operations_section_chief": "cho",
    "planning_section_chief": "dag",
    "logistics_section_chief": "eva",
    "finance_admin_section_chief": "fay",
}


def cast(world: World) -> None:
    for handle, name in CAST.items():
        world.person(handle, name=name)


def state(incident_id: str) -> Incident:
    return casebook.load(incident_id).incident


def flood(world: World, **said: object) -> str:
    """Declared by Ana, every section chief in place."""
    values = {
        "title": "Flood at the Northgate plant",
        "type": "major_emergency",
        "severity": 2,
        "summary": "The river is over the dyke; the lower halls are under water.",
    } | said
    declared = incidents.declare(world.act("ana"), Declaration(**values))  # type: ignore[arg-type]
    incident = declared.incident.key
    for role, handle in POSITIONS.items():
        command.assign_role(world.act("ana"), incident, role, world.find(handle).id)
    return incident


def planned(world: World, incident: str) -> str:
    """A running first period with an objective, a division with a crew, a signed hazard and a channel; its id."""
    plan.prepare_period(world.act("dag"), incident)
    period = next(iter(state(incident).ics.periods))
    plan.start_period(world.act("dag"), incident, period)
    plan.set_objective(
        world.act("dag"),
        incident,
        period,
        1,
        "All staff are accounted for",
        "Every name on the list is ticked",
    )
    plan.set_objective(
        world.act("dag"), incident, period, 2, "The transformer hall stays dry", "Water below mark 2 at 20:00"
    )
    plan.set_division(
        world.act("cho"), incident, "division", "Division North", leader=world.find("cho").id,
        members=(world.find("fay").id,), channel="Tactical 1", place="Gate 3",
        assignment="Hold the dyke between gate 2 and gate 4.",
    )  # fmt: skip
    stream = next(iter(state(incident).ics.divisions))
    safety.set_hazard(
        world.act("ben"), incident, "Division North", "Live cables in the water", "extreme",
        "Power is cut at the main switch; nobody enters before it is measured.", "medium",
    )  # fmt: skip
    hazard = next(iter(state(incident).ics.hazards))
    safety.sign_hazard(world.act("ben"), incident, hazard, "safety")
    safety.sign_hazard(world.act("cho"), incident, hazard, "operations")
    plan.set_channel(
        world.act("dag"), incident, function="Command", name="Command 1", assignment="All supervisors",
        receive="156.800", mode="A", remarks="Monitor at all times",
    )  # fmt: skip
    resources.set_resource(
        world.act("dag"), incident, "Pump crew 7", "Pump", type="2", status="en_route", category="crew", people=4,
        contact="channel Tactical 1", home_unit="City fire brigade",
    )  # fmt: skip
    crew = next(iter(state(incident).ics.resources))
    resources.check_in(
        world.act("dag"), incident, crew, "Gate 3", travel="Truck", assignment="Division North"
    )
    resources.move_resource(world.act("dag"), incident, crew, "assigned", division_id=stream)
    resources.request(
        world.act("cho"), incident, 3, "Pump", "Submersible pump, 2000 l/min, with hoses", priority="urgent",
        division_id=stream, cost=4200, deliver_to="Gate 3", needed_at=world.now + timedelta(hours=6),
    )  # fmt: skip
    tasks.give(world.act("ana"), incident, "Count everybody at the assembly point", world.find("fay").id, 30)
    return period


def write_plan(world: World, incident: str, period: str) -> None:
    """The words the plan needs."""
    for form, block, text in (
        ("202", "4", "People first. No work in moving water. Tell me at once of any change at the dyke."),
        ("202", "4a", "Rain until midnight, river to peak at 02:00."),
        ("205", "5", "If Command 1 fails, send a runner to the command post."),
        ("206", "3", "First aid post | Gate 1 | channel Medical 1 | yes"),
        ("206", "5", "City Hospital | 4 Mill Road | 555 0100 | 4 min | 12 min | yes | no | yes"),
        ("206", "6", "Call Medical 1 first. Name the gate. A guide waits at the gate."),
        ("208", "3", "Life jackets north of gate 2. Nobody works alone. Eight hours, then rest."),
    ):
        forms.fill(world.act("dag"), incident, form, block, text, period_id=period)
