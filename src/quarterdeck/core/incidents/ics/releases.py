"""Demobilisation (ICS 221): a resource goes when every unit has signed, and not with open tasks (R-178)."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from ..events import Event
from ..events.ics_resources import ResourceMoved, ResourceReleasePlanned, ResourceReleaseSigned
from ..guards import known, not_ended, unfit
from ..state import Incident
from ..structure import Template
from . import rights
from .resource_parts import Release, Resource
from .resources import PRESENT

# Unit -> what its signature says, and the position that signs for it.
UNITS: dict[str, tuple[str, str]] = {
    "tasks": ("Tasks closed or handed over", rights.OPERATIONS),
    "notes": ("Notes and logs delivered", rights.PLANNING),
    "equipment": ("Equipment returned, access revoked", rights.LOGISTICS),
    "costs": ("Time and cost recorded", rights.FINANCE),
}


def plan_release(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    release_id: str,
    resource_id: str,
    planned_at: datetime,
    units: tuple[str, ...] = tuple(UNITS),
    destination: str = "",
    travel: str = "",
    reassignment: str = "",
    remarks: str = "",
) -> list[Event]:
    """Start the check-out of a resource. [] when its check-out is under way."""
    not_ended(incident)
    rights.resources(incident, template, by)
    found = known(incident.ics.resources.get(resource_id), "resource.unknown", "resource")
    if any(r.resource_id == found.id and r.done_at is None for r in incident.ics.releases.values()):
        return []
    if found.status not in PRESENT:
        raise Refused(
            "resource.not_here",
            f"{found.name} is {found.status.replace('_', ' ')}. Only what is here checks out.",
        )
    unknown = [u for u in units if u not in UNITS]
    if unknown or not units:
        raise unfit("units.unknown", "units", f"Choose among: {', '.join(UNITS)}.")
    made = ResourceReleasePlanned(
        release_id, found.id, found.name, planned_at, tuple(dict.fromkeys(units)), destination.strip(),
        travel.strip(), reassignment.strip(), remarks.strip(),
    )  # fmt: skip
    return [made]


def sign_release(
    incident: Incident, template: Template, by: Who, *, release_id: str, unit: str, override: str = ""
) -> list[Event]:
    """One unit signs; with the last signature the resource is released.

    "tasks" is refused while the person or the leader has open tasks, unless `override` says why it may go.
    """
    not_ended(incident)
    release = known(incident.ics.releases.get(release_id), "release.unknown", "release")
    if unit not in release.units:
        raise unfit("unit.unknown", "unit", f"This check-out asks for: {', '.join(release.units)}.")
    if unit in release.signed:
        return []
    rights.position(incident, template, by, UNITS[unit][1])
    resource = incident.ics.resources[release.resource_id]
    override = override.strip()
    if unit == "tasks" and not override:
        _no_open_tasks(incident, resource)
    events: list[Event] = [ResourceReleaseSigned(release.id, unit, release.name, override)]
    if _is_last(release, unit):
        events.append(ResourceMoved(resource.id, "released", resource.status, name=resource.name))
    return events


def _is_last(release: Release, unit: str) -> bool:
    return set(release.waiting_for) == {unit}


def _no_open_tasks(incident: Incident, resource: Resource) -> None:
    who = {resource.person, resource.leader} - {""}
    open_tasks = [t.title for t in incident.tasks.values() if t.is_open and t.assignee in who]
    if open_tasks:
        raise Refused(
            "release.open_tasks",
            f"{resource.name} still has: {'; '.join(open_tasks[:3])}. "
            "Have them finished or passed on, or give a reason.",
        )
