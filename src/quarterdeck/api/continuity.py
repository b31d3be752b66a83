"""Continuity plans of services, and their use in an incident."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import continuity as acts
from quarterdeck.app.incidents import services
from quarterdeck.core.incidents.continuity import STEP_MINUTES
from quarterdeck.store import models

from .doors import Request
from .fields import Id, IncidentId, Key, Line, Moment, Named, Number, Read, Text, Write
from .names import must_be_active
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Continuity", "/incidents/{incident}/continuity")
PLANS = Noun("Continuity", "/services/{service}/continuity-plans")
_ACT = "incident.act"
Minutes = Annotated[int, Number(0, acts.LONGEST_MINUTES)]


class ContinuityPlan(Read):
    """`rto_minutes`: back by then; `rpo_minutes`: so much data may be lost. 0 where nothing was agreed."""

    id: str
    title: str
    steps: list[str]
    supplier: str
    rto_minutes: int
    rpo_minutes: int
    changed_at: Moment


class ContinuityPlanWrite(Write):
    """Each of the steps becomes a task when the plan is activated."""

    title: Annotated[str, Text(200, least=1)]
    steps: tuple[Annotated[str, Text(300, least=1)], ...]
    supplier: Line = ""
    rto_minutes: Minutes = 0
    rpo_minutes: Minutes = 0


class Continuity(Read):
    """A plan in use, as it was written when it was activated."""

    id: str
    plan: str
    title: str
    service: str
    supplier: str
    rto_minutes: int
    rpo_minutes: int
    steps: list[str]
    activated_by: Named
    activated_at: Moment
    ended_at: Moment | None
    note: str


class ActivationWrite(Write):
    """Its steps become tasks of `person`, or of the caller."""

    plan: Id
    person: Id | None = None
    minutes: Annotated[int, Number(1, 24 * 60)] = STEP_MINUTES


class ContinuityEndWrite(Write):
    note: Annotated[str, Text(2000)] = ""


@PLANS.get("", "service.read", Page[ContinuityPlan])
def list_continuity_plans(request: Request, service: Key) -> Page[ContinuityPlan]:
    """How the business goes on without this service."""
    found = services.find(service).continuity_plans.all()
    return whole(ContinuityPlan.model_validate(row) for row in found)


@PLANS.post("", "service.edit", ContinuityPlan)
def add_continuity_plan(request: Request, service: Key, body: ContinuityPlanWrite) -> models.ContinuityPlan:
    return acts.add_plan(request.act, service, **body.model_dump())


@PLANS.put("/{plan}", "service.edit", ContinuityPlan)
def change_continuity_plan(
    request: Request, service: Key, plan: Id, body: ContinuityPlanWrite
) -> models.ContinuityPlan:
    """Another text of a plan; incidents where it is in use keep what they began with."""
    return acts.change_plan(request.act, plan, **body.model_dump())


@PLANS.delete("/{plan}", "service.edit")
def remove_continuity_plan(request: Request, service: Key, plan: Id) -> None:
    acts.remove_plan(request.act, plan)


@NOUN.get("", "incident.read", Page[Continuity])
def list_continuity(request: Request, incident: IncidentId) -> Page[Continuity]:
    """Continuity plans that are or were in use."""
    case = load(incident, request.act.who)
    return whole(_told(request, case, key) for key in case.incident.business.continuity)


@NOUN.post("", _ACT, Continuity)
def activate_continuity(request: Request, incident: IncidentId, body: ActivationWrite) -> Continuity:
    """Put a plan into use: its steps become tasks."""
    if body.person:
        must_be_active(body.person, "person")
    case = acts.activate(request.act, incident, body.plan, body.person or "", body.minutes)
    found = [k for k, c in case.incident.business.continuity.items() if c.plan_id == body.plan]
    return _told(request, case, found[-1])


@NOUN.put("/{activation}/end", _ACT, Continuity)
def end_continuity(
    request: Request, incident: IncidentId, activation: Id, body: ContinuityEndWrite | None = None
) -> Continuity:
    """Back to normal."""
    case = acts.end(request.act, incident, activation, body.note if body else "")
    return _told(request, case, activation)


def _told(request: Request, case: Case, key: str) -> Continuity:
    c = case.incident.business.continuity[key]
    return Continuity(
        id=c.id, plan=c.plan_id, title=c.title, service=c.service, supplier=c.supplier, rto_minutes=c.rto_minutes,
        rpo_minutes=c.rpo_minutes, steps=list(c.steps), activated_by=request.names.of(c.activated_by),
        activated_at=c.activated_at, ended_at=c.ended_at, note=c.note,
    )  # fmt: skip
