"""Who may do what in the ICS part of an incident: by grant, or by the position that signs."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import forbidden

from ..authority import authorise, may, stands_for
from ..state import COMMANDER, Incident
from ..structure import Template

SAFETY, OPERATIONS = "safety_officer", "operations_section_chief"
PLANNING, LOGISTICS = "planning_section_chief", "logistics_section_chief"
FINANCE = "finance_admin_section_chief"
CHIEFS = (OPERATIONS, PLANNING, LOGISTICS, FINANCE)
# Whoever commands may plan; whoever plans need not command.
PLAN = ("plan.write", "decision.make")
RESOURCES = ("resource.manage", "decision.make")
HAZARDS = ("safety.hazard", "plan.write", "decision.make")


def plan(incident: Incident, template: Template, who: Who) -> None:
    """Periods, objectives, meetings, divisions, channels."""
    authorise(incident, template, who, *PLAN)


def resources(incident: Incident, template: Template, who: Who) -> None:
    authorise(incident, template, who, *RESOURCES)


def hazards(incident: Incident, template: Template, who: Who) -> None:
    authorise(incident, template, who, *HAZARDS)


def position(incident: Incident, template: Template, who: Who, *roles: str) -> str:
    """The first of these positions that `who` holds or stands in for. Refuses whoever has none of them.

    A position that the structure does not have is the commander's.
    """
    mine = stands_for(incident, template, who)
    for role in roles:
        if role in mine or (template.role(role) is None and COMMANDER in mine):
            return role
    titles = [card.title for card in map(template.role, roles) if card] or ["Incident Commander"]
    raise forbidden(
        f"position.{roles[0]}",
        f"Only the {' or the '.join(titles)} may sign this in {incident.key}. Ask them, or be given that role first.",
    )


def may_plan(incident: Incident, template: Template, who: Who) -> bool:
    return may(incident, template, who, *PLAN)
