"""Which roles this incident needs, which are empty, whom to call, and the chart of who reports to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .expressions import Value, evaluate
from .parts import RoleAssignment
from .state import Incident
from .structure import Assembly, RoleDefinition, Template


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the chart: `depth` 0 is the top; `above` is the assignment it reports to, None at the top."""

    assignment: RoleAssignment
    depth: int
    above: RoleAssignment | None


def values(
    incident: Incident, template: Template, now: datetime, outside: Mapping[str, Value] | None = None
) -> dict[str, Value]:
    """What expressions may ask about this incident. `outside` adds or replaces what it cannot know itself
    (teams.count, page.affected)."""
    public = {a.key for a in template.audiences if a.public}
    heard = {c.audience for c in incident.running_clocks()} | {m.audience for m in incident.messages.values()}
    found: dict[str, Value] = {
        "severity": incident.severity,
        "severity.unknown": incident.severity_unknown,
        "type": incident.type,
        "phase": incident.phase,
        "scope": incident.scope,
        "source": incident.source,
        "drill": incident.drill,
        "restricted": incident.restricted,
        "duration": _duration(incident, now),
        "audience.count": len(public & heard),
        "services.count": len(incident.services),
        "alerts.count": len(incident.alerts),
        "responders.count": len({a.person for a in incident.open_assignments()}),
        "tasks.open": sum(t.is_open for t in incident.tasks.values()),
        "customers.affected": _customers_affected(incident),
        "page.affected": any(m.components for m in incident.messages.values()),
        "teams.count": 0,
    }
    found.update({f"impact.{dimension}": level for dimension, level in incident.dimensions.items()})
    found.update(outside or {})
    return found


def required(
    incident: Incident, template: Template, now: datetime, outside: Mapping[str, Value] | None = None
) -> tuple[RoleDefinition, ...]:
    """The roles that must be filled now."""
    facts = values(incident, template, now, outside)
    return tuple(r for r in template.roles if r.required_when and evaluate(r.required_when, facts))


def gaps(
    incident: Incident, template: Template, now: datetime, outside: Mapping[str, Value] | None = None
) -> tuple[RoleDefinition, ...]:
    """The required roles that nobody holds."""
    return tuple(r for r in required(incident, template, now, outside) if not incident.holder(r.key))


def to_call(
    incident: Incident, template: Template, now: datetime, outside: Mapping[str, Value] | None = None
) -> tuple[Assembly, ...]:
    """Assembly rules that hold now and whose role is empty and was not called that way before (R-014).

    Looking again after a change of type or severity only ever adds (R-002).
    """
    facts = values(incident, template, now, outside)
    called = {(c.role, c.how) for c in incident.callouts.values()}
    return tuple(
        rule
        for rule in template.assembly
        if evaluate(rule.when, facts)
        and (rule.role, rule.how) not in called
        and not incident.holder(rule.role)
    )


def chart(incident: Incident, template: Template) -> tuple[Place, ...]:
    """The tree of open assignments, top first, each under the nearest filled role it reports to (R-036)."""
    opened = incident.open_assignments()
    children: dict[str, list[RoleAssignment]] = {}
    above = {a.id: _above(a, incident, template) for a in opened}
    for a in opened:
        parent = above[a.id]
        children.setdefault(parent.id if parent else "", []).append(a)
    places: list[Place] = []
    waiting = [(a, 0) for a in reversed(children.get("", []))]
    while waiting:
        a, depth = waiting.pop()
        places.append(Place(a, depth, above[a.id]))
        waiting.extend((child, depth + 1) for child in reversed(children.get(a.id, [])))
    return tuple(places)


def _above(a: RoleAssignment, incident: Incident, template: Template) -> RoleAssignment | None:
    """The holder of the nearest filled role upwards; the commander where the line ends nowhere."""
    seen = {a.role}
    role = a.reports_to
    while role and role not in seen:
        holder = incident.holder(role)
        if holder and holder.id != a.id:
            return holder
        seen.add(role)
        definition = template.role(role)
        role = (definition.reports_to if definition else None) or ""
    top = incident.commander
    return top if top and top.id != a.id else None


def _duration(incident: Incident, now: datetime) -> timedelta:
    if incident.declared_at is None:
        return timedelta()
    return max((incident.resolved_at or now) - incident.declared_at, timedelta())


def _customers_affected(incident: Incident) -> bool:
    if incident.customers_affected.strip() not in ("", "0"):
        return True
    return bool(incident.customer_effect) or incident.dimensions.get("customers", "none") != "none"
