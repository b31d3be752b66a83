"""Declaring an incident: which severity the matrix suggests and why, and the first events of an incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused, bad

from .clocks import starting
from .codename import chosen
from .events import AlertLinked, Declared, Event, RoleTaken
from .guards import filled, one_line
from .state import COMMANDER
from .structure import Catalog, ChecklistItem, IncidentType, RoleDefinition, Template

TITLE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`rank` is the severity, `reason` a sentence that says how it came about."""

    rank: int
    reason: str


@dataclass(frozen=True, slots=True)
class AlertRef:
    """An alert the incident grows out of."""

    alert_id: str
    summary: str = ""
    dedup_key: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is said when an incident is declared. `severity` None means: not known yet.

    `commander` is who is to command, empty: the declarer (the product itself must name somebody). `both_reason` says
    why somebody takes this one who holds another incident already (R-028).
    """

    title: str
    type: str = ""
    severity: int | None = None
    impact: str = ""
    urgency: str = ""
    scope: str = ""
    services: tuple[str, ...] = ()
    summary: str = ""
    customer_effect: str = ""
    template: str = ""
    drill: bool = False
    restricted: bool = False
    codename: str = ""
    source: str = "web"
    bridge_url: str = ""
    chat_url: str = ""
    alerts: tuple[AlertRef, ...] = ()
    commander: str = ""
    both_reason: str = ""
    drill_kind: str = ""


def suggest(catalog: Catalog, impact: str, urgency: str, scope: str = "") -> Suggestion:
    """The severity of impact × urgency; a wide scope raises the impact, never lowers it (R-013)."""
    _known(impact, catalog.impacts, "impact")
    _known(urgency, catalog.urgencies, "urgency")
    reach = next((s for s in catalog.scopes if s.key == scope), None)
    counted, raised = impact, ""
    if reach and reach.least_impact:
        order = catalog.impacts.index
        if order(reach.least_impact) > order(impact):
            counted = reach.least_impact
            raised = f" counts as {counted}, because the scope is {reach.title.lower()},"
    rank = catalog.matrix[(counted, urgency)]
    return Suggestion(
        rank, f"Impact {impact}{raised} with urgency {urgency} is {_label(catalog, rank)} in the matrix."
    )


def severity(catalog: Catalog, said: Declaration) -> Suggestion:
    """The rank an incident is declared with. Unknown: one above the matrix, or the configured default."""
    if said.severity is not None:
        if said.severity not in {s.rank for s in catalog.severities}:
            raise _unfit("severity", str(said.severity), tuple(str(s.rank) for s in catalog.severities))
        return Suggestion(said.severity, f"Set to {_label(catalog, said.severity)} when declared.")
    if said.impact and said.urgency:
        found = suggest(catalog, said.impact, said.urgency, said.scope)
        rank = max(found.rank - 1, min(s.rank for s in catalog.severities))
        return Suggestion(
            rank,
            f"{found.reason} Until it is set, the incident is treated as {_label(catalog, rank)}, "
            "one rank higher.",
        )
    rank = catalog.matrix.get(catalog.unknown, 2)
    return Suggestion(rank, f"Until it is set, the incident is treated as {_label(catalog, rank)}.")


def template_for(catalog: Catalog, said: Declaration) -> Template:
    """The structure an incident starts with: the one asked for, else its type's, else the general one.

    A role that a type names as its default (R-001) is required in incidents of that type, whatever its card says
    besides; the types that an incident may change to are all in it, since the structure is pinned.
    """
    kind = catalog.type(said.type) if said.type else None
    if said.type and kind is None:
        raise _unfit("type", said.type, tuple(t.key for t in catalog.types))
    key = said.template or (kind.template if kind else catalog.default_template.key)
    found = catalog.template(key)
    if found is None:
        raise _unfit("template", key, tuple(t.key for t in catalog.templates))
    roles = tuple(_required_by_types(role, catalog.types) for role in found.roles)
    return with_procedure(replace(found, roles=roles, severities=catalog.severities), kind)


def with_procedure(template: Template, kind: IncidentType | None) -> Template:
    """The structure with the type's procedure behind the commander's checklist; what stands there stays in its place,
    so that looking again after a change of type only ever adds (R-002).
    """
    lead = template.role(COMMANDER)
    if kind is None or lead is None or not kind.procedure:
        return template
    phase = template.phases[1] if len(template.phases) > 1 else template.phases[0]
    before = lead.checklist.get(phase, ())
    known = {item.text for item in before}
    added = tuple(ChecklistItem(text) for text in kind.procedure if text not in known)
    if not added:
        return template
    grown = replace(lead, checklist={**lead.checklist, phase: (*before, *added)})
    return replace(template, roles=tuple(grown if r is lead else r for r in template.roles))


def _required_by_types(role: RoleDefinition, types: Sequence[IncidentType]) -> RoleDefinition:
    named = [f"type == {t.key}" for t in types if role.key in t.roles]
    if not named or role.required_when == "always":
        return role
    before = [role.required_when] if role.required_when else []
    return replace(role, required_when=" or ".join([*before, *named]))


def declare(
    catalog: Catalog,
    said: Declaration,
    by: Who,
    *,
    number: int,
    assignment_id: str,
    at: datetime,
    elsewhere: str = "",
    codenames: Sequence[str] = (),
) -> list[Event]:
    """The first events of an incident: declared, its alerts, its commander, its update clocks.

    Refused without the permission, without a title, and when the product declares without naming a commander.
    `elsewhere` is the other incident that the commander-to-be holds: refused (`command.elsewhere`) unless somebody else
    is named, or the reason is. `codenames` are those of the other restricted incidents that have not ended.
    """
    require(by, "incident.declare")
    title = one_line(filled(said.title, "title", "Say in one line what is wrong."), "title", TITLE_LIMIT)
    template = template_for(catalog, said)
    kind = catalog.type(said.type)
    rank = severity(catalog, said)
    commander = said.commander or ("" if by.is_machine else by.person)
    commander = filled(commander, "commander", "Nobody would command this incident. Name a commander.")
    if elsewhere and not said.both_reason.strip():
        raise _commands_elsewhere(elsewhere, commander == by.person)
    role = template.role(COMMANDER)
    restricted = said.restricted or bool(kind and kind.restricted)
    return [
        Declared(
            number=number,
            title=title,
            type=said.type,
            severity=rank.rank,
            # What a rule was given beforehand nobody has judged in this incident: it is still to be triaged.
            unknown_severity=said.severity is None or by.is_rule,
            impact=said.impact,
            urgency=said.urgency,
            scope=said.scope,
            template=template.key,
            template_version=template.version,
            services=said.services,
            summary=said.summary,
            customer_effect=said.customer_effect,
            declarer=by.person,
            drill=said.drill,
            restricted=restricted,
            source=said.source,
            bridge_url=said.bridge_url,
            chat_url=said.chat_url,
            alerts=tuple(a.alert_id for a in said.alerts),
            phase=template.phases[0],
            severity_reason=rank.reason,
            drill_kind=said.drill_kind if said.drill else "",
            codename=chosen(number, said.codename, codenames, title) if restricted else "",
        ),
        RoleTaken(
            assignment_id=assignment_id,
            role=COMMANDER,
            person=commander,
            assigned_by=by.person,
            exclusive=role.exclusive if role else True,
            reports_to=(role.reports_to or "") if role else "",
            reason=said.both_reason.strip() if elsewhere else "",
        ),
        *(AlertLinked(a.alert_id, a.summary, a.dedup_key) for a in said.alerts),
        *starting(template, rank.rank, at),
    ]


def _commands_elsewhere(other: str, own: bool) -> Refused:
    who = f"You hold {other} already" if own else f"They hold {other} already"
    text = f"{who}, and one person commands one incident. Name somebody else as commander, or say why they take both."
    return Refused(
        "command.elsewhere",
        text,
        kind="conflict",
        fields={"commander": "Name somebody else.", "both_reason": "Or say why."},
        details={"incident": other},
    )


def _label(catalog: Catalog, rank: int) -> str:
    return next((s.label for s in catalog.severities if s.rank == rank), f"severity {rank}")


def _known(value: str, values: tuple[str, ...], field: str) -> None:
    if value not in values:
        raise _unfit(field, value, values)


def _unfit(field: str, value: str, values: tuple[str, ...]) -> Exception:
    message = f"There is no {field} {value!r}. Choose one of: {', '.join(values)}."
    return bad(f"{field}.unknown", message, **{field: message})
