"""Resources of an incident: recorded, moved, checked in, requested, ordered, released."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.casebook import Case
from quarterdeck.app.incidents import spending_up
from quarterdeck.app.paging.directory import must_be_active
from quarterdeck.core.incidents import Event, Incident, Template
from quarterdeck.core.incidents.events.ics_resources import ResourceCheckedIn, ResourceRequested, ResourceSet
from quarterdeck.core.incidents.ics import releases, requests, resources
from quarterdeck.core.kernel import money
from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store.ids import new_id


def set_resource(
    act: Act,
    incident_id: str,
    name: str,
    kind: str,
    *,
    resource_id: str = "",
    status: str = "",
    category: str = "generic",
    people: int = 1,
    leader: str = "",
    person: str = "",
    **said: str,
) -> Case:
    """`said`: type, contact, home_unit, order_number, notes."""
    for one, field in ((leader, "leader"), (person, "person")):
        if one:
            must_be_active(one, field)
    tame = {key: line(text, 300) for key, text in said.items()}
    made = ResourceSet(
        resource_id or new_id(), line(name, 121), line(kind, 100), category=category, people=people, leader=leader,
        person=person, **tame,
    )  # fmt: skip
    return casebook.change(
        act, incident_id, lambda i, t: resources.set_resource(i, t, act.who, resource=made, status=status)
    )


def move_resource(
    act: Act,
    incident_id: str,
    resource_id: str,
    status: str,
    *,
    reason: str = "",
    division_id: str = "",
    place: str = "",
    eta: datetime | None = None,
) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: resources.move_resource(
            i, t, act.who, resource_id=resource_id, status=status, reason=line(reason, 100),
            division_id=division_id, place=line(place, 200), eta=eta,
        ),
    )  # fmt: skip


def check_in(
    act: Act,
    incident_id: str,
    resource_id: str,
    place: str,
    *,
    arrived_at: datetime | None = None,
    leader: str = "",
    people: int = 0,
    **said: str,
) -> Case:
    """`said`: contact, home_unit, order_number, departure, travel, assignment, qualifications."""
    found = casebook.load(incident_id, act.who).incident.ics.resources.get(resource_id)
    if found is None:
        raise missing("resource.unknown", "There is no such resource in this incident. Reload the page.")
    tame = {key: line(text, 300) for key, text in said.items()}
    known = {"contact": found.contact, "home_unit": found.home_unit, "order_number": found.order_number}
    tame = {**{k: v for k, v in known.items() if not tame.get(k)}, **{k: v for k, v in tame.items() if v}}
    made = ResourceCheckedIn(
        new_id(), resource_id, found.name, arrived_at or act.at, line(place, 200), leader or found.leader,
        people or found.people, **tame,
    )  # fmt: skip
    return casebook.change(
        act, incident_id, lambda i, t: resources.check_in(i, t, act.who, arrival=made, at=act.at)
    )


def request(
    act: Act,
    incident_id: str,
    quantity: int,
    kind: str,
    item: str,
    *,
    priority: str = "routine",
    needed_at: datetime | None = None,
    division_id: str = "",
    cost: int = 0,
    cost_minor: int = 0,
    currency: str = "",
    **said: str,
) -> Case:
    """`said`: type, deliver_to, substitutes. `cost_minor` of `currency` says the estimate exactly."""
    if cost_minor:
        cost = money.units(cost_minor, currency)
    tame = {key: line(text, 300) for key, text in said.items()}
    made_id = new_id()

    def decide(i: Incident, t: Template) -> list[Event]:
        roles = i.roles_of(act.person)
        made = ResourceRequested(
            made_id, requests.next_number(i.ics), quantity, line(kind, 100), line(item, 501), priority=priority,
            needed_at=needed_at, division_id=division_id, cost=cost, position=roles[0] if roles else "",
            cost_minor=cost_minor, currency=currency, **tame,
        )  # fmt: skip
        return requests.request_resource(i, t, act.who, request=made)

    return casebook.change(act, incident_id, decide)


def approve_request(act: Act, incident_id: str, request_id: str) -> Case:
    """Above the limit of whoever approves it goes up: to whoever lent it, or to finance or the executive on duty."""

    def decide(i: Incident, t: Template) -> Sequence[Event]:
        above = spending_up.above_goes_to(act, i, t)
        return requests.approve_request(
            i, t, act.who, request_id=request_id, now=act.at, above_to=above[0] if above else "", backup=above
        )

    return casebook.change(act, incident_id, decide)


def order_request(
    act: Act,
    incident_id: str,
    request_id: str,
    order_number: str,
    supplier: str,
    *,
    cost: int = 0,
    eta: datetime | None = None,
    cost_minor: int = 0,
    currency: str = "",
) -> Case:
    if cost_minor:
        cost = money.units(cost_minor, currency)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: requests.order_request(
            i, t, act.who, request_id=request_id, order_number=line(order_number, 61), supplier=line(supplier, 201),
            cost=cost, eta=eta, resource_id=new_id(), cost_minor=cost_minor, currency=currency, now=act.at,
        ),
    )  # fmt: skip


def fund_request(act: Act, incident_id: str, request_id: str, note: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: requests.fund_request(i, t, act.who, request_id=request_id, note=line(note, 500)),
    )


def deliver_request(act: Act, incident_id: str, request_id: str, note: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: requests.deliver_request(i, t, act.who, request_id=request_id, note=line(note, 500)),
    )


def dispatch_request(act: Act, incident_id: str, request_id: str, eta: datetime | None = None) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: requests.dispatch_request(i, t, act.who, request_id=request_id, eta=eta),
    )


def release_request(act: Act, incident_id: str, request_id: str, note: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: requests.release_request(i, t, act.who, request_id=request_id, note=line(note, 500)),
    )


def end_request(act: Act, incident_id: str, request_id: str, state: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: requests.end_request(
            i, t, act.who, request_id=request_id, state=state, reason=line(reason, 300)
        ),
    )


def plan_release(
    act: Act,
    incident_id: str,
    resource_id: str,
    planned_at: datetime | None = None,
    *,
    units: tuple[str, ...] = (),
    **said: str,
) -> Case:
    """`said`: destination, travel, reassignment, remarks."""
    tame = {key: line(text, 300) for key, text in said.items()}
    return casebook.change(
        act,
        incident_id,
        lambda i, t: releases.plan_release(
            i, t, act.who, release_id=new_id(), resource_id=resource_id, planned_at=planned_at or act.at,
            units=units or tuple(releases.UNITS), **tame,
        ),
    )  # fmt: skip


def sign_release(act: Act, incident_id: str, release_id: str, unit: str, override: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: releases.sign_release(
            i, t, act.who, release_id=release_id, unit=unit, override=line(override, 300)
        ),
    )
