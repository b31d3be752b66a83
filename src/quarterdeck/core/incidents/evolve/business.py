"""How the business half of an incident changes: authority, money, harm, vendors, legal clocks, continuity plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from .. import business as parts
from ..events import Stamped
from ..events import business as ev
from ..state import Incident
from .fold import change, put


def business(state: Incident, stamped: Stamped, event: ev.BusinessEvent) -> Incident:
    """The incident after one more event of its business half."""
    if isinstance(event, ev.MoneyEvent):
        return _money(state, stamped, event)
    if isinstance(event, ev.VendorEvent):
        return _with(state, vendor_cases=_vendor(state, stamped, event))
    if isinstance(event, ev.ContinuityEvent):
        return _continuity(state, stamped, event)
    return _with(state, regulatory=_regulatory(state, stamped, event))


def _with(state: Incident, **values: object) -> Incident:
    return replace(state, business=replace(state.business, **values))  # type: ignore[arg-type]


def _passed_up(now: parts.Business, event: ev.RequestPassedUp, at: datetime) -> dict[str, Any]:
    """Whoever was asked before may still answer."""
    wait = now.waits.get(event.request_id)
    if wait is None:
        return {}
    if not event.to_person:
        return {"waits": put(now.waits, wait.request, replace(wait, over=True))}
    asked = (*wait.asked, event.to_person)
    left = tuple(p for p in wait.backup if p not in asked)
    return {
        "sent_up": put(now.sent_up, wait.request, event.to_person),
        "waits": put(now.waits, wait.request, replace(wait, asked=asked, backup=left, since=at)),
    }


def _money(state: Incident, stamped: Stamped, event: ev.MoneyEvent) -> Incident:
    now, at = state.business, stamped.at
    match event:
        case ev.AuthorityDelegated():
            made = parts.Delegation(
                event.delegation_id, event.from_person, event.to_person, event.acts, event.limit_minor,
                event.currency, event.until, event.note, stamped.actor, at, window_hours=event.window_hours,
                office=event.office, spent_minor=event.spent_minor, planned_minor=event.planned_minor,
            )  # fmt: skip
            return _with(state, delegations=put(now.delegations, made.id, made))
        case ev.AuthorityEnded():
            before = now.delegations.get(event.delegation_id)
            over = {
                "ended_at": before.ended_at if before and before.ended_at else at,
                "end_reason": event.reason,
                "lapsed": event.lapsed,
            }
            return _with(state, delegations=change(now.delegations, event.delegation_id, **over))
        case ev.RequestSentUp():
            wait = parts.SpendWait(
                event.request_id,
                event.number,
                (event.to_person,),
                event.backup,
                at,
                event.minor,
                event.currency,
            )
            return _with(
                state,
                sent_up=put(now.sent_up, event.request_id, event.to_person),
                waits=put(now.waits, event.request_id, wait),
            )
        case ev.RequestPassedUp():
            return _with(state, **_passed_up(now, event, at))
        case ev.MoneyEntered():
            entry = parts.CostEntry(
                event.entry_id, event.kind, event.what, event.minor, event.currency, stamped.actor, at
            )
            return _with(state, costs=put(now.costs, entry.id, entry))
        case ev.MoneyStruck():
            said = {"struck_by": stamped.actor, "struck_at": at, "struck_reason": event.reason}
            return _with(state, costs=change(now.costs, event.entry_id, **said))
        case ev.ImpactAssessed():
            return _assessed(state, stamped, event)
        case ev.ImpactBegan():
            return _began(state, event.began_at)
        case _:
            assert_never(event)


def _assessed(state: Incident, stamped: Stamped, event: ev.ImpactAssessed) -> Incident:
    before = state.business.impacts.get(event.dimension)
    until = state.resolved_at or stamped.at
    began = state.business.impact_started_at or state.declared_at or stamped.at
    since, accrued = began, 0
    if before is not None and not event.from_start:
        since, accrued = (
            max(before.since, until),
            before.accrued + before.hour_minor * seconds(before.since, until),
        )
    after = parts.ImpactAssessment(
        event.dimension, event.note, event.hour_minor, event.once_minor, event.currency, since, accrued,
        stamped.actor, stamped.at,
    )  # fmt: skip
    levels = {**state.dimensions, event.dimension: event.level}
    told = _with(state, impacts=put(state.business.impacts, event.dimension, after))
    return replace(told, dimensions=levels)


def _began(state: Incident, began_at: datetime) -> Incident:
    """What counts from the beginning counts from another moment."""
    before = state.business.impact_started_at or state.declared_at
    moved = {
        key: replace(i, since=began_at) if i.since == before else i
        for key, i in state.business.impacts.items()
    }
    return _with(state, impacts=moved, impact_started_at=began_at)


def seconds(since: datetime, until: datetime) -> int:
    """Whole seconds from one to the other, never below none."""
    return max(0, int((until - since).total_seconds()))


def _vendor(state: Incident, stamped: Stamped, event: ev.VendorEvent) -> object:
    cases, at = state.business.vendor_cases, stamped.at
    match event:
        case ev.VendorCaseOpened():
            made = parts.VendorCase(
                event.case_id, event.vendor, event.service, event.what, event.owner, stamped.actor, at, event.number,
                event.contact, event.answer_minutes, waiting_since=at, due_at=event.due_at,
            )  # fmt: skip
            return put(cases, made.id, made)
        case ev.VendorCaseNumbered():
            return change(cases, event.case_id, number=event.number)
        case ev.VendorAnswered():
            calm = {"waiting_since": None, "due_at": None, "overdue": False}
            return change(cases, event.case_id, state="answered", note=event.note, **calm)
        case ev.VendorAsked():
            again = {"waiting_since": at, "due_at": event.due_at, "overdue": False}
            return change(cases, event.case_id, state="waiting", note=event.note, **again)
        case ev.VendorLate():
            return change(cases, event.case_id, overdue=True)
        case ev.VendorCaseClosed():
            gone = {"state": "closed", "ended_at": at, "due_at": None, "waiting_since": None}
            return change(cases, event.case_id, note=event.note, **gone)
        case _:
            assert_never(event)


def _continuity(state: Incident, stamped: Stamped, event: ev.ContinuityEvent) -> Incident:
    now, at = state.business, stamped.at
    match event:
        case ev.ContinuityActivated():
            made = parts.Continuity(
                event.activation_id, event.plan_id, event.title, event.service, event.supplier, event.rto_minutes,
                event.rpo_minutes, stamped.actor, at, event.steps,
            )  # fmt: skip
            return _with(state, continuity=put(now.continuity, made.id, made))
        case ev.ContinuityEnded():
            ended = change(now.continuity, event.activation_id, ended_at=at, note=event.note)
            return _with(state, continuity=ended)
        case ev.ContactNamed():
            return _with(state, contact=event.person)
        case ev.ReportLinked():
            said = parts.LinkedReport(
                event.report_id, event.source_kind, event.customer, event.customers, event.text, at
            )
            return _with(state, reports=put(now.reports, said.id, said))
        case _:
            assert_never(event)


def _regulatory(state: Incident, stamped: Stamped, event: ev.RegulatoryEvent) -> object:
    clocks = state.business.regulatory
    match event:
        case ev.RegulatoryStarted():
            made = parts.RegulatoryClock(
                event.key, event.title, event.source, event.owner_role, event.owner, event.aware_at, event.due_at,
                stamped.actor, stamped.at, event.why, event.reminders,
            )  # fmt: skip
            return put(clocks, event.key, made)
        case ev.RegulatoryReminded():
            return change(clocks, event.key, reminded=event.reminders)
        case ev.RegulatoryOverdue():
            return change(clocks, event.key, overdue=True)
        case ev.RegulatoryEnded():
            told = {"state": event.state, "note": event.note}
            return change(clocks, event.key, ended_by=stamped.actor, ended_at=stamped.at, **told)
        case _:
            assert_never(event)
