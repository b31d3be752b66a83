"""How the technical work changes: repairs, findings, evidence, choices, polls, standing down, relapses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from .. import technical as parts
from ..events import Stamped
from ..events import technical as ev
from ..parts import EntryRef
from ..state import Incident
from .fold import change, put

_Repairs = Mapping[str, parts.Remediation]


def technical(state: Incident, stamped: Stamped, event: ev.TechnicalEvent) -> Incident:
    if isinstance(event, ev.RepairEvent):
        return _with(state, remediations=_repair(state.technical, stamped, event))
    if isinstance(event, ev.DiagnosisEvent):
        return _diagnosis(state, stamped, event)
    return _choice(state, stamped, event)


def _with(state: Incident, /, **values: object) -> Incident:
    return replace(state, technical=replace(state.technical, **values))  # type: ignore[arg-type]


def _repair(now: parts.Technical, stamped: Stamped, event: ev.RepairEvent) -> _Repairs:
    found, key, at = now.remediations, event.remediation_id, stamped.at
    match event:
        case ev.RemediationProposed():
            made = parts.Remediation(
                key, event.title, event.plan, event.risk, event.rollback, event.kind, event.assignee, event.minutes,
                stamped.actor, at,
            )  # fmt: skip
            return put(found, key, made)
        case ev.RemediationChanged():
            return change(
                found, key, title=event.title, plan=event.plan, risk=event.risk, rollback=event.rollback,
                kind=event.kind, assignee=event.assignee, minutes=event.minutes, decision="", decided_by="",
                approved_by="", approved_at=None,
            )  # fmt: skip
        case ev.RemediationApproved():
            return _approved(found, stamped, event)
        case ev.RemediationRefused():
            return change(found, key, state="refused", result=event.reason, ended_at=at)
        case ev.RemediationStarted():
            return change(found, key, state="running", started_at=at)
        case ev.RemediationPassed():
            return change(found, key, assignee=event.assignee)
        case ev.RemediationEnded():
            return change(found, key, state=event.outcome, result=event.result, ended_at=at)
        case _:
            assert_never(event)


def _approved(found: _Repairs, stamped: Stamped, event: ev.RemediationApproved) -> _Repairs:
    key, repair = event.remediation_id, found.get(event.remediation_id)
    if event.decision:
        found = change(found, key, decision=event.decision, decided_by=stamped.actor)
    if repair is not None and repair.assignee != stamped.actor and not repair.approved_by:
        found = change(found, key, approved_by=stamped.actor, approved_at=stamped.at)
    return found


def _diagnosis(state: Incident, stamped: Stamped, event: ev.DiagnosisEvent) -> Incident:
    now, by, at = state.technical, stamped.actor, stamped.at
    match event:
        case ev.FindingReported():
            made = parts.Finding(
                event.finding_id, event.fact, event.confidence, event.evidence, event.url, event.hypothesis,
                event.addressed_to, by, at,
            )  # fmt: skip
            after = _with(state, findings=put(now.findings, event.finding_id, made))
            return replace(after, entries=put(state.entries, event.entry_id, EntryRef("finding", by)))
        case ev.EvidenceAdded():
            shown = parts.Evidence(
                event.evidence_id, event.hypothesis, event.speaks, event.text, event.url, event.file, by, at
            )
            return _with(state, evidence=put(now.evidence, event.evidence_id, shown))
        case ev.HypothesisPassed():
            passed = change(state.crew.hypotheses, event.hypothesis_id, owner=event.owner)
            return replace(state, crew=replace(state.crew, hypotheses=passed))
        case ev.RunbookStepRecorded():
            step = parts.RunbookStep(
                event.step_id, event.workstream_id, event.runbook, event.step, event.outcome, event.result, by, at
            )  # fmt: skip
            return _with(state, steps=put(now.steps, event.step_id, step))
        case ev.TechnicalChannelSet():
            return _with(state, channel_url=event.url)
        case ev.TaskSaid():
            word = parts.TaskWord(event.word_id, event.task_id, event.asks, event.text, by, at)
            return _with(state, words=put(now.words, event.word_id, word))
        case ev.RelapseSeen():
            relapse = parts.Relapse(event.alert_id, event.service, event.summary, at)
            return _with(state, relapses=put(now.relapses, event.alert_id, relapse))
        case _:
            assert_never(event)


def _choice(state: Incident, stamped: Stamped, event: ev.ChoiceEvent) -> Incident:
    now, by, at = state.technical, stamped.actor, stamped.at
    match event:
        case ev.ChoiceOpened():
            opened = parts.Choice(
                event.choice_id, event.question, event.options, event.risks, event.effects, by, at
            )
            return _with(state, choices=put(now.choices, event.choice_id, opened))
        case ev.ChoiceSettled():
            values = {"state": event.outcome, "chosen": event.chosen, "decision": event.decision}
            return _with(state, choices=change(now.choices, event.choice_id, **values))
        case ev.PollOpened():
            poll = parts.Poll(event.poll_id, event.proposal, by, at, event.closes_at)
            return _with(state, polls=put(now.polls, event.poll_id, poll))
        case ev.ObjectionRaised():
            found = now.polls.get(event.poll_id)
            said = {**(found.objections if found else {}), by: event.text}
            return _with(state, polls=change(now.polls, event.poll_id, objections=said))
        case ev.PollClosed():
            return _with(state, polls=change(now.polls, event.poll_id, state=event.outcome, closed_at=at))
        case ev.StoodDown():
            return _with(state, stood_down_at=at)
        case ev.StoodTo():
            return _with(state, stood_down_at=None)
        case _:
            assert_never(event)


def answered(state: Incident, stamped: Stamped) -> Incident:
    """Somebody moved the incident on and has seen its relapses."""
    if state.technical.open_relapse() is None:
        return state
    known = {
        k: replace(r, answered_at=stamped.at) if r.is_open else r for k, r in state.technical.relapses.items()
    }
    return _with(state, relapses=known)


def taken_up(state: Incident, stamped: Stamped) -> Incident:
    """It was resolved or reopened: nobody stands down any more, and what is owed afterwards is asked for."""
    return _with(answered(state, stamped), stood_down_at=None)
