"""Resource requests (ICS 213RR): asked for, approved by the section chief, ordered by logistics, funded by finance."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from ..authority import act, stands_for
from ..events import Event
from ..events.ics_resources import (
    RequestApproved,
    RequestDelivered,
    RequestEnded,
    RequestFunded,
    RequestOrdered,
    ResourceMoved,
    ResourceRequested,
    ResourceSet,
)
from ..guards import filled, known, not_ended, one_line, unfit
from ..state import Incident
from ..structure import Template
from . import rights
from .parts import Ics, ResourceRequest

PRIORITIES = ("urgent", "routine", "low")
RUNNING = ("requested", "approved", "ordered", "funded")
MOST_COST = 10**12


def request_resource(
    incident: Incident, template: Template, by: Who, *, request: ResourceRequested
) -> list[Event]:
    """Ask for something. Whoever acts in the incident may ask; the number is the next free one."""
    not_ended(incident)
    act(incident, by)
    if request.request_id in incident.ics.requests:
        return []
    if not 1 <= request.quantity <= 10_000:
        raise unfit("quantity.range", "quantity", "Give a quantity from 1 to 10000.")
    filled(request.kind, "kind", "Say what kind of resource is needed.")
    one_line(filled(request.item, "item", "Describe what is needed."), "item", 500)
    if request.priority not in PRIORITIES:
        raise unfit("priority.unknown", "priority", f"Choose one of: {', '.join(PRIORITIES)}.")
    _cost(request.cost)
    return [request]


def next_number(ics: Ics) -> int:
    return max((r.number for r in ics.requests.values()), default=0) + 1


def approve_request(incident: Incident, template: Template, by: Who, *, request_id: str) -> list[Event]:
    """By a section chief or the commander, never by whoever asked, unless nobody else stands above."""
    found = _running(incident, request_id)
    if found.state != "requested":
        return []
    rights.position(incident, template, by, *rights.CHIEFS, "commander")
    if by.person == found.requested_by and "commander" not in stands_for(incident, template, by):
        raise forbidden(
            "request.own", "You asked for this yourself. Another section chief or the commander approves it."
        )
    return [RequestApproved(found.id, found.number)]


def order_request(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    request_id: str,
    order_number: str,
    supplier: str,
    cost: int,
    eta: datetime | None,
    resource_id: str,
) -> list[Event]:
    """By logistics, once approved. The ordered thing becomes a resource at once."""
    found = _running(incident, request_id)
    rights.position(incident, template, by, rights.LOGISTICS)
    if found.state in ("ordered", "funded"):
        return []
    _must_be(found, "approved", "Have a section chief approve it first.")
    order_number = one_line(
        filled(order_number, "order_number", "Give the order number."), "order_number", 60
    )
    supplier = one_line(filled(supplier, "supplier", "Say who supplies it."), "supplier", 200)
    _cost(cost)
    name = f"{found.quantity} × {found.kind}" if found.quantity > 1 else found.kind
    made = ResourceSet(
        resource_id, name, found.kind, found.type, people=0, order_number=order_number, request_id=found.id,
        notes=found.item,
    )  # fmt: skip
    ordered = RequestOrdered(found.id, order_number, supplier, cost, eta, found.number)
    moved = ResourceMoved(resource_id, "ordered", "requested", eta=eta, name=name)
    return [ordered, made, ResourceMoved(resource_id, "requested", name=name), moved]


def fund_request(
    incident: Incident, template: Template, by: Who, *, request_id: str, note: str = ""
) -> list[Event]:
    """Finance confirms the cost of what was ordered."""
    found = _running(incident, request_id)
    rights.position(incident, template, by, rights.FINANCE)
    if found.state == "funded":
        return []
    _must_be(found, "ordered", "Have logistics order it first.")
    return [RequestFunded(found.id, note.strip(), found.number)]


def deliver_request(
    incident: Incident, template: Template, by: Who, *, request_id: str, note: str = ""
) -> list[Event]:
    """It is here."""
    found = known(incident.ics.requests.get(request_id), "request.unknown", "request")
    not_ended(incident)
    rights.resources(incident, template, by)
    if found.state == "delivered":
        return []
    if found.state not in ("ordered", "funded"):
        raise Refused("request.state", f"Request {found.number} is {found.state}; it was never ordered.")
    return [RequestDelivered(found.id, note.strip(), found.number)]


def end_request(
    incident: Incident, template: Template, by: Who, *, request_id: str, state: str, reason: str
) -> list[Event]:
    """Refused by a section chief, logistics, finance or the commander; cancelled by whoever asked."""
    found = _running(incident, request_id)
    if state not in ("refused", "cancelled"):
        raise unfit("state.unknown", "state", "Choose refused or cancelled.")
    if not (state == "cancelled" and by.person == found.requested_by):
        rights.position(incident, template, by, *rights.CHIEFS, "commander")
    return [RequestEnded(found.id, state, filled(reason, "reason", "Say why."), found.number)]


def cost_so_far(ics: Ics) -> int:
    """What was ordered, in whole units of money."""
    return sum(r.cost for r in ics.requests.values() if r.state in ("ordered", "funded", "delivered"))


def _running(incident: Incident, request_id: str) -> ResourceRequest:
    not_ended(incident)
    found = known(incident.ics.requests.get(request_id), "request.unknown", "request")
    if found.state not in RUNNING:
        raise Refused("request.ended", f"Request {found.number} is {found.state}. Make a new one.")
    return found


def _must_be(found: ResourceRequest, state: str, then: str) -> None:
    if found.state != state:
        raise Refused("request.state", f"Request {found.number} is {found.state}. {then}")


def _cost(cost: int) -> None:
    if not 0 <= cost <= MOST_COST:
        raise unfit("cost.range", "cost", "Give the cost as a whole number, 0 when it is not known.")
