"""Resource requests of any incident: asked for, approved, ordered, on the way, arrived, released, or refused.

The same records as the ICS 213RR of /ics/requests, with their cost in minor units.
"""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.ics import resources as acts
from quarterdeck.app.incidents import spending_up
from quarterdeck.app.response.business_rules import rules
from quarterdeck.app.visibility import must_see
from quarterdeck.core.incidents import costing
from quarterdeck.core.incidents.ics.resource_parts import ResourceRequest as Part
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import Id, IncidentId, Line, LongLine, Moment, Named, Number, Read, Text, When, Write, Yes
from .money import Currency, Minor
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Resource requests", "/incidents/{incident}/resource-requests")
APPROVALS = Noun("Executives", "/incidents/{incident}/spend-approvals")
_ACT = "incident.act"
# As people say it; the rest is the same.
STATES = {"delivered": "arrived"}


class SupplyRequest(Read):
    """`state`: requested, approved, ordered, funded, on_the_way, arrived, released, refused, cancelled. `waits_for` is
    whoever must approve what costs more than the last approver may.
    """

    id: str
    number: int
    quantity: int
    kind: str
    type: str
    item: str
    priority: str
    state: str
    needed_at: Moment | None
    deliver_to: str
    cost_minor: int
    currency: str
    requested_by: Named
    requested_at: Moment
    approved_by: Named | None
    waits_for: Named | None
    supplier: str
    order_number: str
    eta: Moment | None
    note: str


class SupplyRequestWrite(Write):
    """`cost_minor` is the estimate, 0 where none is known. Without `currency` that of the organisation counts."""

    quantity: Annotated[int, Number(1, 10_000)] = 1
    kind: Annotated[str, Text(100, least=1)]
    type: Line = ""
    item: Annotated[str, Text(500, least=1)]
    priority: Literal["urgent", "routine", "low"] = "routine"
    needed_at: When | None = None
    deliver_to: Line = ""
    cost_minor: Minor = 0
    currency: Currency | None = None


class SupplyOrderWrite(Write):
    order_number: Annotated[str, Text(60, least=1)]
    supplier: Annotated[str, Text(200, least=1)]
    cost_minor: Minor = 0
    currency: Currency | None = None
    eta: When | None = None


class DispatchWrite(Write):
    eta: When | None = None


class AccessGrantWrite(Write):
    """Who can grant it, and within how many minutes."""

    person: Id
    minutes: Annotated[int, Number(1, 1440)] = 15


class SpendDecisionWrite(Write):
    """`reason` is needed to refuse."""

    approved: Yes
    reason: Annotated[str, Text(300)] = ""


class SupplyNoteWrite(Write):
    note: LongLine = ""


class SupplyReasonWrite(Write):
    reason: Annotated[str, Text(300, least=1)]


@NOUN.get("", "incident.read", Page[SupplyRequest])
def list_supply_requests(request: Request, incident: IncidentId) -> Page[SupplyRequest]:
    """Every request for people, equipment or supplies."""
    case = load(incident, request.act.who)
    found = case.incident.ics.requests.values()
    request.names.load({p for r in found for p in (r.requested_by, r.approved_by) if p})
    return whole(_told(request, case, r.id) for r in found)


@NOUN.post("", _ACT, SupplyRequest)
def request_supply(request: Request, incident: IncidentId, body: SupplyRequestWrite) -> SupplyRequest:
    """Ask for something that the response needs."""
    case = acts.request(
        request.act, incident, body.quantity, body.kind, body.item, priority=body.priority, needed_at=body.needed_at,
        cost_minor=body.cost_minor, currency=_currency(body.cost_minor, body.currency), type=body.type,
        deliver_to=body.deliver_to,
    )  # fmt: skip
    return _told(request, case, next(reversed(case.incident.ics.requests)))


@NOUN.put("/{supply}/approval", _ACT, SupplyRequest)
def approve_supply(request: Request, incident: IncidentId, supply: Id) -> SupplyRequest:
    """Approve a request. Above the limit of what was lent to you it goes to whoever lent it (`waits_for`)."""
    return _told(request, acts.approve_request(request.act, incident, supply), supply)


@NOUN.put("/{supply}/order", _ACT, SupplyRequest)
def order_supply(request: Request, incident: IncidentId, supply: Id, body: SupplyOrderWrite) -> SupplyRequest:
    """It was ordered. More than its approver may approve is refused."""
    case = acts.order_request(
        request.act, incident, supply, body.order_number, body.supplier, eta=body.eta, cost_minor=body.cost_minor,
        currency=_currency(body.cost_minor, body.currency),
    )  # fmt: skip
    return _told(request, case, supply)


@NOUN.put("/{supply}/grant", _ACT, SupplyRequest)
def grant_access(request: Request, incident: IncidentId, supply: Id, body: AccessGrantWrite) -> SupplyRequest:
    """A request of the kind "access" becomes the task of whoever can grant it; done is arrived."""
    case = spending_up.grant_access(request.act, incident, supply, body.person, body.minutes)
    return _told(request, case, supply)


@APPROVALS.get("", "brief.read", Page[SupplyRequest])
def list_spend_approvals(request: Request, incident: IncidentId) -> Page[SupplyRequest]:
    """Requests that wait for your word, because they cost more than whoever asked you may approve."""
    must_see(request.act.who, incident)
    case = load(incident, request.act.who)
    return whole(_told(request, case, key) for key in spending_up.waiting_for(case, request.act.person))


@APPROVALS.put("/{supply}", "executive.act", SupplyRequest)
def decide_spend(
    request: Request, incident: IncidentId, supply: Id, body: SpendDecisionWrite
) -> SupplyRequest:
    """Approve or refuse what was sent to you."""
    case = spending_up.decide(request.act, incident, supply, body.approved, body.reason)
    return _told(request, case, supply)


@NOUN.put("/{supply}/dispatch", _ACT, SupplyRequest)
def dispatch_supply(
    request: Request, incident: IncidentId, supply: Id, body: DispatchWrite | None = None
) -> SupplyRequest:
    """It is on the way."""
    return _told(
        request, acts.dispatch_request(request.act, incident, supply, body.eta if body else None), supply
    )


@NOUN.put("/{supply}/arrival", _ACT, SupplyRequest)
def receive_supply(
    request: Request, incident: IncidentId, supply: Id, body: SupplyNoteWrite | None = None
) -> SupplyRequest:
    """It is here."""
    return _told(
        request, acts.deliver_request(request.act, incident, supply, body.note if body else ""), supply
    )


@NOUN.put("/{supply}/release", _ACT, SupplyRequest)
def release_supply(
    request: Request, incident: IncidentId, supply: Id, body: SupplyNoteWrite | None = None
) -> SupplyRequest:
    """It is needed no more and goes back."""
    return _told(
        request, acts.release_request(request.act, incident, supply, body.note if body else ""), supply
    )


@NOUN.put("/{supply}/refusal", _ACT, SupplyRequest)
def refuse_supply(
    request: Request, incident: IncidentId, supply: Id, body: SupplyReasonWrite
) -> SupplyRequest:
    """Refuse a request, with the reason."""
    return _told(request, acts.end_request(request.act, incident, supply, "refused", body.reason), supply)


@NOUN.put("/{supply}/cancellation", _ACT, SupplyRequest)
def cancel_supply(
    request: Request, incident: IncidentId, supply: Id, body: SupplyReasonWrite
) -> SupplyRequest:
    """Whoever asked needs it no more."""
    return _told(request, acts.end_request(request.act, incident, supply, "cancelled", body.reason), supply)


def _currency(minor: int, currency: str | None) -> str:
    return (currency or rules().rates.currency).upper() if minor else ""


def _told(request: Request, case: Case, supply: str) -> SupplyRequest:
    r: Part | None = case.incident.ics.requests.get(supply)
    if r is None:
        raise missing("request.unknown", "There is no such request in this incident.")
    minor, currency = costing.price(r, rules().rates.currency)
    up = case.incident.business.sent_up.get(r.id, "") if r.state == "requested" else ""
    names = request.names
    return SupplyRequest(
        id=r.id, number=r.number, quantity=r.quantity, kind=r.kind, type=r.type, item=r.item, priority=r.priority,
        state=STATES.get(r.state, r.state), needed_at=r.needed_at, deliver_to=r.deliver_to, cost_minor=minor,
        currency=currency if minor else "", requested_by=names.of(r.requested_by), requested_at=r.requested_at,
        approved_by=names.maybe(r.approved_by), waits_for=names.maybe(up), supplier=r.supplier,
        order_number=r.order_number, eta=r.eta, note=r.note,
    )  # fmt: skip
