"""What experts find: facts with their evidence, addressed to whoever leads the technical work (R-067), and what speaks
for or against a supposed cause (R-016).
"""

from __future__ import annotations

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import bad

from .authority import act, authorise, may, must_be_inside, must_read
from .events import Event
from .events.technical import (
    EvidenceAdded,
    FindingReported,
    HypothesisPassed,
    RunbookStepRecorded,
    TechnicalChannelSet,
)
from .functions import LEADS_WORK, roles_for
from .guards import filled, known, not_ended, one_line
from .state import Incident
from .structure import Template

CONFIDENCES = ("low", "medium", "high")
SPEAKS = ("for", "against", "neutral")
OUTCOMES = ("worked", "failed", "skipped")
TEXT_LIMIT = 4000


def technical_lead(incident: Incident, template: Template) -> str:
    """Who leads the technical work now; the commander while nobody does."""
    for role in roles_for(template, LEADS_WORK):
        held = incident.holder(role)
        if held is not None:
            return held.person
    return incident.commander.person if incident.commander else ""


def report_finding(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    entry_id: str,
    finding_id: str,
    fact: str,
    confidence: str = "medium",
    evidence: str = "",
    url: str = "",
    hypothesis: str = "",
) -> list[Event]:
    """Whoever responds reports what they found, how sure they are, and what shows it."""
    not_ended(incident)
    must_read(incident, by)
    require(by, "incident.act")
    if entry_id in incident.entries:
        return []
    said = _text(filled(fact, "fact", "Say what you found."), "fact")
    if confidence not in CONFIDENCES:
        raise bad(
            "confidence.unknown",
            f"Choose how sure you are: {', '.join(CONFIDENCES)}.",
            confidence="Choose one of them.",
        )
    shown = _text(evidence.strip(), "evidence")
    if confidence == "high" and not shown and not url:
        message = "Say what shows it, or be less sure."
        raise bad("evidence.missing", message, evidence=message)
    if hypothesis:
        known(incident.crew.hypotheses.get(hypothesis), "hypothesis.unknown", "hypothesis")
    return [
        FindingReported(
            entry_id, finding_id, said, confidence, shown, url, hypothesis, technical_lead(incident, template)
        )
    ]


def add_evidence(
    incident: Incident,
    by: Who,
    *,
    evidence_id: str,
    hypothesis_id: str,
    text: str = "",
    url: str = "",
    file: str = "",
    speaks: str = "neutral",
) -> list[Event]:
    """A graph, a log, a report of a user: words, a link or a file of the incident, for or against a supposed cause."""
    not_ended(incident)
    act(incident, by)
    if evidence_id in incident.technical.evidence:
        return []
    found = known(incident.crew.hypotheses.get(hypothesis_id), "hypothesis.unknown", "hypothesis")
    if speaks not in SPEAKS:
        raise bad("speaks.unknown", f"Choose one of: {', '.join(SPEAKS)}.", speaks="Choose one of them.")
    if file:
        known(incident.attachments.get(file), "file.unknown", "file")
    said = _text(text.strip(), "text")
    if not (said or url or file):
        message = "Say what you saw, or give a link or a file."
        raise bad("text.missing", message, text=message)
    return [EvidenceAdded(evidence_id, found.id, speaks, said, url, file, found.text)]


def pass_hypothesis(
    incident: Incident, template: Template, by: Who, *, hypothesis_id: str, owner: str
) -> list[Event]:
    """Somebody else tests it: taken by anybody who acts, given to others by who leads the technical work."""
    not_ended(incident)
    act(incident, by)
    found = known(incident.crew.hypotheses.get(hypothesis_id), "hypothesis.unknown", "hypothesis")
    must_be_inside(incident, owner, "owner")
    if owner != by.person:
        authorise(incident, template, by, "hypothesis.write", "task.assign")
    return [] if owner == found.owner else [HypothesisPassed(found.id, owner, found.text)]


def record_step(
    incident: Incident,
    by: Who,
    *,
    step_id: str,
    runbook: str,
    step: str,
    outcome: str = "worked",
    result: str = "",
    workstream_id: str = "",
) -> list[Event]:
    """A step of a runbook that was carried out, with its result, in a workstream if one is named (R-069)."""
    not_ended(incident)
    act(incident, by)
    if step_id in incident.technical.steps:
        return []
    book = one_line(filled(runbook, "runbook", "Say which runbook."), "runbook", 200)
    done = one_line(filled(step, "step", "Say which step."), "step", 300)
    if outcome not in OUTCOMES:
        raise bad("outcome.unknown", f"Choose one of: {', '.join(OUTCOMES)}.", outcome="Choose one of them.")
    said = _text(result.strip(), "result")
    if outcome != "worked":
        filled(said, "result", "Say what happened, so that nobody tries it again in vain.")
    title = ""
    if workstream_id:
        stream = incident.crew.workstreams.get(workstream_id)
        title = known(stream, "workstream.unknown", "workstream").title
    return [RunbookStepRecorded(step_id, book, done, outcome, said, workstream_id, title)]


def set_channel(incident: Incident, template: Template, by: Who, *, url: str) -> list[Event]:
    """Where the technical people talk; empty takes it away."""
    not_ended(incident)
    if not may(incident, template, by, "hypothesis.write", "remediation.apply"):
        authorise(incident, template, by, "hypothesis.write", "callout.send")
    return [] if url == incident.technical.channel_url else [TechnicalChannelSet(url)]


def _text(text: str, field: str) -> str:
    if len(text) > TEXT_LIMIT:
        message = f"The text has {len(text)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise bad(f"{field}.long", message, **{field: message})
    return text
