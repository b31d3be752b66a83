"""Whether somebody has read and understood the card of a role they accept (R-168). Asked where the card says so."""

from __future__ import annotations

from collections.abc import Sequence

from quarterdeck.core.kernel.refused import bad

from .eligibility import definition
from .events import Event, RoleUnderstood
from .parts import RoleAssignment
from .state import Incident
from .structure import Template


def must_be_understood(template: Template, role: str, understood: bool) -> None:
    """Refuses `role.not_understood` for whoever accepts a role whose card asks for the tick, without it."""
    card = definition(template, role)
    if card.understood and not understood:
        message = f"Read the card of {card.title} first, then tick that you have understood it."
        raise bad("role.not_understood", message, understood=message)


def confirming(incident: Incident, template: Template, person: str, role: str) -> Sequence[Event]:
    """The holder of a role that was given to them says that they have understood its card; [] when they have."""
    return [
        RoleUnderstood(a.id, a.role, a.person)
        for a in incident.holders(role)
        if a.person == person and is_waited_for(template, a)
    ]


def is_waited_for(template: Template, held: RoleAssignment) -> bool:
    """Whether the card asks for the tick and the holder, to whom the role was given, has not set it yet."""
    card = template.role(held.role)
    return card is not None and card.understood and not held.understood
