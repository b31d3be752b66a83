"""Validation checks of an incident: what must be seen to work before it can be resolved."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents import tasks as acts
from quarterdeck.core.incidents.parts import Check as Part

from .doors import Request
from .fields import Id, IncidentId, Key, LongLine, Moment, Named, Read, Text, Write, Yes
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Checks", "/incidents/{incident}/checks")


class Check(Read):
    """`state`: planned, passed, failed."""

    id: str
    subject: str
    kind: str
    service: str
    state: str
    note: str
    planned_at: Moment
    checked_by: Named | None
    checked_at: Moment | None


class CheckWrite(Write):
    """`service` binds the check to its alerts: it fails when one fires and cannot pass until they are over."""

    subject: Annotated[str, Text(200, least=1)]
    kind: Literal["region", "component", "service", "other"] = "region"
    service: Key | None = None


class OutcomeWrite(Write):
    """What was seen; a failed check needs a note."""

    passed: Yes
    note: LongLine = ""


@NOUN.get("", "incident.read", Page[Check])
def list_checks(request: Request, incident: IncidentId) -> Page[Check]:
    """Every validation check of the incident."""
    case = load(incident, request.act.who)
    return whole(_told(request, c) for c in case.incident.checks.values())


@NOUN.post("", "incident.act", Check)
def plan_check(request: Request, incident: IncidentId, body: CheckWrite) -> Check:
    """Plan a check of a region, a component or a service."""
    case = acts.plan_check(request.act, incident, body.subject, body.kind, body.service or "")
    return _told(request, next(reversed(case.incident.checks.values())))


@NOUN.put("/{check}/outcome", "incident.act", Check)
def judge_check(request: Request, incident: IncidentId, check: Id, body: OutcomeWrite) -> Check:
    """It works there, or it does not."""
    judge = acts.pass_check if body.passed else acts.fail_check
    case = judge(request.act, incident, check, body.note)
    return _told(request, case.incident.checks[check])


def _told(request: Request, part: Part) -> Check:
    plain = {n: getattr(part, n) for n in Check.model_fields if n != "checked_by"}
    return Check(**plain, checked_by=request.names.maybe(part.checked_by))
