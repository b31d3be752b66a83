"""Needed roles that stand empty: since when, who does their duties, and when the commander is told (R-175)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .bridging import LiaisonGap, bridges, engaged_at, holders, spoke_up_at
from .events import Event, GapPassedOn, GapWarned
from .expressions import evaluate
from .staffing import gaps, values
from .state import Incident
from .structure import RoleDefinition, Template

WARN_AFTER = timedelta(minutes=3)


def vacant_since(incident: Incident, role: str) -> datetime | None:
    """When the role was last left, or the phase began in which nobody has held it. Never before the declaration."""
    moments = [m for m in (_left_at(incident, role), incident.phase_since) if m]
    return max(moments, default=incident.declared_at)


def empty_since(
    incident: Incident, template: Template, role: RoleDefinition, now: datetime
) -> datetime | None:
    """Since when a needed role stands empty; None where it is not needed. Whoever bridges to executives is needed in a
    light incident too, once one of them has spoken up, and at the earliest since then.
    """
    asked = bool(role.required_when) and evaluate(role.required_when, values(incident, template, now))
    if not bridges(role):
        return None if incident.is_light else vacant_since(incident, role.key)
    by_structure = asked and not incident.is_light
    since = engaged_at(incident) if by_structure else spoke_up_at(incident)
    if since is None:
        return vacant_since(incident, role.key) if by_structure else None
    return max(_left_at(incident, role.key) or since, since)


def _left_at(incident: Incident, role: str) -> datetime | None:
    return max(
        (a.ended_at for a in incident.assignments.values() if a.role == role and a.ended_at), default=None
    )


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
    found = gap_to_executives(incident, template, now)
    passed = [] if found is None or now < passes_on_at(found) or not _to_pass_on(found) else [found]
    return [
        *(
            GapWarned(role.key, since, stands_in(incident, template, role.key))
            for role, since in _untold(incident, template, now)
            if now >= since + WARN_AFTER
        ),
        *(GapPassedOn(g.role.key, g.since, stands_in(incident, template, "")) for g in passed),
    ]


def gap_to_executives(incident: Incident, template: Template, now: datetime) -> LiaisonGap | None:
    """Nobody bridges to executives though somebody must; None while somebody does, or need not (R-148)."""
    if not incident.is_open:
        return None
    role = next((r for r in gaps(incident, template, now) if bridges(r)), None)
    since = empty_since(incident, template, role, now) if role else None
    if role is None or since is None:
        return None
    crew = incident.crew
    warned, passed = role.key in crew.gaps, role.key in crew.passed_gaps
    return LiaisonGap(role, since, warned, passed, holders(incident, template))


def passes_on_at(found: LiaisonGap) -> datetime:
    """When the commander is asked, after the deputy."""
    return found.since + 2 * WARN_AFTER


def _to_pass_on(found: LiaisonGap) -> bool:
    return found.warned and not found.passed_on


def wake_at(incident: Incident, template: Template, now: datetime) -> datetime | None:
    """The next moment at which a vacancy is to be told; None when never as things stand."""
    moments = [since + WARN_AFTER for _, since in _untold(incident, template, now)]
    moments += _later(incident, template, now)
    found = gap_to_executives(incident, template, now)
    moments += [passes_on_at(found)] if found and _to_pass_on(found) else []
    return min(moments, default=None)


def _untold(
    incident: Incident, template: Template, now: datetime
) -> Iterator[tuple[RoleDefinition, datetime]]:
    """From SEV4 on no structure is asked for, so nothing is missed (light path)."""
    if not incident.is_open:
        return
    for role in gaps(incident, template, now):
        since = empty_since(incident, template, role, now)
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
