"""Repairs of an incident: plan, risk, way back, who carries it out, who approved it, how it went."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.technical import technical as acts
from quarterdeck.core.incidents.remediations import LONGEST_MINUTES, TEXT_LIMIT, TITLE_LIMIT, lacking
from quarterdeck.core.incidents.technical import Remediation as Part

from .doors import Request
from .fields import Id, IncidentId, LongLine, Moment, Named, Number, Read, Text, Write
from .names import must_be_active
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Repairs", "/incidents/{incident}/remediations")


class Remediation(Read):
    """`state`: proposed, refused, withdrawn, running, done, failed, rolled_back, stopped. `missing` is what a risky one
    still waits for; it begins once that is empty.
    """

    id: str
    title: str
    plan: str
    risk: str
    risky: bool
    rollback: str
    kind: str
    assignee: Named
    minutes: int
    state: str
    proposed_by: Named
    proposed_at: Moment
    decision: str | None
    decided_by: Named | None
    approved_by: Named | None
    approved_at: Moment | None
    started_at: Moment | None
    ended_at: Moment | None
    result: str
    missing: list[str] = Field(default_factory=list)


class RemediationWrite(Write):
    """From medium risk on it says its way back, and waits for the commander's decision and a second person."""

    title: Annotated[str, Text(TITLE_LIMIT, least=1)]
    plan: Annotated[str, Text(TEXT_LIMIT, least=1)]
    risk: Literal["low", "medium", "high"]
    rollback: Annotated[str, Text(TEXT_LIMIT)] = ""
    kind: Literal["fix", "workaround", "mitigation"] = "fix"
    assignee: Id
    minutes: Annotated[int, Number(1, LONGEST_MINUTES)]


class ApprovalWrite(Write):
    reason: Annotated[str, Text(2000)] = ""


class RefusalWrite(Write):
    reason: Annotated[str, Text(2000, least=1)]


class RepairOutcomeWrite(Write):
    outcome: Literal["done", "failed", "rolled_back"]
    result: Annotated[str, Text(2000, least=1)]


class WithdrawalWrite(Write):
    reason: LongLine


@NOUN.get("", "incident.read", Page[Remediation])
def list_remediations(request: Request, incident: IncidentId) -> Page[Remediation]:
    """Every repair, in the order they were proposed."""
    case = load(incident, request.act.who)
    return whole(_told(request, r) for r in case.incident.technical.remediations.values())


@NOUN.post("", "incident.act", Remediation)
def propose_remediation(request: Request, incident: IncidentId, body: RemediationWrite) -> Remediation:
    """Propose a repair."""
    must_be_active(body.assignee, "assignee")
    case = acts.propose(
        request.act, incident, body.title, body.plan, body.risk, body.assignee, body.minutes,
        rollback=body.rollback, kind=body.kind,
    )  # fmt: skip
    return _told(request, next(reversed(case.incident.technical.remediations.values())))


@NOUN.put("/{remediation}", "incident.act", Remediation)
def change_remediation(
    request: Request, incident: IncidentId, remediation: Id, body: RemediationWrite
) -> Remediation:
    """Another plan, before it has begun; it is decided and approved anew."""
    must_be_active(body.assignee, "assignee")
    case = acts.change(
        request.act, incident, remediation, body.title, body.plan, body.risk, body.assignee, body.minutes,
        rollback=body.rollback, kind=body.kind,
    )  # fmt: skip
    return _one(request, case, remediation)


@NOUN.put("/{remediation}/approval", "incident.act", Remediation)
def approve_remediation(
    request: Request, incident: IncidentId, remediation: Id, body: ApprovalWrite | None = None
) -> Remediation:
    """The commander's decision, or the word of a second person; never of who carries it out."""
    case = acts.approve(request.act, incident, remediation, body.reason if body else "")
    return _one(request, case, remediation)


@NOUN.put("/{remediation}/refusal", "incident.act", Remediation)
def refuse_remediation(
    request: Request, incident: IncidentId, remediation: Id, body: RefusalWrite
) -> Remediation:
    """The commander decides against it."""
    return _one(request, acts.refuse(request.act, incident, remediation, body.reason), remediation)


@NOUN.put("/{remediation}/start", "incident.act", Remediation)
def start_remediation(request: Request, incident: IncidentId, remediation: Id) -> Remediation:
    """It begins, as a task with its time box."""
    return _one(request, acts.start(request.act, incident, remediation), remediation)


@NOUN.put("/{remediation}/outcome", "incident.act", Remediation)
def end_remediation(
    request: Request, incident: IncidentId, remediation: Id, body: RepairOutcomeWrite
) -> Remediation:
    """How it went."""
    return _one(request, acts.end(request.act, incident, remediation, body.outcome, body.result), remediation)


@NOUN.put("/{remediation}/withdrawal", "incident.act", Remediation)
def withdraw_remediation(
    request: Request, incident: IncidentId, remediation: Id, body: WithdrawalWrite
) -> Remediation:
    """It is not done after all."""
    return _one(request, acts.withdraw(request.act, incident, remediation, body.reason), remediation)


def _one(request: Request, case: Case, remediation_id: str) -> Remediation:
    return _told(request, case.incident.technical.remediations[remediation_id])


def _told(request: Request, r: Part) -> Remediation:
    names = request.names.load((r.assignee, r.proposed_by, r.decided_by, r.approved_by))
    people = ("assignee", "proposed_by", "decided_by", "approved_by")
    rest = {n: getattr(r, n) for n in Remediation.model_fields if hasattr(r, n) and n not in people}
    return Remediation(
        **rest | {"decision": r.decision or None}, risky=r.is_risky, assignee=names.of(r.assignee),
        proposed_by=names.of(r.proposed_by), decided_by=names.maybe(r.decided_by),
        approved_by=names.maybe(r.approved_by), missing=list(lacking(r)) if r.is_open else [],
    )  # fmt: skip
