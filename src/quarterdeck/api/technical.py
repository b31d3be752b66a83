"""The diagnosis of an incident: findings, evidence, runbook steps, the technical channel, what is offered next."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import load
from quarterdeck.app.technical import technical as acts
from quarterdeck.core.incidents import offers as core
from quarterdeck.core.incidents import technical as parts
from quarterdeck.core.incidents.findings import TEXT_LIMIT

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Read, Text, Url, Write
from .names import must_be_active
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Diagnosis", "/incidents/{incident}")
Confidence = Literal["low", "medium", "high"]


class Finding(Read):
    """`addressed_to` is who led the technical work when it was reported."""

    id: str
    fact: str
    confidence: str
    evidence: str
    url: str
    hypothesis: str | None
    addressed_to: Named | None
    reported_by: Named
    reported_at: Moment


class Evidence(Read):
    """`speaks`: for, against, neutral. `file` is an attachment of the incident."""

    id: str
    hypothesis: str
    speaks: str
    text: str
    url: str
    file: str | None
    added_by: Named
    added_at: Moment


class RunbookStep(Read):
    """`outcome`: worked, failed, skipped."""

    id: str
    workstream: str | None
    runbook: str
    step: str
    outcome: str
    result: str
    done_by: Named
    done_at: Moment


class Offer(Read):
    """`kind`: phase (move to `phase`), reopen, message (draft `text` for `audience`)."""

    kind: str
    title: str
    why: str
    phase: str
    audience: str
    text: str


class Relapse(Read):
    """Open while `answered_at` is null."""

    alert_id: str
    service: str
    summary: str
    seen_at: Moment
    answered_at: Moment | None


class FindingWrite(Write):
    fact: Annotated[str, Text(TEXT_LIMIT, least=1)]
    confidence: Confidence = "medium"
    evidence: Annotated[str, Text(TEXT_LIMIT)] = ""
    url: Url = ""
    hypothesis: Id | None = None


class EvidenceWrite(Write):
    """At least one of text, url and file."""

    text: Annotated[str, Text(TEXT_LIMIT)] = ""
    url: Url = ""
    file: Id | None = None
    speaks: Literal["for", "against", "neutral"] = "neutral"


class OwnerWrite(Write):
    owner: Id


class RunbookStepWrite(Write):
    """What failed or was skipped says what happened."""

    runbook: Annotated[str, Text(200, least=1)]
    step: Annotated[str, Text(300, least=1)]
    outcome: Literal["worked", "failed", "skipped"] = "worked"
    result: Annotated[str, Text(TEXT_LIMIT)] = ""
    workstream: Id | None = None


class TechnicalChannelWrite(Write):
    url: Url = ""


@NOUN.get("/findings", "incident.read", Page[Finding])
def list_findings(request: Request, incident: IncidentId) -> Page[Finding]:
    """What experts found."""
    case = load(incident, request.act.who)
    return whole(_finding(request, f) for f in case.incident.technical.findings.values())


@NOUN.post("/findings", "incident.act", Finding)
def report_finding(request: Request, incident: IncidentId, body: FindingWrite) -> Finding:
    """Report a fact, with how sure you are and what shows it."""
    case = acts.report_finding(
        request.act, incident, body.fact, confidence=body.confidence, evidence=body.evidence, url=body.url,
        hypothesis=body.hypothesis or "",
    )  # fmt: skip
    return _finding(request, next(reversed(case.incident.technical.findings.values())))


@NOUN.get("/hypotheses/{hypothesis}/evidence", "incident.read", Page[Evidence])
def list_evidence(request: Request, incident: IncidentId, hypothesis: Id) -> Page[Evidence]:
    """What speaks for or against a supposed cause."""
    found = load(incident, request.act.who).incident.technical.evidence.values()
    return whole(_evidence(request, e) for e in found if e.hypothesis == hypothesis)


@NOUN.post("/hypotheses/{hypothesis}/evidence", "incident.act", Evidence)
def add_evidence(request: Request, incident: IncidentId, hypothesis: Id, body: EvidenceWrite) -> Evidence:
    """Add words, a link or a file."""
    case = acts.add_evidence(
        request.act, incident, hypothesis, body.text, url=body.url, file=body.file or "", speaks=body.speaks
    )
    return _evidence(request, next(reversed(case.incident.technical.evidence.values())))


@NOUN.put("/hypotheses/{hypothesis}/owner", "incident.act")
def pass_hypothesis(request: Request, incident: IncidentId, hypothesis: Id, body: OwnerWrite) -> None:
    """Somebody else tests it."""
    must_be_active(body.owner, "owner")
    acts.pass_hypothesis(request.act, incident, hypothesis, body.owner)


@NOUN.get("/runbook-steps", "incident.read", Page[RunbookStep])
def list_runbook_steps(request: Request, incident: IncidentId) -> Page[RunbookStep]:
    """Steps of runbooks that were carried out."""
    case = load(incident, request.act.who)
    return whole(_step(request, s) for s in case.incident.technical.steps.values())


@NOUN.post("/runbook-steps", "incident.act", RunbookStep)
def record_runbook_step(request: Request, incident: IncidentId, body: RunbookStepWrite) -> RunbookStep:
    """Record a step with its result."""
    case = acts.record_step(
        request.act, incident, body.runbook, body.step, outcome=body.outcome, result=body.result,
        workstream_id=body.workstream or "",
    )  # fmt: skip
    return _step(request, next(reversed(case.incident.technical.steps.values())))


@NOUN.put("/technical-channel", "incident.act")
def set_technical_channel(request: Request, incident: IncidentId, body: TechnicalChannelWrite) -> None:
    """Where the technical people talk; empty takes it away."""
    acts.set_channel(request.act, incident, body.url)


@NOUN.get("/offers", "incident.read", Page[Offer])
def list_offers(request: Request, incident: IncidentId) -> Page[Offer]:
    """What the state of the incident suggests to do next; nothing is done by itself."""
    case = load(incident, request.act.who)
    return whole(Offer.model_validate(o) for o in core.offers(case.incident, case.template))


@NOUN.get("/relapses", "incident.read", Page[Relapse])
def list_relapses(request: Request, incident: IncidentId) -> Page[Relapse]:
    """Alerts that fired again while recovery was watched."""
    case = load(incident, request.act.who)
    return whole(Relapse.model_validate(r) for r in case.incident.technical.relapses.values())


def _finding(request: Request, f: parts.Finding) -> Finding:
    names = request.names.load((f.addressed_to, f.reported_by))
    return Finding(
        id=f.id, fact=f.fact, confidence=f.confidence, evidence=f.evidence, url=f.url,
        hypothesis=f.hypothesis or None, addressed_to=names.maybe(f.addressed_to),
        reported_by=names.of(f.reported_by), reported_at=f.reported_at,
    )  # fmt: skip


def _evidence(request: Request, e: parts.Evidence) -> Evidence:
    return Evidence(
        id=e.id, hypothesis=e.hypothesis, speaks=e.speaks, text=e.text, url=e.url, file=e.file or None,
        added_by=request.names.of(e.added_by), added_at=e.added_at,
    )  # fmt: skip


def _step(request: Request, s: parts.RunbookStep) -> RunbookStep:
    return RunbookStep(
        id=s.id, workstream=s.workstream or None, runbook=s.runbook, step=s.step, outcome=s.outcome,
        result=s.result, done_by=request.names.of(s.done_by), done_at=s.done_at,
    )  # fmt: skip
