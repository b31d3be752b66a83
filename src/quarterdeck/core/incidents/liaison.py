"""The customer liaison changes over to the business incident only when the standby is effective (R-100).

The technical incident has a liaison at every instant of it, and the business incident from the moment one came:
whoever leaves is held until the next one has the role.
"""

from __future__ import annotations

from collections.abc import Mapping

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .eligibility import must_be_fit, must_not_clash
from .events import Event, HandoverEffective, HandoverOffered
from .events.response import LiaisonForced
from .guards import filled, known, not_ended
from .parts import Handover, RoleAssignment
from .response import LIAISON
from .state import Incident
from .structure import Template


def is_staged(incident: Incident) -> bool:
    """Whether the liaison of this incident is on the way into a business response, or it keeps needing one: until it
    is closed, for it may come back, and those who asked are answered after its end.
    """
    return bool(incident.response.child) and not incident.has_ended


def is_kept(incident: Incident) -> bool:
    """Whether the liaison's role only passes on here, from one person to the next."""
    return is_staged(incident) or (bool(incident.response.parent) and not incident.has_ended)


def running(incident: Incident) -> Handover | None:
    """The handover of the liaison's role that is open, if there is one."""
    return next((h for h in incident.handovers.values() if h.is_open and h.role == LIAISON), None)


def offer(
    incident: Incident, template: Template, by: Who, *, handover_id: str, to: Who, note: str = ""
) -> list[Event]:
    """Call a standby for the liaison. By the product, the commander or the liaison; one standby at a time."""
    not_ended(incident)
    held = incident.holder(LIAISON)
    if held is None or not is_staged(incident):
        raise Refused("liaison.none", "No customer liaison waits for a standby here. Reload the page.")
    commander = incident.commander
    lead = commander.person if commander else ""
    if not by.is_system and by.person not in (held.person, lead):
        raise forbidden(
            "liaison.standby", "Only the commander or the liaison names the standby. Ask one of them."
        )
    before = running(incident)
    if before and before.to_person == to.person:
        return []
    if before:
        message = "A standby is asked already. Wait for them, or have the offer withdrawn first."
        raise Refused("handover.running", message, details={"handover": before.id, "to": before.to_person})
    if to.person == held.person:
        raise bad("standby.self", "The liaison is no standby of their own.", person="Choose somebody else.")
    must_be_fit(incident, template, to, LIAISON, replaces=held)
    return [HandoverOffered(handover_id, LIAISON, held.id, held.person, to.person, note.strip())]


def force(
    incident: Incident, template: Template, by: Who, *, handover_id: str, new_assignment_id: str, reason: str
) -> list[Event]:
    """The standby has the role from now on, whatever is missing of the handover. The commander alone, with a reason."""
    not_ended(incident)
    passing = known(incident.handovers.get(handover_id), "handover.unknown", "handover")
    if passing.role != LIAISON or not incident.response.child:
        raise Refused("liaison.none", "Only the handover of the customer liaison is forced here.")
    if passing.state == "effective":
        return []
    commander = incident.commander
    if commander is None or commander.person != by.person:
        raise forbidden("liaison.force", "Only the commander lets the liaison go early. Ask them.")
    if not passing.is_open:
        raise Refused("handover.ended", f"This handover is {passing.state}. Name a standby again.")
    why = filled(reason, "reason", "Say why the liaison cannot wait for the standby; it is recorded.")
    held = incident.assignments[passing.assignment_id]
    must_not_clash(incident, template, passing.to_person, LIAISON, held)
    return [
        LiaisonForced(passing.id, passing.from_person, passing.to_person, why),
        HandoverEffective(passing.id, new_assignment_id, LIAISON, passing.from_person, passing.to_person),
    ]


def must_not_leave(incident: Incident, held: RoleAssignment) -> None:
    """Refuses to end the liaison's role while a business response runs; it is only passed on."""
    if held.role == LIAISON and is_kept(incident):
        raise Refused(
            "liaison.staged",
            f"{incident.key} would have no customer liaison. Hand the role over: the standby is offered it, "
            "accepts, is briefed, and only then you leave.",
        )


def must_stay_known(incident: Incident, moved_to: Mapping[str, str]) -> None:
    """Refuses a structure without the role while a business response runs. `moved_to`: role -> what becomes of it."""
    if is_staged(incident) and incident.holder(LIAISON) and moved_to.get(LIAISON, LIAISON) != LIAISON:
        raise Refused(
            "structure.liaison",
            f"{incident.response.child} is told by the customer liaison, whom this structure does not know. "
            "Change it when the business response is over.",
        )


def must_have_left(incident: Incident, role: str, person: str) -> None:
    """Refuses the liaison's role of a business incident to whoever still holds it in the technical one."""
    mirror = incident.response.mirror
    if role == LIAISON and mirror is not None and mirror.liaison == person:
        raise Refused(
            "liaison.staged",
            f"They are customer liaison of {incident.response.parent} still. They come by themselves when the "
            "standby there has the role.",
        )
