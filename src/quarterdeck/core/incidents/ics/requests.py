"""Resource requests (ICS 213RR): asked for, approved by the section chief, ordered by logistics, funded by finance.

Every structure has them: where it lacks a position, the commander stands for it.
"""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel import money
from quarterdeck.core.kernel.refused import Refused, forbidden

from ..authority import act, holds_a_role, stands_for
from ..delegations import above, lent, must_be_within
from ..events import Event
from ..events.business import RequestSentUp
from ..events.ics_resources import (
    RequestApproved,
    RequestDelivered,
    RequestDispatched,
    RequestEnded,
    RequestFunded,
    RequestOrdered,
    RequestReleased,
    ResourceMoved,
    ResourceRequested,
    ResourceSet,
)
from ..guards import filled, known, not_ended, one_line, unfit
from ..state import Incident
from ..structure import Template
from . import rights
from .parts import Ics
from .resource_parts import ResourceRequest

PRIORITIES = ("urgent", "routine", "low")
RUNNING = ("requested", "approved", "ordered", "funded", "on_the_way")
ORDERED = ("ordered", "funded", "on_the_way")
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
    if request.currency or request.cost_minor:
        money.code(request.currency)
        money.within(request.cost_minor, "cost_minor")
    return [request]


def next_number(ics: Ics) -> int:
    return max((r.number for r in ics.requests.values()), default=0) + 1


def approve_request(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    request_id: str,
    now: datetime | None = None,
    above_to: str = "",
    backup: tuple[str, ...] = (),
) -> list[Event]:
    """By a section chief, the commander, or whoever was lent the authority; never by whoever asked, unless nobody else
    stands above. What costs more than was lent to them goes to whoever lent it, who may approve it; to `above_to`
    (finance, or the executive on duty) where the organisation lent it and not somebody of the response (R-141).
    Where they are silent it goes on along `backup`.
    """
    found = _running(incident, request_id)
    if found.state != "requested":
        return []
    at = now or found.requested_at
    asked = incident.business.was_asked(found.id, by.person)
    if not asked and not lent(incident, by.person, "spend", at):
        rights.position(incident, template, by, *rights.CHIEFS, "commander")
    if (
        by.person == found.requested_by
        and not asked
        and "commander" not in stands_for(incident, template, by)
    ):
        raise forbidden(
            "request.own", "You asked for this yourself. Another section chief or the commander approves it."
        )
    minor, code = _priced(incident, by.person, (found.cost, found.cost_minor, found.currency), at)
    limit = above(incident, by.person, "spend", minor, code, at)
    if limit is None:
        return [RequestApproved(found.id, found.number)]
    to = limit.from_person if holds_a_role(incident, limit.from_person) else above_to or limit.from_person
    if incident.business.was_asked(found.id, to):
        return []
    next_ones = tuple(p for p in dict.fromkeys(backup) if p not in (to, by.person, found.requested_by))
    return [RequestSentUp(found.id, found.number, by.person, to, minor, limit.limit_minor, code, next_ones)]


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
    cost_minor: int = 0,
    currency: str = "",
    now: datetime | None = None,
) -> list[Event]:
    """By logistics, once approved. The ordered thing becomes a resource at once. Refused when it costs more than
    whoever approved it may approve.
    """
    found = _running(incident, request_id)
    rights.position(incident, template, by, rights.LOGISTICS)
    if found.state in ORDERED:
        return []
    _must_be(found, "approved", "Have a section chief approve it first.")
    order_number = one_line(
        filled(order_number, "order_number", "Give the order number."), "order_number", 60
    )
    supplier = one_line(filled(supplier, "supplier", "Say who supplies it."), "supplier", 200)
    _cost(cost)
    if currency or cost_minor:
        currency = money.code(currency)
        money.within(cost_minor, "cost_minor")
    at = now or found.requested_at
    if found.approved_at and not lent(incident, found.approved_by, "spend", at):
        at = found.approved_at  # what was lent to them may be over by now: its limit is that of their word
    minor, code = _priced(incident, found.approved_by, (cost, cost_minor, currency), at)
    must_be_within(incident, found.approved_by, "spend", minor, code, at, but=found.id)
    name = f"{found.quantity} × {found.kind}" if found.quantity > 1 else found.kind
    made = ResourceSet(
        resource_id, name, found.kind, found.type, people=0, order_number=order_number, request_id=found.id,
        notes=found.item,
    )  # fmt: skip
    ordered = RequestOrdered(found.id, order_number, supplier, cost, eta, found.number, cost_minor, currency)
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


def dispatch_request(
    incident: Incident, template: Template, by: Who, *, request_id: str, eta: datetime | None = None
) -> list[Event]:
    """The supplier sent it; what was ordered is under way."""
    found = _running(incident, request_id)
    rights.resources(incident, template, by)
    if found.state == "on_the_way" and eta in (None, found.eta):
        return []
    if found.state not in ORDERED:
        raise Refused("request.state", f"Request {found.number} is {found.state}. Have it ordered first.")
    return [
        RequestDispatched(found.id, eta, found.number),
        *_moved(incident, found, "en_route", ("ordered",), eta),
    ]


def release_request(
    incident: Incident, template: Template, by: Who, *, request_id: str, note: str = ""
) -> list[Event]:
    """What was delivered goes back. In the ICS it is checked out first (ICS 221)."""
    not_ended(incident)
    found = known(incident.ics.requests.get(request_id), "request.unknown", "request")
    rights.resources(incident, template, by)
    if found.state == "released":
        return []
    if found.state != "delivered":
        raise Refused(
            "request.state", f"Request {found.number} is {found.state}. Only what arrived is released."
        )
    held = [r for r in incident.ics.resources.values() if r.request_id == found.id and r.status != "released"]
    if template.key == "ics" and held:
        raise Refused(
            "request.checkout",
            f"{held[0].name} is not checked out. Sign its check-out (ICS 221), then release it.",
        )
    freed = _moved(incident, found, "released", ("requested", "ordered", "en_route", "available", "assigned"))
    return [RequestReleased(found.id, note.strip(), found.number), *freed]


def _moved(
    incident: Incident,
    found: ResourceRequest,
    status: str,
    before: tuple[str, ...],
    eta: datetime | None = None,
) -> list[Event]:
    """What was made of the request moves with it."""
    return [
        ResourceMoved(r.id, status, r.status, eta=eta, name=r.name)
        for r in incident.ics.resources.values()
        if r.request_id == found.id and r.status in before
    ]


def deliver_request(
    incident: Incident, template: Template, by: Who, *, request_id: str, note: str = ""
) -> list[Event]:
    """It is here."""
    found = known(incident.ics.requests.get(request_id), "request.unknown", "request")
    not_ended(incident)
    rights.resources(incident, template, by)
    if found.state in ("delivered", "released"):
        return []
    if found.state not in ORDERED:
        raise Refused("request.state", f"Request {found.number} is {found.state}; it was never ordered.")
    return [RequestDelivered(found.id, note.strip(), found.number)]


def end_request(
    incident: Incident, template: Template, by: Who, *, request_id: str, state: str, reason: str
) -> list[Event]:
    """Refused by a section chief, logistics, finance, the commander, or whoever it was sent to for approval; cancelled
    by whoever asked.
    """
    found = _running(incident, request_id)
    if state not in ("refused", "cancelled"):
        raise unfit("state.unknown", "state", "Choose refused or cancelled.")
    sent = state == "refused" and incident.business.was_asked(found.id, by.person)
    if not sent and not (state == "cancelled" and by.person == found.requested_by):
        rights.position(incident, template, by, *rights.CHIEFS, "commander")
    return [RequestEnded(found.id, state, filled(reason, "reason", "Say why."), found.number)]


def _priced(incident: Incident, person: str, cost: tuple[int, int, str], at: datetime) -> tuple[int, str]:
    """A cost in minor units. In whole units only, it counts in the currency of what was lent to this person."""
    whole, minor, currency = cost
    found = lent(incident, person, "spend", at)
    if currency or not found:
        return minor, currency
    return whole * 10 ** money.exponent(found[0].currency), found[0].currency


def cost_so_far(ics: Ics) -> int:
    """What was ordered, in whole units of money."""
    return sum(r.cost for r in ics.requests.values() if r.state in (*ORDERED, "delivered", "released"))


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
