"""Which roles this incident needs, which are empty, whom to call, and the chart of who reports to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .bridging import BRIDGES, spoke_up_at
from .expressions import Value, evaluate
from .parts import RoleAssignment
from .state import COMMANDER, PASSIVE_ROLES, Incident
from .structure import Assembly, RoleDefinition, Template

# Span of control: 3 to 7 people report to one, 5 is best.
SPAN_LEAST, SPAN_BEST, SPAN_MOST = 3, 5, 7


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the chart: `depth` 0 is the top; `above` is the assignment it reports to, None at the top; `also` are
    further roles of the same person.
    """

    assignment: RoleAssignment
    depth: int
    above: RoleAssignment | None
    also: tuple[RoleAssignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Who reports to one supervisor; `advice` says what to do when they are too many, "" otherwise."""

    supervisor: RoleAssignment
    reports: tuple[RoleAssignment, ...]
    advice: str


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
        "severe.score": incident.response.rating.score if incident.response.rating else 0,
        "severe.escalated": incident.response.severe_at is not None,
    }
    found.update({f"impact.{dimension}": level for dimension, level in incident.dimensions.items()})
    found.update(outside or {})
    return found


def required(
    incident: Incident, template: Template, now: datetime, outside: Mapping[str, Value] | None = None
) -> tuple[RoleDefinition, ...]:
    """The roles that must be filled now."""
    facts = values(incident, template, now, outside)
    liaison = spoke_up_at(incident) is not None

    def needed(r: RoleDefinition) -> bool:
        # Whoever bridges to executives is needed as soon as they are engaged or have spoken up.
        return bool(r.required_when and evaluate(r.required_when, facts)) or (liaison and BRIDGES in r.grants)

    return tuple(r for r in template.roles if needed(r))


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
    """The tree of who reports to whom, top first: one line a person, under the supervisor of their first role (R-036,
    R-174). A person's further roles are in `also`.
    """
    lines = _lines(incident)
    above = _supervisors(incident, template, lines)
    children: dict[str, list[RoleAssignment]] = {}
    for a in lines.values():
        parent = above[a.person]
        children.setdefault(parent.id if parent else "", []).append(a)
    also: dict[str, list[RoleAssignment]] = {}
    for a in incident.open_assignments():
        if lines[a.person].id != a.id:
            also.setdefault(a.person, []).append(a)
    places: list[Place] = []
    waiting = [(a, 0) for a in reversed(children.get("", []))]
    while waiting:
        a, depth = waiting.pop()
        places.append(Place(a, depth, above[a.person], tuple(also.get(a.person, ()))))
        waiting.extend((child, depth + 1) for child in reversed(children.get(a.id, [])))
    return tuple(places)


def spans(incident: Incident, template: Template) -> tuple[Span, ...]:
    """How many people report to each supervisor, in the order of the chart; onlookers do not count (R-173)."""
    under: dict[str, list[Place]] = {}
    places = chart(incident, template)
    for p in places:
        if p.above and p.assignment.role not in PASSIVE_ROLES:
            under.setdefault(p.above.id, []).append(p)
    return tuple(
        Span(
            p.assignment,
            tuple(u.assignment for u in under[p.assignment.id]),
            _advice(under[p.assignment.id], template),
        )
        for p in places
        if p.assignment.id in under
    )


def _advice(reports: list[Place], template: Template) -> str:
    """What to do about a span that is too wide: split off the largest group of the same kind."""
    if len(reports) <= SPAN_MOST:
        return ""
    kinds: dict[str, int] = {}
    for p in reports:
        kinds[p.assignment.role] = kinds.get(p.assignment.role, 0) + 1
    role, most = max(kinds.items(), key=lambda found: found[1])
    title = next((r.title for r in template.roles if r.key == role), role.replace("_", " "))
    part = f"some of the {most} with the role {title}" if most > 2 else "some of them"
    return f"{len(reports)} people report to one; {SPAN_MOST} is the most. Open a workstream with a leader for {part}."


def _lines(incident: Incident) -> dict[str, RoleAssignment]:
    """The assignment that counts for each person: command, else the first that acts, else the first."""
    found: dict[str, RoleAssignment] = {}
    opened = incident.open_assignments()
    for a in sorted(opened, key=lambda a: (a.role != COMMANDER, a.role in PASSIVE_ROLES)):
        found.setdefault(a.person, a)
    order = {a.id: n for n, a in enumerate(opened)}
    return dict(sorted(found.items(), key=lambda item: order[item[1].id]))


def _supervisors(
    incident: Incident, template: Template, lines: dict[str, RoleAssignment]
) -> dict[str, RoleAssignment | None]:
    """The one supervisor of each person. A ring, which two people with two roles could form, ends at the commander."""
    leaders = {m: w.leader for w in incident.crew.open_workstreams() for m in w.members}
    found: dict[str, RoleAssignment | None] = {}
    for person, a in lines.items():
        wanted = leaders.get(person, a.mentor if a.role in PASSIVE_ROLES else "")
        boss = lines.get(wanted) if a.role != COMMANDER else None
        if boss is None:
            holder = _above(a, incident, template)
            boss = lines[holder.person] if holder and holder.person != person else None
        if boss is None and a.role != COMMANDER:
            boss = _top(incident, a)
        step = boss
        while step is not None and step.person != person:
            step = found.get(step.person)
        found[person] = _top(incident, a) if step is not None else boss
    return found


def _top(incident: Incident, a: RoleAssignment) -> RoleAssignment | None:
    top = incident.commander
    return top if top and top.person != a.person else None


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
