"""Resources (ICS 210, 211, 219): what there is and where it stands. Every change of status is checked (R-165)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from ..authority import act, may
from ..events import Event
from ..events.ics_resources import ResourceCheckedIn, ResourceMoved, ResourceSet
from ..guards import filled, known, not_ended, not_later, one_line, unfit
from ..state import Incident
from ..structure import Template
from . import rights
from .parts import Ics
from .resource_parts import Resource

STATUSES = ("requested", "ordered", "en_route", "available", "assigned", "out_of_service", "released")
# From a status to those that may follow. A released resource comes back by a new order only.
NEXT: Mapping[str, tuple[str, ...]] = {
    "requested": ("ordered", "released"),
    "ordered": ("en_route", "available", "released"),
    "en_route": ("available", "released"),
    "available": ("assigned", "out_of_service", "released"),
    "assigned": ("available", "out_of_service"),
    "out_of_service": ("available", "released"),
    "released": (),
}
REASONS = ("mechanical", "personnel", "rest")
CATEGORIES = (
    "crew", "engine", "helicopter", "personnel", "fixed_wing", "equipment", "miscellaneous", "generic"
)  # fmt: skip
PRESENT = ("available", "assigned", "out_of_service")


def set_resource(
    incident: Incident, template: Template, by: Who, *, resource: ResourceSet, status: str = ""
) -> list[Event]:
    """A new resource in its first `status` (requested unless given), or another description of a known one."""
    not_ended(incident)
    rights.resources(incident, template, by)
    one_line(filled(resource.name, "name", "Name the resource."), "name", 120)
    filled(resource.kind, "kind", "Say what kind of resource it is.")
    if resource.category not in CATEGORIES:
        raise unfit("category.unknown", "category", f"Choose one of: {', '.join(CATEGORIES)}.")
    if not 0 <= resource.people <= 10_000:
        raise unfit("people.range", "people", "Give the number of people, 0 to 10000.")
    before = incident.ics.resources.get(resource.resource_id)
    if before is not None:
        same = all(
            getattr(before, f.name) == getattr(resource, f.name)
            for f in fields(resource)
            if f.name != "resource_id"
        )
        return [] if same else [resource]
    if status and status not in STATUSES[:-1]:
        raise unfit("status.unknown", "status", f"Choose one of: {', '.join(STATUSES[:-1])}.")
    first = ResourceMoved(resource.resource_id, status or "requested", name=resource.name)
    return [resource, first]


def move_resource(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    resource_id: str,
    status: str,
    reason: str = "",
    division_id: str = "",
    place: str = "",
    eta: datetime | None = None,
) -> list[Event]:
    """A change of status. Out of service takes a reason, assigned a division; release goes over ICS 221."""
    found = _may_move(incident, template, by, resource_id)
    if (found.status, found.division_id) == (status, division_id):
        return []
    if status == "released" and found.status in PRESENT:
        raise Refused(
            "resource.release",
            f"{found.name} is here. Plan its release (ICS 221), so that everybody signs.",
        )
    _must_follow(found, status)
    if status == "out_of_service" and reason not in REASONS:
        raise unfit("reason.unknown", "reason", f"Say why: {', '.join(REASONS)}.")
    at = ""
    if status == "assigned":
        stream = known(incident.ics.divisions.get(division_id), "division.unknown", "division")
        if not stream.is_open:
            raise Refused("division.closed", f"{stream.name} is closed. Choose another division.")
        at = stream.id
    return [ResourceMoved(found.id, status, found.status, reason, at, place.strip(), eta, found.name)]


def _must_follow(found: Resource, status: str) -> None:
    if status not in STATUSES:
        raise unfit("status.unknown", "status", f"Choose one of: {', '.join(STATUSES)}.")
    if status in NEXT[found.status] or status == found.status == "assigned":
        return
    can = ", ".join(NEXT[found.status]).replace("_", " ") or "nothing: order it again"
    raise Refused(
        "resource.transition",
        f"{found.name} is {found.status.replace('_', ' ')}. What may follow: {can}.",
    )


def check_in(
    incident: Incident, template: Template, by: Who, *, arrival: ResourceCheckedIn, at: datetime
) -> list[Event]:
    """The resource arrived (ICS 211). It is available from then on."""
    found = _may_move(incident, template, by, arrival.resource_id)
    filled(arrival.place, "place", "Say where it checked in: a place, or remote.")
    not_later(arrival.arrived_at, at, "arrived_at")
    if any(c.resource_id == found.id for c in incident.ics.checkins.values()):
        raise Refused("resource.checked_in", f"{found.name} has checked in already.")
    if found.status in ("released", "out_of_service"):
        raise Refused(
            "resource.transition", f"{found.name} is {found.status.replace('_', ' ')}. Order it again."
        )
    events: list[Event] = [arrival]
    if found.status not in PRESENT:
        moved = ResourceMoved(found.id, "available", found.status, "", "", arrival.place, None, found.name)
        events.append(moved)
    return events


def totals(ics: Ics) -> dict[str, dict[str, int]]:
    """Kind -> status -> how many (R-165). The sums stand in ICS 215 and 209."""
    found: dict[str, Counter[str]] = {}
    for r in ics.resources.values():
        found.setdefault(r.kind, Counter())[r.status] += 1
    return {kind: dict(count) for kind, count in sorted(found.items())}


def _may_move(incident: Incident, template: Template, by: Who, resource_id: str) -> Resource:
    """Whoever manages resources, and a person about themselves."""
    not_ended(incident)
    found = known(incident.ics.resources.get(resource_id), "resource.unknown", "resource")
    if found.person and found.person == by.person:
        return found
    if not may(incident, template, by, *rights.RESOURCES):
        leads = incident.ics.divisions.get(found.division_id)
        if leads is not None and leads.leader == by.person:
            act(incident, by)
            return found
    rights.resources(incident, template, by)
    return found
