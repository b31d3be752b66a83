"""The read tables of one incident as a pure fold: drop them, call this again, and nothing has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .asks import Asks
from .business import Business
from .contact import contact_of
from .emergency import Emergency
from .ics.parts import Ics
from .parts import RoleAssignment
from .response_rows import response_rows
from .row_parts import Parts, Row, Rows, Tables, differing, made, row
from .state import Incident
from .technical import Technical

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

TABLES = (
    "incident",
    "role_assignment",
    "handover",
    "task",
    "decision",
    "incident_check",
    "alert_link",
    "update_clock",
    "message",
    "message_verdict",
    "message_stand_in",
    "message_step",
    "message_consent",
    "page_update",
    "review",
    "action_item",
    "checklist_tick",
    "ics_period",
    "ics_meeting",
    "ics_objective",
    "ics_hazard",
    "ics_division",
    "ics_channel",
    "ics_resource",
    "ics_checkin",
    "ics_request",
    "ics_release",
    "ics_fill",
    "ics_approval",
    "ics_plan",
    "workstream",
    "roll_call",
    "presence",
    "relief",
    "safety_stop",
    "hypothesis",
    "incident_link",
    "attachment",
    "debrief",
    "lesson",
    "contribution",
    "legal_hold",
    "problem_link",
    "strategic_comment",
    "executive_reading",
    "proposal",
    "remediation",
    "finding",
    "evidence",
    "choice",
    "poll",
    "task_word",
    "runbook_step",
    "relapse",
    "delegation",
    "cost_entry",
    "impact_assessment",
    "vendor_case",
    "regulatory_clock",
    "continuity",
    "agency",
    "agency_request",
    "mention",
    "affected_customer",
    "impact_pulse",
    "operations_switch",
    "area_status",
    "sentiment_report",
    "meeting_offer",
    "exec_question",
    "boundary_event",
    "strategic_guidance",
    "executive_note",
    "exec_engagement",
    "help_request",
    "help_offer",
    "decision_request",
    "exec_briefing",
    "exec_brief",
    "exec_line",
    "exec_task",
    "exec_word",
    "severe_rating",
    "business_response",
    "briefing_answer",
    "message_grid",
)
# Copied as they are; what is named differently or computed is in `_incident`.
_PLAIN = (
    "number",
    "title",
    "type",
    "severity",
    "severity_initial",
    "severity_highest",
    "impact",
    "urgency",
    "scope",
    "phase",
    "phase_since",
    "template",
    "template_version",
    "summary",
    "what_we_know",
    "workaround",
    "customer_effect",
    "cause",
    "next_step",
    "fix",
    "verification",
    "customers_affected",
    "drill",
    "drill_kind",
    "restricted",
    "codename",
    "source",
    "declared_at",
    "declared_by",
    "bridge_url",
    "chat_url",
    "triage_overdue",
    "resolved_at",
    "resolution_code",
    "resolution_summary",
    "closed_at",
    "next_update_at",
    "is_open",
    "seq",
)


def rows(incident: Incident) -> Rows:
    """Table -> row id -> column -> value. Every table of `TABLES` is there, empty or not.

    Values are scalars, aware datetimes, and lists and dicts that JSON can hold. Every row but that of the
    incident itself carries `incident_id`.
    """
    if not incident.number:
        return {table: {} for table in TABLES}
    return made(_tables(incident))


def row_changes(before: Incident, after: Incident) -> tuple[Rows, Rows]:
    """The rows before and after, without those that are certainly the same: what of `rows` there is to compare."""
    then, now = (_tables(i) if i.number else {} for i in (before, after))
    return differing(then, now)


def _tables(incident: Incident) -> Tables:
    key = incident.key
    review = incident.review
    return {
        "incident": {key: _incident(incident)},
        "role_assignment": {a.id: _assignment(key, a) for a in incident.assignments.values()},
        "handover": _parts(key, incident.handovers),
        "task": _parts(key, incident.tasks),
        "decision": _parts(key, incident.decisions),
        "incident_check": _parts(key, incident.checks),
        "alert_link": _named(key, incident.alerts),
        "update_clock": _named(key, incident.clocks),
        "message": _parts(key, incident.messages),
        "message_verdict": _parts(key, incident.approval.verdicts),
        "message_stand_in": _parts(key, incident.approval.stand_ins),
        "message_step": _parts(key, incident.approval.done),
        "message_consent": _parts(key, incident.approval.consents),
        "page_update": _parts(key, incident.page_updates),
        "review": {review.id: row(key, review)} if review else {},
        "action_item": _parts(key, incident.action_items),
        "checklist_tick": _named(key, incident.ticks),
        **_ics(key, incident.ics),
        "workstream": _parts(key, incident.crew.workstreams),
        "roll_call": _parts(key, incident.crew.roll_calls),
        "presence": _named(key, incident.crew.presence),
        "relief": _parts(key, incident.crew.reliefs),
        "safety_stop": _parts(key, incident.crew.stops),
        "hypothesis": _parts(key, incident.crew.hypotheses),
        "incident_link": _named(key, incident.crew.links),
        "attachment": _parts(key, incident.attachments),
        "debrief": _parts(key, incident.aftermath.debriefs),
        "lesson": _parts(key, incident.aftermath.lessons),
        "contribution": _parts(key, incident.aftermath.contributions),
        "legal_hold": _parts(key, incident.aftermath.holds),
        "problem_link": _named(key, incident.aftermath.problems),
        "strategic_comment": _parts(key, incident.aftermath.comments),
        "executive_reading": _named(key, incident.aftermath.readings),
        "proposal": _parts(key, incident.proposals),
        **_technical(key, incident.technical),
        **_business(key, incident.business),
        "agency": _parts(key, incident.outside.agencies),
        "agency_request": _parts(key, incident.outside.requests),
        "mention": _parts(key, incident.telling.mentions),
        "affected_customer": _parts(key, incident.telling.customers),
        "impact_pulse": _parts(key, incident.telling.pulses),
        **_emergency(key, incident.emergency),
        "exec_question": _parts(key, incident.boundary.questions),
        "boundary_event": _parts(key, incident.boundary.crossings),
        "strategic_guidance": _parts(key, incident.boundary.guidance),
        "executive_note": _parts(key, incident.boundary.notes),
        **_asks(key, incident.asks),
        **response_rows(incident),
    }


def _asks(key: str, asks: Asks) -> Tables:
    return {
        "exec_engagement": _named(key, asks.engaged),
        "help_request": _parts(key, asks.help),
        "help_offer": _parts(key, asks.offers),
        "decision_request": _parts(key, asks.decisions),
        "exec_briefing": _parts(key, asks.briefings),
        "exec_brief": _parts(key, asks.briefs),
        "exec_line": _named(key, asks.work.lines),
        "exec_task": _parts(key, asks.work.tasks),
        "exec_word": _parts(key, asks.work.words),
    }


def _technical(key: str, work: Technical) -> Tables:
    return {
        "remediation": _parts(key, work.remediations),
        "finding": _parts(key, work.findings),
        "evidence": _parts(key, work.evidence),
        "choice": _parts(key, work.choices),
        "poll": _parts(key, work.polls),
        "task_word": _parts(key, work.words),
        "runbook_step": _parts(key, work.steps),
        "relapse": _named(key, work.relapses),
    }


def _ics(key: str, ics: Ics) -> Tables:
    return {
        "ics_period": _parts(key, ics.periods),
        "ics_meeting": _parts(key, ics.meetings),
        "ics_objective": _parts(key, ics.objectives),
        "ics_hazard": _parts(key, ics.hazards),
        "ics_division": _parts(key, ics.divisions),
        "ics_channel": _parts(key, ics.channels),
        "ics_resource": _parts(key, ics.resources),
        "ics_checkin": _parts(key, ics.checkins),
        "ics_request": _parts(key, ics.requests),
        "ics_release": _parts(key, ics.releases),
        "ics_fill": _named(key, ics.fills),
        "ics_approval": _parts(key, ics.approvals),
        "ics_plan": _parts(key, ics.plans),
    }


def _business(key: str, business: Business) -> Tables:
    return {
        "delegation": _parts(key, business.delegations),
        "cost_entry": _parts(key, business.costs),
        "impact_assessment": _named(key, business.impacts),
        "vendor_case": _parts(key, business.vendor_cases),
        "regulatory_clock": _named(key, business.regulatory),
        "continuity": _parts(key, business.continuity),
    }


def _emergency(key: str, emergency: Emergency) -> Tables:
    return {
        "operations_switch": _named(key, emergency.switches),
        "area_status": _named(key, emergency.areas),
        "sentiment_report": _parts(key, emergency.sentiments),
        "meeting_offer": _parts(key, emergency.offers),
    }


def _incident(incident: Incident) -> Row:
    commander = incident.commander
    columns: Row = {"id": incident.key}
    columns.update({name: getattr(incident, name) for name in _PLAIN})
    columns.update(
        severity_unknown=incident.severity_unknown,
        services=list(incident.services),
        dimensions=dict(incident.dimensions),
        commander_id=commander.person if commander else "",
        commander_since=commander.started_at if commander else None,
        group_id=incident.crew.group,
        technical_url=incident.technical.channel_url,
        stood_down_at=incident.technical.stood_down_at,
        contact_id=contact.person if (contact := contact_of(incident)) else "",
        impact_started_at=incident.business.impact_started_at,
        tickets=incident.aftermath.tickets,
        switches_halted=incident.emergency.halted,
        switches_concerned=incident.emergency.concerned,
        severe_at=incident.response.severe_at,
        severe_by=incident.response.severe_by,
    )
    return columns


def _assignment(key: str, a: RoleAssignment) -> Row:
    assignment = row(key, a)
    assignment["person_id"] = assignment.pop("person")
    return assignment


def _parts(key: str, parts: Mapping[str, DataclassInstance]) -> Parts:
    """Parts that have an id of their own, unique in the installation."""
    return Parts(key, parts)


def _named(key: str, parts: Mapping[str, DataclassInstance]) -> Parts:
    """Parts known by a name that is unique within the incident only."""
    return Parts(key, parts, named=True)
