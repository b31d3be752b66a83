"""Hazards with their mitigation (ICS 208, 215A), signed by the safety officer and by operations: two people."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from ..events import Event
from ..events.ics_plan import HazardCleared, HazardSet, HazardSigned
from ..guards import filled, known, not_ended, one_line, unfit
from ..state import Incident
from ..structure import Template
from . import rights
from .parts import Hazard

RISKS = ("low", "medium", "high", "extreme")
# From here on the commander hears of what is left of a risk.
ALARMING = ("high", "extreme")
POSITIONS = {"safety": rights.SAFETY, "operations": rights.OPERATIONS}


def set_hazard(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    hazard_id: str,
    area: str,
    hazard: str,
    risk: str,
    mitigation: str,
    residual: str,
    owner: str = "",
) -> list[Event]:
    """A danger in an area or a division. Any change of it needs both signatures again."""
    not_ended(incident)
    rights.hazards(incident, template, by)
    for field, level in (("risk", risk), ("residual", residual)):
        if level not in RISKS:
            raise unfit(f"{field}.unknown", field, f"Choose one of: {', '.join(RISKS)}.")
    if RISKS.index(residual) > RISKS.index(risk):
        raise unfit("residual.higher", "residual", "A mitigation does not raise the risk. Check both levels.")
    area = one_line(filled(area, "area", "Say where the danger is."), "area", 120)
    hazard = one_line(filled(hazard, "hazard", "Name the danger."), "hazard", 300)
    mitigation = filled(mitigation, "mitigation", "Say what is done against it.")
    before = incident.ics.hazards.get(hazard_id)
    said = (area, hazard, risk, mitigation, residual, owner)
    if before is not None and not before.is_open:
        raise Refused("hazard.cleared", "This hazard was cleared. Record a new one.")
    if before and said == (
        before.area, before.hazard, before.risk, before.mitigation, before.residual, before.owner
    ):  # fmt: skip
        return []
    return [HazardSet(hazard_id, *said)]


def sign_hazard(
    incident: Incident, template: Template, by: Who, *, hazard_id: str, position: str
) -> list[Event]:
    """`position` is safety or operations. One person cannot sign for both."""
    found = _open(incident, hazard_id)
    if position not in POSITIONS:
        raise unfit("position.unknown", "position", f"Choose one of: {', '.join(POSITIONS)}.")
    rights.position(incident, template, by, POSITIONS[position])
    mine, other = found.safety_by, found.operations_by
    if position == "operations":
        mine, other = other, mine
    if mine:
        return []
    if other == by.person:
        raise Refused(
            "hazard.same_person",
            "You have signed this hazard already. The second signature must be another person's.",
        )
    return [HazardSigned(found.id, position, found.hazard)]


def clear_hazard(
    incident: Incident, template: Template, by: Who, *, hazard_id: str, reason: str
) -> list[Event]:
    found = known(incident.ics.hazards.get(hazard_id), "hazard.unknown", "hazard")
    not_ended(incident)
    rights.hazards(incident, template, by)
    if not found.is_open:
        return []
    why = filled(reason, "reason", "Say why the danger is gone.")
    return [HazardCleared(found.id, why, found.hazard)]


def _open(incident: Incident, hazard_id: str) -> Hazard:
    not_ended(incident)
    found = known(incident.ics.hazards.get(hazard_id), "hazard.unknown", "hazard")
    if not found.is_open:
        raise Refused("hazard.cleared", "This hazard was cleared. Record a new one.")
    return found
