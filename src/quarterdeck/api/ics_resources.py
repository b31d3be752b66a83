"""Resources of an ICS incident: recorded, moved, checked in, requested, released."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case
from quarterdeck.app.ics import resources as acts
from quarterdeck.store.ids import new_id

from .doors import Request
from .fields import Id, IncidentId, Line, LongLine, Number, Text, When, Write
from .ics_parts import Release, Resource, ResourceCheckIn, ResourceRequest
from .operations import Noun

NOUN = Noun("Resources", "/incidents/{incident}/ics")
Status = Literal["requested", "ordered", "en_route", "available", "assigned", "out_of_service", "released"]
Category = Literal[
    "crew", "engine", "helicopter", "personnel", "fixed_wing", "equipment", "miscellaneous", "generic"
]
Cost = Annotated[int, Number(0, 10**12)]
People = Annotated[int, Number(0, 10_000)]
_ACT = "incident.act"


class ResourceWrite(Write):
    """`status` counts for a new resource only; afterwards it moves by its own operation."""

    name: Annotated[str, Text(120, least=1)]
    kind: Annotated[str, Text(100, least=1)]
    type: Line = ""
    category: Category = "generic"
    people: People = 1
    leader: Id | Literal[""] = ""
    person: Id | Literal[""] = ""
    contact: Line = ""
    home_unit: Line = ""
    order_number: Line = ""
    notes: Line = ""
    status: Literal["requested", "ordered", "en_route", "available"] = "requested"


class StatusWrite(Write):
    """`reason` (mechanical, personnel, rest) goes with out_of_service, `division` with assigned."""

    status: Status
    reason: Literal["", "mechanical", "personnel", "rest"] = ""
    division: Id | Literal[""] = ""
    place: Annotated[str, Text(200)] = ""
    eta: When | None = None


class ArrivalWrite(Write):
    place: Annotated[str, Text(200, least=1)]
    arrived_at: When | None = None
    people: People = 0
    contact: Line = ""
    home_unit: Line = ""
    order_number: Line = ""
    departure: Line = ""
    travel: Line = ""
    assignment: Line = ""
    qualifications: Line = ""


class RequestWrite(Write):
    quantity: Annotated[int, Number(1, 10_000)] = 1
    kind: Annotated[str, Text(100, least=1)]
    type: Line = ""
    item: Annotated[str, Text(500, least=1)]
    priority: Literal["urgent", "routine", "low"] = "routine"
    needed_at: When | None = None
    deliver_to: Line = ""
    substitutes: Line = ""
    division: Id | Literal[""] = ""
    cost: Cost = 0


class OrderWrite(Write):
    order_number: Annotated[str, Text(60, least=1)]
    supplier: Annotated[str, Text(200, least=1)]
    cost: Cost = 0
    eta: When | None = None


class RequestNoteWrite(Write):
    note: LongLine = ""


class RequestEndWrite(Write):
    state: Literal["refused", "cancelled"]
    reason: Line


class CheckOutWrite(Write):
    """Without `units` all of them sign."""

    resource: Id
    planned_at: When | None = None
    units: tuple[Literal["tasks", "notes", "equipment", "costs"], ...] = ()
    destination: Line = ""
    travel: Line = ""
    reassignment: Line = ""
    remarks: Line = ""


class SignatureWrite(Write):
    """`override` says why the resource may go with open tasks."""

    override: Line = ""


@NOUN.post("/resources", _ACT, Resource)
def add_resource(request: Request, incident: IncidentId, body: ResourceWrite) -> Resource:
    """Record a resource."""
    return _resource(request, incident, new_id(), body)


@NOUN.put("/resources/{resource}", _ACT, Resource)
def change_resource(request: Request, incident: IncidentId, resource: Id, body: ResourceWrite) -> Resource:
    """Another description of a resource."""
    return _resource(request, incident, resource, body)


@NOUN.put("/resources/{resource}/status", _ACT, Resource)
def move_resource(request: Request, incident: IncidentId, resource: Id, body: StatusWrite) -> Resource:
    """A change of status; each is checked."""
    case = acts.move_resource(
        request.act, incident, resource, body.status, reason=body.reason, division_id=body.division,
        place=body.place, eta=body.eta,
    )  # fmt: skip
    return Resource.model_validate(case.incident.ics.resources[resource])


@NOUN.put("/resources/{resource}/check-in", _ACT, ResourceCheckIn)
def check_in_resource(
    request: Request, incident: IncidentId, resource: Id, body: ArrivalWrite
) -> ResourceCheckIn:
    """The resource arrived."""
    said = body.model_dump(exclude={"place"})
    case = acts.check_in(request.act, incident, resource, body.place, **said)
    return ResourceCheckIn.model_validate(next(reversed(tuple(case.incident.ics.checkins.values()))))


@NOUN.post("/requests", _ACT, ResourceRequest, deprecated=True)
def request_resource(request: Request, incident: IncidentId, body: RequestWrite) -> ResourceRequest:
    """Ask for a resource."""
    said = body.model_dump(exclude={"quantity", "kind", "item", "division"})
    case = acts.request(
        request.act, incident, body.quantity, body.kind, body.item, division_id=body.division, **said
    )
    return ResourceRequest.model_validate(next(reversed(tuple(case.incident.ics.requests.values()))))


@NOUN.put("/requests/{number}/approval", _ACT, ResourceRequest, deprecated=True)
def approve_request(request: Request, incident: IncidentId, number: Id) -> ResourceRequest:
    """A section chief approves a request."""
    return _request(acts.approve_request(request.act, incident, number), number)


@NOUN.put("/requests/{number}/order", _ACT, ResourceRequest, deprecated=True)
def order_request(request: Request, incident: IncidentId, number: Id, body: OrderWrite) -> ResourceRequest:
    """Logistics has ordered it."""
    case = acts.order_request(
        request.act, incident, number, body.order_number, body.supplier, cost=body.cost, eta=body.eta
    )
    return _request(case, number)


@NOUN.put("/requests/{number}/funding", _ACT, ResourceRequest, deprecated=True)
def fund_request(
    request: Request, incident: IncidentId, number: Id, body: RequestNoteWrite | None = None
) -> ResourceRequest:
    """Finance confirms the cost."""
    return _request(acts.fund_request(request.act, incident, number, body.note if body else ""), number)


@NOUN.put("/requests/{number}/delivery", _ACT, ResourceRequest, deprecated=True)
def deliver_request(
    request: Request, incident: IncidentId, number: Id, body: RequestNoteWrite | None = None
) -> ResourceRequest:
    """It was delivered."""
    return _request(acts.deliver_request(request.act, incident, number, body.note if body else ""), number)


@NOUN.put("/requests/{number}/end", _ACT, ResourceRequest, deprecated=True)
def end_request(request: Request, incident: IncidentId, number: Id, body: RequestEndWrite) -> ResourceRequest:
    """Refuse or cancel a request."""
    return _request(acts.end_request(request.act, incident, number, body.state, body.reason), number)


@NOUN.post("/releases", _ACT, Release)
def plan_release(request: Request, incident: IncidentId, body: CheckOutWrite) -> Release:
    """Start the check-out of a resource."""
    said = body.model_dump(exclude={"resource", "planned_at", "units"})
    case = acts.plan_release(
        request.act, incident, body.resource, body.planned_at, units=tuple(body.units), **said
    )
    found = [r for r in case.incident.ics.releases.values() if r.resource_id == body.resource]
    return Release.model_validate(found[-1])


@NOUN.put("/releases/{release}/signatures/{unit}", _ACT, Release)
def sign_release(
    request: Request, incident: IncidentId, release: Id, unit: Id, body: SignatureWrite | None = None
) -> Release:
    """A unit signs; with the last one the resource is released."""
    case = acts.sign_release(request.act, incident, release, unit, body.override if body else "")
    return Release.model_validate(case.incident.ics.releases[release])


def _resource(request: Request, incident: str, resource: str, body: ResourceWrite) -> Resource:
    said = body.model_dump(exclude={"name", "kind"})
    case = acts.set_resource(request.act, incident, body.name, body.kind, resource_id=resource, **said)
    return Resource.model_validate(case.incident.ics.resources[resource])


def _request(case: Case, number: str) -> ResourceRequest:
    return ResourceRequest.model_validate(case.incident.ics.requests[number])
