"""The contact card of an incident: the one person to ask, and how to reach them (R-037)."""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.core.incidents import contact
from quarterdeck.store import models

from .. import casebook
from ..act import Act
from ..casebook import Case
from .command import who


@dataclass(frozen=True, slots=True)
class Card:
    """Name and role of the contact; `email` is that of their account."""

    person: str
    name: str
    role: str
    email: str

    @property
    def line(self) -> str:
        """As messages to people inside carry it."""
        return f"{self.name}, {self.role}"


def card(case: Case) -> Card | None:
    """The contact as it is now; None once the incident has ended."""
    found = contact.contact_of(case.incident)
    person = models.Person.objects.filter(id=found.person).first() if found else None
    if found is None or person is None:
        return None
    role = case.template.role(found.role)
    title = role.title if role else found.role.replace("_", " ").capitalize()
    return Card(person.id, person.name, title, person.email)


def name_contact(act: Act, incident_id: str, person_id: str, reason: str = "") -> Case:
    """Name the contact; no person gives it back to whoever commands."""
    person = who(person_id) if person_id else None
    return casebook.change(
        act, incident_id, lambda i, t: contact.name_contact(i, t, act.who, person=person, reason=reason)
    )
