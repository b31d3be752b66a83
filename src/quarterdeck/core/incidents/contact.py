"""The one person to ask about an incident: the commander, or whom the commander named (R-037)."""

from __future__ import annotations

from quarterdeck.core.access import Who

from .authority import authorise, is_acting
from .events import Event
from .events.business import ContactNamed
from .guards import not_ended, one_line, unfit
from .parts import RoleAssignment
from .state import Incident
from .structure import Template


def name_contact(
    incident: Incident, template: Template, by: Who, *, person: Who | None, reason: str = ""
) -> list[Event]:
    """`person` None gives it back to whoever commands."""
    not_ended(incident)
    authorise(incident, template, by, "decision.make")
    if person is not None and not is_acting(incident, person):
        message = "The contact holds a role here that acts. Give them one first, such as a liaison's."
        raise unfit("role.none", "person", message)
    chosen = person.person if person else ""
    if chosen == incident.business.contact:
        return []
    return [ContactNamed(chosen, one_line(reason, "reason", 300))]


def contact_of(incident: Incident) -> RoleAssignment | None:
    """The assignment of the contact: of whoever was named while they hold a role, else the commander's."""
    named = incident.business.contact
    held = next((a for a in incident.open_assignments() if named and a.person == named), None)
    return held or incident.commander
