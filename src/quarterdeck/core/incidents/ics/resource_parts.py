"""People, tools and supplies as they stand now: what is there, who checked in, what was ordered, what is let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Resource:
    """A person, team, vehicle, tool or supplier (ICS 219). `status` as in `ics.resources.STATUSES`."""

    id: str
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
    status: str = "requested"
    status_reason: str = ""
    status_at: datetime | None = None
    status_by: str = ""
    status_before: str = ""
    division_id: str = ""
    place: str = ""
    eta: datetime | None = None
    ordered_at: datetime | None = None
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResourceCheckIn:
    """An arrival (ICS 211)."""

    id: str
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
    recorded_by: str = ""


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """An order for something (ICS 213RR). `state`: requested, approved, ordered, funded, on_the_way, delivered,
    released, refused, cancelled.

    `cost` counts whole units of the organisation's money; `cost_minor` says the same in minor units of `currency`,
    where that is known.
    """

    id: str
    number: int
    quantity: int
    kind: str
    item: str
    requested_by: str
    requested_at: datetime
    type: str = ""
    priority: str = "routine"
    deliver_to: str = ""
    substitutes: str = ""
    needed_at: datetime | None = None
    division_id: str = ""
    cost: int = 0
    state: str = "requested"
    position: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    order_number: str = ""
    supplier: str = ""
    eta: datetime | None = None
    ordered_by: str = ""
    ordered_at: datetime | None = None
    finance_note: str = ""
    funded_by: str = ""
    funded_at: datetime | None = None
    note: str = ""
    ended_at: datetime | None = None
    cost_minor: int = 0
    currency: str = ""
    sent_at: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """The dismissal of a resource (ICS 221). `signed` maps a unit to "person@time"; all of `units` must be there."""

    id: str
    resource_id: str
    name: str
    planned_at: datetime
    units: tuple[str, ...]
    destination: str = ""
    travel: str = ""
    reassignment: str = ""
    remarks: str = ""
    planned_by: str = ""
    signed: Mapping[str, str] = field(default_factory=dict)
    done_at: datetime | None = None

    @property
    def waiting_for(self) -> tuple[str, ...]:
        return tuple(u for u in self.units if u not in self.signed)
