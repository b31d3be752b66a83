"""What the REST interface tells of the Incident Command System: one shape a part, as the incident holds it."""

from __future__ import annotations

from .fields import Moment, Read


class Period(Read):
    """`state`: prepared, running, ended."""

    id: str
    number: int
    starts_at: Moment
    ends_at: Moment
    state: str
    started_at: Moment | None
    ended_at: Moment | None


class Meeting(Read):
    """`state`: planned, held, missed, cancelled."""

    id: str
    period_id: str
    kind: str
    title: str
    purpose: str
    starts_at: Moment
    minutes: int
    attendees: str
    place: str
    forms: list[str]
    state: str
    facilitator: str
    notes: str


class Objective(Read):
    """`state`: open, met, dropped."""

    id: str
    period_id: str
    priority: int
    text: str
    measure: str
    state: str
    note: str
    carried_from: str


class Hazard(Read):
    """`safety_by` and `operations_by` are the two signatures, as ids of people."""

    id: str
    area: str
    hazard: str
    risk: str
    mitigation: str
    residual: str
    safety_by: str
    operations_by: str
    cleared_at: Moment | None


class Division(Read):
    """`leader` and `members` are ids of people, `branch` the id of a division."""

    id: str
    kind: str
    name: str
    branch: str
    leader: str
    members: list[str]
    channel: str
    place: str
    assignment: str
    special: str
    closed_at: Moment | None


class Channel(Read):
    id: str
    function: str
    name: str
    zone: str
    number: str
    assignment: str
    link: str
    receive: str
    receive_tone: str
    transmit: str
    transmit_tone: str
    mode: str
    remarks: str


class Resource(Read):
    """`status`: requested, ordered, en_route, available, assigned, out_of_service, released."""

    id: str
    name: str
    kind: str
    type: str
    category: str
    people: int
    leader: str
    contact: str
    home_unit: str
    order_number: str
    request_id: str
    person: str
    notes: str
    status: str
    status_reason: str
    status_at: Moment | None
    division_id: str
    place: str
    eta: Moment | None
    arrived_at: Moment | None


class ResourceCheckIn(Read):
    id: str
    resource_id: str
    name: str
    arrived_at: Moment
    place: str
    people: int
    contact: str
    home_unit: str
    order_number: str
    travel: str
    assignment: str


class ResourceRequest(Read):
    """`state`: requested, approved, ordered, funded, delivered, refused, cancelled."""

    id: str
    number: int
    quantity: int
    kind: str
    type: str
    item: str
    priority: str
    deliver_to: str
    substitutes: str
    needed_at: Moment | None
    division_id: str
    cost: int
    state: str
    requested_by: str
    approved_by: str
    order_number: str
    supplier: str
    eta: Moment | None
    ordered_by: str
    finance_note: str
    funded_by: str
    note: str


class Release(Read):
    """`signed` maps a unit to the person and the moment; `done_at` when all of `units` have signed."""

    id: str
    resource_id: str
    name: str
    planned_at: Moment
    units: list[str]
    destination: str
    travel: str
    reassignment: str
    remarks: str
    signed: dict[str, str]
    done_at: Moment | None


class Picture(Read):
    """Everything the Incident Command System knows of an incident; `totals` counts kind by status."""

    periods: list[Period]
    objectives: list[Objective]
    meetings: list[Meeting]
    hazards: list[Hazard]
    divisions: list[Division]
    channels: list[Channel]
    resources: list[Resource]
    check_ins: list[ResourceCheckIn]
    requests: list[ResourceRequest]
    releases: list[Release]
    totals: dict[str, dict[str, int]]
