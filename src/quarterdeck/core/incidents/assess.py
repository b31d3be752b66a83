"""What is known about an incident: title, severity, type, impact, facts, links. Each change says why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import bad

from .authority import authorise
from .clocks import retimed
from .declare import TITLE_LIMIT
from .events import Event, FactsSet, ImpactSet, LinksSet, SeveritySet, TitleSet, TypeSet
from .guards import filled, not_ended, one_line
from .state import Incident
from .structure import DIMENSIONS, LEVELS, Catalog, Template


def set_title(incident: Incident, template: Template, by: Who, *, title: str) -> list[Event]:
    not_ended(incident)
    authorise(incident, template, by, "incident.phase")
    title = one_line(filled(title, "title", "Say in one line what is wrong."), "title", TITLE_LIMIT)
    return [] if title == incident.title else [TitleSet(title, incident.title)]


def set_severity(
    incident: Incident,
    template: Template,
    catalog: Catalog,
    by: Who,
    *,
    severity: int,
    at: datetime,
    impact: str = "",
    urgency: str = "",
    scope: str = "",
    reason: str = "",
) -> list[Event]:
    """Sets the rank and moves the update clocks with it. Lowering it needs a reason (R-185)."""
    not_ended(incident)
    authorise(incident, template, by, "severity.set")
    if severity not in {s.rank for s in catalog.severities}:
        ranks = ", ".join(str(s.rank) for s in catalog.severities)
        raise bad("severity.unknown", f"There is no severity {severity}. Choose one of: {ranks}.")
    assessment = (impact or incident.impact, urgency or incident.urgency, scope or incident.scope)
    same = severity == incident.severity and not incident.severity_unknown
    if same and assessment == (incident.impact, incident.urgency, incident.scope):
        return []
    lowered = severity > incident.severity and not incident.severity_unknown
    if lowered and not reason.strip():
        message = "Lowering the severity sends people away. Say why."
        raise bad("reason.missing", message, reason=message)
    changed: list[Event] = [
        SeveritySet(incident.severity, severity, *assessment, reason=reason.strip()),
    ]
    return changed + (retimed(incident, template, severity, at) if incident.is_open else [])


def set_type(
    incident: Incident, template: Template, catalog: Catalog, by: Who, *, type: str, reason: str = ""
) -> list[Event]:
    """Sets the kind of harm. The structure stays the one pinned at declaration; calls are looked at again."""
    not_ended(incident)
    authorise(incident, template, by, "incident.type", "severity.set")
    if catalog.type(type) is None:
        keys = ", ".join(t.key for t in catalog.types)
        raise bad("type.unknown", f"There is no type {type!r}. Choose one of: {keys}.")
    return [] if type == incident.type else [TypeSet(type, reason.strip(), incident.type)]


def set_impact(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    dimensions: Mapping[str, str],
    customers_affected: str | None = None,
    reason: str = "",
) -> list[Event]:
    """Sets the level of the given dimensions; the others stay. `customers_affected` None leaves it."""
    not_ended(incident)
    authorise(incident, template, by, "impact.set", "severity.set")
    for dimension, level in dimensions.items():
        if dimension not in DIMENSIONS:
            known = ", ".join(DIMENSIONS)
            raise bad("impact.unknown", f"There is no dimension {dimension!r}. Choose one of: {known}.")
        if level not in LEVELS:
            known = ", ".join(LEVELS)
            raise bad("impact.level", f"There is no level {level!r} of {dimension}. Choose one of: {known}.")
    merged = {**incident.dimensions, **dimensions}
    affected = incident.customers_affected if customers_affected is None else customers_affected.strip()
    if merged == dict(incident.dimensions) and affected == incident.customers_affected:
        return []
    return [ImpactSet(merged, affected, reason.strip())]


def set_facts(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    what_we_know: str | None = None,
    workaround: str | None = None,
    customer_effect: str | None = None,
    cause: str | None = None,
    next_step: str | None = None,
    fix: str | None = None,
    verification: str | None = None,
) -> list[Event]:
    """Sets fields of the facts panel; None leaves a field as it is. Workaround, fix and verification are apart."""
    not_ended(incident)
    authorise(incident, template, by, "facts.write", "hypothesis.write", "decision.make")
    now = FactsSet(
        incident.what_we_know,
        incident.workaround,
        incident.customer_effect,
        incident.cause,
        incident.next_step,
        incident.fix,
        incident.verification,
    )
    then = FactsSet(
        _or(what_we_know, now.what_we_know),
        _or(workaround, now.workaround),
        _or(customer_effect, now.customer_effect),
        _or(cause, now.cause),
        _or(next_step, now.next_step),
        _or(fix, now.fix),
        _or(verification, now.verification),
    )
    return [] if then == now else [then]


def set_links(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    bridge_url: str | None = None,
    chat_url: str | None = None,
) -> list[Event]:
    """Sets where people meet; None leaves a link as it is. Only https and http links are taken."""
    not_ended(incident)
    authorise(incident, template, by, "callout.send", "incident.phase", "facts.write")
    then = LinksSet(_or(bridge_url, incident.bridge_url), _or(chat_url, incident.chat_url))
    for field, url in (("bridge_url", then.bridge_url), ("chat_url", then.chat_url)):
        if url and not url.lower().startswith(("https://", "http://")):
            message = "This is not a link that a browser opens. Start it with https://."
            raise bad("link.scheme", message, **{field: message})
    return [] if then == LinksSet(incident.bridge_url, incident.chat_url) else [then]


def _or(given: str | None, before: str) -> str:
    return before if given is None else given.strip()
