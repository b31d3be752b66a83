"""Sentences of the technical work: repairs, findings, evidence, choices, polls, standing down, relapses."""

from __future__ import annotations

from typing import assert_never

from ..events import technical as ev
from .line import Said, Teller, quoted

_ENDED = {
    "done": "carried out",
    "failed": "could not carry out",
    "rolled_back": "rolled back",
    "stopped": "stopped",
    "withdrawn": "withdrew",
}
_POLLS = {
    "carried": "Nobody objected to",
    "stopped": "An objection stopped",
    "withdrawn": "The proposal was withdrawn:",
}
_STEPS = {"worked": "did", "failed": "failed at", "skipped": "skipped"}


def technical(event: ev.TechnicalEvent, tell: Teller) -> Said:
    if isinstance(event, ev.RepairEvent):
        return _repair(event, tell)
    if isinstance(event, ev.DiagnosisEvent):
        return _diagnosis(event, tell)
    return _choice(event, tell)


def _repair(event: ev.RepairEvent, tell: Teller) -> Said:
    what = f"the repair {quoted(event.title)}" if event.title else "a repair"
    match event:
        case ev.RemediationProposed():
            title = (
                f"{tell.who} proposed {what}, {event.risk} risk; {tell.name(event.assignee)} carries it out"
            )
            return Said("remediation", "entry", title, _plan(event))
        case ev.RemediationChanged():
            return Said("remediation", "entry", f"{tell.who} changed {what}, {event.risk} risk", _plan(event))
        case ev.RemediationApproved():
            return Said("remediation", "entry", f"{tell.who} approved {what}")
        case ev.RemediationRefused():
            return Said("remediation", "entry", f"{tell.who} refused {what}", event.reason)
        case ev.RemediationStarted():
            return Said("remediation", "key", f"{tell.who} began {what}")
        case ev.RemediationPassed():
            return Said("remediation", "entry", f"{tell.name(event.assignee)} carries out {what} now")
        case ev.RemediationEnded():
            did = _ENDED.get(event.outcome, "ended")
            return Said("remediation", "key", f"{tell.who} {did} {what}", event.result)
        case _:
            assert_never(event)


def _plan(event: ev.RemediationProposed | ev.RemediationChanged) -> str:
    return "\n".join([event.plan, *([f"Way back: {event.rollback}"] if event.rollback else [])])


def _diagnosis(event: ev.DiagnosisEvent, tell: Teller) -> Said:
    match event:
        case ev.FindingReported():
            to = f" to {tell.name(event.addressed_to)}" if event.addressed_to else ""
            lines = [
                event.fact,
                *(f"{k}: {v}" for k, v in (("Shown by", event.evidence), ("", event.url)) if v),
            ]
            text = "\n".join(line.removeprefix(": ") for line in lines)
            return Said(
                "finding", "entry", f"{tell.who} reported a finding{to}, {event.confidence} confidence", text
            )
        case ev.EvidenceAdded():
            speaks = {"for": " for", "against": " against"}.get(event.speaks, " on")
            title = f"{tell.who} added evidence{speaks} {quoted(event.about) or 'a supposed cause'}"
            return Said("hypothesis", "entry", title, "\n".join(filter(None, (event.text, event.url))))
        case ev.HypothesisPassed():
            title = f"{tell.name(event.owner)} tests {quoted(event.text) or 'a supposed cause'} now"
            return Said("hypothesis", "system", title)
        case ev.RunbookStepRecorded():
            where = f" in the workstream {event.title}" if event.title else ""
            did = _STEPS.get(event.outcome, "recorded")
            title = f"{tell.who} {did} {quoted(event.step)} of {event.runbook}{where}"
            return Said("runbook", "entry", title, event.result)
        case ev.TechnicalChannelSet():
            did = "set the technical channel" if event.url else "took the technical channel away"
            return Said("links", "system", f"{tell.who} {did}", event.url)
        case ev.TaskSaid():
            did = "asked about" if event.asks else "answered on"
            return Said("task", "entry", f"{tell.who} {did} the task {quoted(event.title)}", event.text)
        case ev.RelapseSeen():
            title = f"Relapse: {quoted(event.summary) or 'an alert'} fires again"
            return Said("relapse", "key", title, f"Service: {event.service}" if event.service else "")
        case _:
            assert_never(event)


def _choice(event: ev.ChoiceEvent, tell: Teller) -> Said:
    match event:
        case ev.ChoiceOpened():
            return Said(
                "decision", "entry", f"{tell.who} laid out options: {event.question}", _options(event)
            )
        case ev.ChoiceSettled():
            did = "chose" if event.outcome == "decided" else "dropped the question"
            what = (
                f"{quoted(event.chosen)} on {quoted(event.question)}"
                if event.chosen
                else quoted(event.question)
            )
            return Said("decision", "system", f"{tell.who} {did} {what}")
        case ev.PollOpened():
            title = f"{tell.who} asks for strong objections within {event.minutes} min: {event.proposal}"
            return Said("poll", "key", title)
        case ev.ObjectionRaised():
            return Said("poll", "key", f"{tell.who} objects to {quoted(event.proposal)}", event.text)
        case ev.PollClosed():
            return Said("poll", "entry", f"{_POLLS.get(event.outcome, 'Closed:')} {quoted(event.proposal)}")
        case ev.StoodDown():
            return Said("standdown", "key", f"{tell.who} stood the team down", event.reason)
        case ev.StoodTo():
            return Said("standdown", "key", f"{tell.who} took the work up again", event.reason)
        case _:
            assert_never(event)


def _options(event: ev.ChoiceOpened) -> str:
    lines = []
    for n, option in enumerate(event.options):
        more = [
            f"{label}: {told[n]}"
            for label, told in (("risk", event.risks), ("effect", event.effects))
            if n < len(told) and told[n]
        ]
        lines.append(f"{option} ({'; '.join(more)})" if more else option)
    return "\n".join(lines)
