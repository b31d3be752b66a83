"""Continuity plans of services in the catalogue, audited, and their use in an incident."""

from __future__ import annotations

from typing import Any

from quarterdeck.core.incidents import Event, Incident, Template, continuity
from quarterdeck.core.incidents.continuity import MOST_STEPS, STEP_MINUTES
from quarterdeck.core.incidents.events.business import ContinuityActivated
from quarterdeck.core.incidents.tasks import TITLE_LIMIT
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, need
from ..casebook import Case
from . import services
from .command import who

MOST_OF_A_SERVICE = 10
LONGEST_MINUTES = 60 * 24 * 60


def add_plan(
    act: Act, service_key: str, title: str, steps: tuple[str, ...], *, supplier: str = "", rto_minutes: int = 0,
    rpo_minutes: int = 0,
) -> models.ContinuityPlan:  # fmt: skip
    """How the business goes on without this service. RTO and RPO 0 say that none was agreed."""
    need(act, "service.edit")
    values = _tamed(title, steps, supplier, rto_minutes, rpo_minutes)
    with tx.write("web", "engine"):
        service = services.find(service_key, lock=True)
        if service.continuity_plans.count() >= MOST_OF_A_SERVICE:
            raise Refused("plan.many", f"{service.name} has {MOST_OF_A_SERVICE} plans. Remove one first.")
        row = models.ContinuityPlan.objects.create(
            id=new_id(), service=service, changed_by=act.person, changed_at=act.at, **values
        )
        log.audit("ContinuityPlanAdded", _told(row), at=act.at, actor=act.person)
    return row


def change_plan(
    act: Act, plan_id: str, title: str, steps: tuple[str, ...], *, supplier: str = "", rto_minutes: int = 0,
    rpo_minutes: int = 0,
) -> models.ContinuityPlan:  # fmt: skip
    """Another text of a plan. Incidents where it is in use keep what they began with."""
    need(act, "service.edit")
    values = _tamed(title, steps, supplier, rto_minutes, rpo_minutes)
    with tx.write("web", "engine"):
        row = find(plan_id)
        before = _told(row)
        for field, value in values.items():
            setattr(row, field, value)
        if _told(row) != before:
            row.changed_by, row.changed_at = act.person, act.at
            row.save()
            told = {"before": before, "after": _told(row)}
            log.audit("ContinuityPlanChanged", told, at=act.at, actor=act.person)
    return row


def remove_plan(act: Act, plan_id: str) -> str:
    need(act, "service.edit")
    with tx.write("web", "engine"):
        row = find(plan_id)
        log.audit("ContinuityPlanRemoved", _told(row), at=act.at, actor=act.person)
        row.delete()
    return row.title


def find(plan_id: str) -> models.ContinuityPlan:
    found = models.ContinuityPlan.objects.select_related("service").filter(id=plan_id).first()
    if found is None:
        raise missing("plan.unknown", "There is no such continuity plan. Reload the page.")
    return found


def of_services(keys: tuple[str, ...]) -> list[models.ContinuityPlan]:
    return list(models.ContinuityPlan.objects.select_related("service").filter(service__key__in=keys))


def activate(
    act: Act, incident_id: str, plan_id: str, person_id: str = "", minutes: int = STEP_MINUTES
) -> Case:
    """Put a plan into use: its steps become tasks of `person_id`, or of the actor."""
    plan, person = find(plan_id), who(person_id or act.person)
    said = ContinuityActivated(
        new_id(), plan.id, plan.title, plan.service.key, plan.supplier, plan.rto_minutes, plan.rpo_minutes,
        tuple(plan.steps),
    )  # fmt: skip
    ids = tuple(new_id() for _ in plan.steps)

    def decide(i: Incident, t: Template) -> list[Event]:
        return continuity.activate(
            i, t, act.who, plan=said, assignee=person, task_ids=ids, minutes=minutes, now=act.at
        )

    return casebook.change(act, incident_id, decide)


def end(act: Act, incident_id: str, activation_id: str, note: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: continuity.end(
            i, t, act.who, activation_id=activation_id, note=clean(note, 2000), now=act.at
        ),
    )


def _tamed(title: str, steps: tuple[str, ...], supplier: str, rto: int, rpo: int) -> dict[str, Any]:
    name = line(title, 200)
    if not name:
        raise bad("title.missing", "Give the plan a title people recognise.", title="missing")
    told = [t for t in (line(s, TITLE_LIMIT) for s in steps) if t]
    if not told or len(told) > MOST_STEPS:
        message = f"Write 1 to {MOST_STEPS} steps, one a line; each becomes a task."
        raise bad("steps.number", message, steps=message)
    for minutes, field in ((rto, "rto_minutes"), (rpo, "rpo_minutes")):
        if not 0 <= minutes <= LONGEST_MINUTES:
            message = f"Give 0 for none, or 1 to {LONGEST_MINUTES} minutes."
            raise bad(f"{field}.number", message, **{field: message})
    return {
        "title": name, "steps": told, "supplier": line(supplier, 300), "rto_minutes": rto, "rpo_minutes": rpo,
    }  # fmt: skip


def _told(row: models.ContinuityPlan) -> dict[str, Any]:
    return {
        "plan": row.id, "service": row.service.key, "title": row.title, "steps": list(row.steps),
        "supplier": row.supplier, "rto_minutes": row.rto_minutes, "rpo_minutes": row.rpo_minutes,
    }  # fmt: skip
