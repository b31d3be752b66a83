"""Which customers are affected and how far the repair is with each; all are settled before the end (R-156)."""

from __future__ import annotations

from collections.abc import Mapping

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import authorise, may
from .events import Event
from .events.telling import CustomerMoved, CustomersListed
from .guards import filled, known, not_ended, one_line
from .state import Incident
from .structure import Template
from .telling import CUSTOMER_STATES

MOST = 2000
GRANTS = ("support.brief", "inquiry.answer", "facts.write", "incident.phase")


def may_keep(incident: Incident, template: Template, by: Who) -> bool:
    """Whether `by` keeps the list: the customer liaison, the communications lead, the commander."""
    return may(incident, template, by, *GRANTS)


def list_customers(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    names: Mapping[str, str],
    references: Mapping[str, str],
) -> list[Event]:
    """Customers by an id of one's own. One that is there already keeps its state."""
    not_ended(incident)
    authorise(incident, template, by, *GRANTS)
    have = incident.telling.customers
    fresh = {
        key: one_line(filled(name, "name", "Give the customer's name."), "name", 200)
        for key, name in names.items()
        if key not in have or (have[key].name, have[key].reference) != (name.strip(), references.get(key, ""))
    }
    if not fresh:
        return []
    if len({*have, *fresh}) > MOST:
        message = f"One incident lists {MOST} customers at most. List the contracts, not every user."
        raise bad("customers.many", message, names=message)
    return [CustomersListed(fresh, {k: v.strip() for k, v in references.items() if k in fresh and v.strip()})]


def move_customer(
    incident: Incident, template: Template, by: Who, *, customer_id: str, state: str, note: str = ""
) -> list[Event]:
    """How far the repair is with one customer. Whoever declines says why."""
    not_ended(incident)
    authorise(incident, template, by, *GRANTS)
    found = known(incident.telling.customers.get(customer_id), "customer.unknown", "customer on the list")
    if state not in CUSTOMER_STATES:
        message = f"There is no state {state!r}. Choose one of: {', '.join(CUSTOMER_STATES)}."
        raise bad("customer.state", message, state=message)
    if state == "declined" and not note.strip() and found.state != "declined":
        message = "Say why they declined; it is recorded."
        raise Refused("note.missing", message, kind="bad", fields={"note": message})
    if (found.state, found.note) == (state, note.strip() or found.note):
        return []
    return [
        CustomerMoved(
            found.id, state, one_line(note.strip(), "note", 300) if note.strip() else "", found.name
        )
    ]


def settled(incident: Incident) -> bool:
    """Whether every affected customer has the repair, or declined it. True where none is listed."""
    return not incident.telling.open_customers()
