"""How resources, requests, arrivals and releases change."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import assert_never

from quarterdeck.core.kernel.moments import text as iso

from ..events import Stamped
from ..events.ics_resources import (
    RequestApproved,
    RequestDelivered,
    RequestDispatched,
    RequestEnded,
    RequestEvent,
    RequestFunded,
    RequestOrdered,
    RequestReleased,
    ResourceCheckedIn,
    ResourceEvent,
    ResourceMoved,
    ResourceReleasePlanned,
    ResourceReleaseSigned,
    ResourceRequested,
    ResourceSet,
)
from ..ics.parts import Ics
from ..ics.resource_parts import Release, Resource, ResourceCheckIn, ResourceRequest
from .fold import change, put


def resource(state: Ics, stamped: Stamped, event: ResourceEvent) -> Ics:
    match event:
        case ResourceSet():
            return replace(state, resources=put(state.resources, event.resource_id, _set(state, event)))
        case ResourceMoved():
            return replace(state, resources=_moved(state, stamped, event))
        case ResourceCheckedIn():
            values = {f.name: getattr(event, f.name) for f in fields(event) if f.name != "checkin_id"}
            made = ResourceCheckIn(id=event.checkin_id, recorded_by=stamped.actor, **values)
            arrived = change(
                state.resources, event.resource_id, arrived_at=event.arrived_at, place=event.place
            )
            return replace(state, checkins=put(state.checkins, event.checkin_id, made), resources=arrived)
        case ResourceReleasePlanned():
            values = {f.name: getattr(event, f.name) for f in fields(event) if f.name != "release_id"}
            planned = Release(id=event.release_id, planned_by=stamped.actor, **values)
            return replace(state, releases=put(state.releases, event.release_id, planned))
        case ResourceReleaseSigned():
            return replace(state, releases=_signed(state, stamped, event))
        case _:
            assert_never(event)


def _set(state: Ics, event: ResourceSet) -> Resource:
    values = {f.name: getattr(event, f.name) for f in fields(event) if f.name != "resource_id"}
    before = state.resources.get(event.resource_id)
    return replace(before, **values) if before else Resource(id=event.resource_id, **values)


def _moved(state: Ics, stamped: Stamped, event: ResourceMoved) -> dict[str, Resource]:
    before = state.resources.get(event.resource_id)
    if before is None:
        return dict(state.resources)
    after = replace(
        before,
        status=event.status,
        status_before=before.status if before.status_at else "",
        status_reason=event.reason,
        status_at=stamped.at,
        status_by=stamped.actor,
        division_id=event.division_id,
        place=event.place or before.place,
        eta=event.eta or before.eta,
        ordered_at=stamped.at if event.status == "ordered" else before.ordered_at,
        arrived_at=before.arrived_at
        or (stamped.at if event.status in ("available", "assigned") else before.arrived_at),
    )
    return {**state.resources, event.resource_id: after}


def _signed(state: Ics, stamped: Stamped, event: ResourceReleaseSigned) -> dict[str, Release]:
    before = state.releases.get(event.release_id)
    if before is None:
        return dict(state.releases)
    after = replace(before, signed={**before.signed, event.unit: f"{stamped.actor}@{iso(stamped.at)}"})
    if not after.waiting_for:
        after = replace(after, done_at=stamped.at)
    return {**state.releases, event.release_id: after}


def request(state: Ics, stamped: Stamped, event: RequestEvent) -> Ics:
    if isinstance(event, ResourceRequested):
        values = {f.name: getattr(event, f.name) for f in fields(event) if f.name != "request_id"}
        made = ResourceRequest(
            id=event.request_id, requested_by=stamped.actor, requested_at=stamped.at, **values
        )
        return replace(state, requests=put(state.requests, event.request_id, made))
    return replace(state, requests=change(state.requests, event.request_id, **_step(stamped, event)))


def _step(
    stamped: Stamped,
    event: RequestApproved
    | RequestOrdered
    | RequestDispatched
    | RequestFunded
    | RequestDelivered
    | RequestReleased
    | RequestEnded,
) -> dict[str, object]:
    match event:
        case RequestApproved():
            return {"state": "approved", "approved_by": stamped.actor, "approved_at": stamped.at}
        case RequestOrdered():
            told = {"order_number": event.order_number, "supplier": event.supplier, "cost": event.cost}
            by = {"ordered_by": stamped.actor, "ordered_at": stamped.at, "eta": event.eta}
            price = {"cost_minor": event.cost_minor, "currency": event.currency}
            return {"state": "ordered", **told, **by, **price}
        case RequestDispatched():
            sent = {"sent_at": stamped.at, **({"eta": event.eta} if event.eta else {})}
            return {"state": "on_the_way", **sent}
        case RequestFunded():
            reply = {"finance_note": event.note, "funded_by": stamped.actor, "funded_at": stamped.at}
            return {"state": "funded", **reply}
        case RequestDelivered():
            return {"state": "delivered", "note": event.note, "ended_at": stamped.at}
        case RequestReleased():
            return {
                "state": "released",
                "released_at": stamped.at,
                **({"note": event.note} if event.note else {}),
            }
        case RequestEnded():
            return {"state": event.state, "note": event.reason, "ended_at": stamped.at}
        case _:
            assert_never(event)
