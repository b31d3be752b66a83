"""Needed roles that stand empty: since when, who does their duties, and when the commander is told (R-175)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .events import Event, GapWarned
from .expressions import evaluate
from .staffing import gaps, values
from .state import Incident
from .structure import RoleDefinition, Template

WARN_AFTER = timedelta(minutes=3)


def vacant_since(incident: Incident, role: str) -> datetime | None:
    """When the role was last left, or the phase began in which nobody has held it. Never before the declaration."""
    ends = [a.ended_at for a in incident.assignments.values() if a.role == role and a.ended_at]
    moments = [*ends, *([incident.phase_since] if incident.phase_since else [])]
    return max(moments, default=incident.declared_at)


def stands_in(incident: Incident, template: Template, role: str) -> str:
    """Who does the duties of an empty role: the holder of the nearest filled role above it, at last the commander."""
    seen = {role}
    found = template.role(role)
    while found and found.reports_to and found.reports_to not in seen:
        holder = incident.holder(found.reports_to)
        if holder:
            return holder.person
        seen.add(found.reports_to)
        found = template.role(found.reports_to)
    return incident.commander.person if incident.commander else ""


def due_events(incident: Incident, template: Template, now: datetime) -> list[Event]:
    """Vacancies that have lasted too long, each told once until somebody takes the role."""
    return [
        GapWarned(role.key, since, stands_in(incident, template, role.key))
        for role, since in _untold(incident, template, now)
        if now >= since + WARN_AFTER
    ]


def wake_at(incident: Incident, template: Template, now: datetime) -> datetime | None:
    """The next moment at which a vacancy is to be told; None when never as things stand."""
    moments = [since + WARN_AFTER for _, since in _untold(incident, template, now)]
    moments += [at for at in _later(incident, template, now)]
    return min(moments, default=None)


def _untold(
    incident: Incident, template: Template, now: datetime
) -> Iterator[tuple[RoleDefinition, datetime]]:
    """From SEV4 on no structure is asked for, so nothing is missed (light path)."""
    if not incident.is_open or incident.is_light:
        return
    for role in gaps(incident, template, now):
        since = vacant_since(incident, role.key)
        if since is not None and role.key not in incident.crew.gaps:
            yield role, since


def _later(incident: Incident, template: Template, now: datetime) -> Iterator[datetime]:
    """When a role is needed only after some time ("duration > 1h"), that hour is looked at again."""
    if not incident.is_open or incident.is_light or incident.declared_at is None:
        return
    at = incident.declared_at + timedelta(hours=1, seconds=1)
    if at <= now:
        return
    then = values(incident, template, at)
    for role in template.roles:
        untold = not incident.holder(role.key) and role.key not in incident.crew.gaps
        if untold and role.required_when and evaluate(role.required_when, then):
            yield at
            return
