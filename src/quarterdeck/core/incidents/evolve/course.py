"""How an incident takes its course: declaration, assessment, phases, the end, linked alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from ..events import (
    AlertEvent,
    AlertLinked,
    AlertResolved,
    AlertUnlinked,
    Closed,
    CodenameSet,
    CourseEvent,
    Declared,
    Dismissed,
    EndingEvent,
    FactsSet,
    ImpactSet,
    LinksSet,
    PhaseChanged,
    Reopened,
    Resolved,
    SeveritySet,
    Stamped,
    TitleSet,
    TriageOverdue,
    TypeSet,
)
from ..parts import AlertLink, Handover, PhaseSpan, RoleAssignment
from ..state import Incident
from .fold import change, drop, put
from .technical import answered, taken_up


def course(state: Incident, stamped: Stamped, event: CourseEvent) -> Incident:
    match event:
        case Declared():
            return _declared(state, stamped, event)
        case TitleSet():
            return replace(state, title=event.title, former_titles=(*state.former_titles, state.title))
        case CodenameSet():
            return replace(state, codename=event.codename)
        case PhaseChanged():
            return answered(_enter(state, stamped, event.phase), stamped)
        case SeveritySet():
            return _severity(state, event)
        case TypeSet():
            return replace(state, type=event.type)
        case ImpactSet():
            return replace(state, dimensions=event.dimensions, customers_affected=event.customers_affected)
        case FactsSet():
            return _facts(state, event)
        case LinksSet():
            return replace(state, bridge_url=event.bridge_url, chat_url=event.chat_url)
        case _:
            assert_never(event)


def ending(state: Incident, stamped: Stamped, event: EndingEvent) -> Incident:
    match event:
        case Resolved():
            moved = taken_up(_enter(state, stamped, "resolved"), stamped)
            return replace(
                moved,
                resolved_at=event.resolved_at,
                resolution_code=event.code,
                resolution_summary=event.summary,
            )
        case Reopened():
            moved = taken_up(_enter(state, stamped, "investigating"), stamped)
            return replace(moved, resolved_at=None, resolution_code="", resolution_summary="")
        case Closed():
            return ended(state, stamped, "closed")
        case Dismissed():
            return ended(state, stamped, "dismissed")
        case TriageOverdue():
            return replace(state, triage_overdue=True)
        case _:
            assert_never(event)


def alert(state: Incident, stamped: Stamped, event: AlertEvent) -> Incident:
    match event:
        case AlertLinked():
            link = AlertLink(event.alert_id, event.summary, event.dedup_key, linked_at=stamped.at)
            return replace(state, alerts=put(state.alerts, event.alert_id, link))
        case AlertResolved():
            return replace(state, alerts=change(state.alerts, event.alert_id, resolved_at=stamped.at))
        case AlertUnlinked():
            return replace(state, alerts=drop(state.alerts, event.alert_id))
        case _:
            assert_never(event)


def _declared(state: Incident, stamped: Stamped, event: Declared) -> Incident:
    alerts = {ref: AlertLink(ref, "", "", linked_at=stamped.at) for ref in event.alerts}
    return replace(
        _enter(state, stamped, event.phase),
        number=event.number,
        title=event.title,
        type=event.type,
        severity=event.severity,
        severity_unknown=event.unknown_severity,
        severity_initial=event.severity,
        severity_highest=event.severity,
        impact=event.impact,
        urgency=event.urgency,
        scope=event.scope,
        template=event.template,
        template_version=event.template_version,
        services=event.services,
        summary=event.summary,
        customer_effect=event.customer_effect,
        drill=event.drill,
        drill_kind=event.drill_kind,
        restricted=event.restricted,
        codename=event.codename,
        source=event.source,
        declared_at=stamped.at,
        declared_by=event.declarer,
        bridge_url=event.bridge_url,
        chat_url=event.chat_url,
        alerts=alerts,
    )


def _severity(state: Incident, event: SeveritySet) -> Incident:
    return replace(
        state,
        severity=event.severity,
        severity_unknown=False,
        severity_highest=min(state.severity_highest or event.severity, event.severity),
        impact=event.impact or state.impact,
        urgency=event.urgency or state.urgency,
        scope=event.scope or state.scope,
    )


def _facts(state: Incident, event: FactsSet) -> Incident:
    return replace(
        state,
        what_we_know=event.what_we_know,
        workaround=event.workaround,
        customer_effect=event.customer_effect,
        cause=event.cause,
        next_step=event.next_step,
        fix=event.fix,
        verification=event.verification,
    )


def _enter(state: Incident, stamped: Stamped, phase: str) -> Incident:
    span = PhaseSpan(phase, stamped.at, stamped.actor)
    return replace(state, phase=phase, phase_since=stamped.at, phases=(*state.phases, span))


def ended(state: Incident, stamped: Stamped, phase: str) -> Incident:
    """The end of the incident is the end of every role, open handover and clock."""
    reason = f"the incident was {phase}"
    return replace(
        _enter(state, stamped, phase),
        closed_at=stamped.at,
        assignments=_assignments_ended(state.assignments, stamped.at, reason),
        handovers=_handovers_ended(state.handovers, stamped.at, reason),
        clocks={
            key: replace(c, running=False, stopped_at=stamped.at) if c.running else c
            for key, c in state.clocks.items()
        },
    )


def _assignments_ended(
    parts: Mapping[str, RoleAssignment], at: datetime, reason: str
) -> Mapping[str, RoleAssignment]:
    return {k: replace(a, ended_at=at, end_reason=reason) if a.is_open else a for k, a in parts.items()}


def _handovers_ended(parts: Mapping[str, Handover], at: datetime, reason: str) -> Mapping[str, Handover]:
    return {
        k: replace(h, state="withdrawn", ended_at=at, end_reason=reason) if h.is_open else h
        for k, h in parts.items()
    }
