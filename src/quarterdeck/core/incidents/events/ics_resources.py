"""Events of the resources of an ICS incident: what there is, what is ordered, who arrived, who may go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ResourceSet:
    """New, or its description changed. `person` is set where the resource is one of our people."""

    resource_id: str
    name: str
    kind: str
    type: str = ""
    category: str = "generic"
    people: int = 1
    leader: str = ""
    contact: str = ""
    home_unit: str = ""
    order_number: str = ""
    request_id: str = ""
    person: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class ResourceMoved:
    """A change of status (ICS 210). `division_id` where it is assigned to."""

    resource_id: str
    status: str
    before: str = ""
    reason: str = ""
    division_id: str = ""
    place: str = ""
    eta: datetime | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ResourceCheckedIn:
    checkin_id: str
    resource_id: str
    name: str
    arrived_at: datetime
    place: str
    leader: str = ""
    people: int = 1
    contact: str = ""
    home_unit: str = ""
    order_number: str = ""
    departure: str = ""
    travel: str = ""
    assignment: str = ""
    qualifications: str = ""


@dataclass(frozen=True, slots=True)
class ResourceRequested:
    """`position` is the role the requester asked in; `cost` is the estimate in whole units of money, `cost_minor` the
    same in minor units of `currency`.
    """

    request_id: str
    number: int
    quantity: int
    kind: str
    item: str
    type: str = ""
    priority: str = "routine"
    deliver_to: str = ""
    substitutes: str = ""
    needed_at: datetime | None = None
    division_id: str = ""
    cost: int = 0
    position: str = ""
    cost_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class RequestApproved:
    """By the section chief."""

    request_id: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class RequestOrdered:
    """By logistics."""

    request_id: str
    order_number: str
    supplier: str
    cost: int
    eta: datetime | None = None
    number: int = 0
    cost_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class RequestDispatched:
    """The supplier sent it."""

    request_id: str
    eta: datetime | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class RequestFunded:
    """Finance has replied."""

    request_id: str
    note: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class RequestDelivered:
    request_id: str
    note: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class RequestReleased:
    """What was delivered is needed no more and goes back."""

    request_id: str
    note: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class RequestEnded:
    """`state`: refused or cancelled."""

    request_id: str
    state: str
    reason: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class ResourceReleasePlanned:
    """`units` must all sign before the resource may go."""

    release_id: str
    resource_id: str
    name: str
    planned_at: datetime
    units: tuple[str, ...]
    destination: str = ""
    travel: str = ""
    reassignment: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class ResourceReleaseSigned:
    release_id: str
    unit: str
    name: str = ""
    override: str = ""


ResourceEvent = (
    ResourceSet | ResourceMoved | ResourceCheckedIn | ResourceReleasePlanned | ResourceReleaseSigned
)
RequestEvent = (
    ResourceRequested
    | RequestApproved
    | RequestOrdered
    | RequestDispatched
    | RequestFunded
    | RequestDelivered
    | RequestReleased
    | RequestEnded
)
