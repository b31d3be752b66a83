"""Tasks and validation checks of an incident."""

from __future__ import annotations

from quarterdeck.core.incidents import Event, Incident, Template, checks
from quarterdeck.core.incidents import tasks as core
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..alerts import relapses
from ..casebook import Case
from ..paging.directory import must_be_active


def give(
    act: Act,
    incident_id: str,
    title: str,
    assignee: str,
    minutes: int,
    *,
    kind: str = "task",
    role_item: str = "",
    despite: str = "",
) -> Case:
    """A task for one named person with a time box; without either it is refused (R-287). `despite` is the reason to
    give it to the lead of a business incident.
    """
    if assignee:
        must_be_active(assignee, "assignee")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.give_task(
            i, t, act.who, task_id=new_id(), title=line(title, 300), assignee=assignee, minutes=minutes,
            role_item=line(role_item, 200), kind=kind, despite=line(despite, 300),
        ),
    )  # fmt: skip


def warnings(case: Case, task_id: str) -> tuple[str, ...]:
    """What to think of, now that this task was given: a commander who repairs, and who could instead (R-041)."""
    task = case.incident.tasks[task_id]
    return core.warnings(case.incident, case.template, assignee=task.assignee, kind=task.kind)


def acknowledge(act: Act, incident_id: str, task_id: str) -> Case:
    return casebook.change(act, incident_id, lambda i, t: core.acknowledge_task(i, act.who, task_id=task_id))


def reply(act: Act, incident_id: str, task_id: str, reply: str, minutes: int = 0) -> Case:
    """The assignee's one-tap answer (R-285)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.reply_task(i, act.who, task_id=task_id, reply=reply, minutes=minutes),
    )


def check_back(act: Act, incident_id: str, task_id: str, note: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: core.check_back(i, t, act.who, task_id=task_id, note=line(note, 1000))
    )


def finish(act: Act, incident_id: str, task_id: str, result: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.finish_task(i, t, act.who, task_id=task_id, result=clean(result, 2000)),
    )


def cancel(act: Act, incident_id: str, task_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.cancel_task(i, t, act.who, task_id=task_id, reason=line(reason, 300)),
    )


def reassign(
    act: Act, incident_id: str, task_id: str, assignee: str, minutes: int, despite: str = ""
) -> Case:
    if assignee:
        must_be_active(assignee, "assignee")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.reassign_task(
            i, t, act.who, task_id=task_id, assignee=assignee, minutes=minutes, despite=line(despite, 300)
        ),
    )


def plan_check(act: Act, incident_id: str, subject: str, kind: str = "region", service: str = "") -> Case:
    """`service` binds the check to the alerts of that service (R-064)."""
    if service and not models.Service.objects.filter(key=service).exists():
        message = "There is no such service. Choose one of the catalogue."
        raise bad("service.unknown", message, service=message)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: checks.plan_check(
            i, t, act.who, check_id=new_id(), subject=line(subject, 200), kind=kind, service=service
        ),
    )


def pass_check(act: Act, incident_id: str, check_id: str, note: str = "") -> Case:
    """Refused while an alert of the service fires that the check is bound to."""

    def decide(i: Incident, t: Template) -> list[Event]:
        bound = i.checks.get(check_id)
        alerts = relapses.firing(bound.service) if bound else ()
        return checks.pass_check(i, act.who, check_id=check_id, note=line(note, 500), firing=alerts)

    return casebook.change(act, incident_id, decide)


def fail_check(act: Act, incident_id: str, check_id: str, note: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: checks.fail_check(i, act.who, check_id=check_id, note=line(note, 500))
    )


def tick(act: Act, incident_id: str, role: str, phase: str, index: int, done: bool = True) -> Case:
    """Tick or untick an item of a role's checklist."""
    decide = checks.tick if done else checks.untick
    return casebook.change(
        act, incident_id, lambda i, t: decide(i, t, act.who, role=role, phase=phase, index=index)
    )
