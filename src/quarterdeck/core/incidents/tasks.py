"""Tasks: one named person, a time box, an acknowledgement, a result. Late and unanswered ones speak up."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from . import remediations
from .authority import act, authorise
from .eligibility import definition
from .events import (
    Event,
    TaskAcknowledged,
    TaskCancelled,
    TaskCheckedBack,
    TaskDone,
    TaskGiven,
    TaskLate,
    TaskReassigned,
    TaskReminded,
    TaskReplied,
)
from .guards import filled, known, not_ended, one_line
from .parts import Task
from .response import BUSINESS
from .safety import must_not_be_stopped
from .state import COMMANDER, Incident
from .structure import LIGHT_PATH_RANK, Template

KINDS = ("task", "remediation", "can")
REPLIES = ("acknowledged", "will_comply", "say_again", "standby", "unknown", "needs_time")
TITLE_LIMIT = 300
LONGEST_MINUTES = 24 * 60
REMIND_AFTER = timedelta(seconds=60)


def give_task(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    task_id: str,
    title: str,
    assignee: str,
    minutes: int,
    role_item: str = "",
    kind: str = "task",
    despite: str = "",
) -> list[Event]:
    """Work for one person within `minutes`. Without assignee or minutes it is refused (R-287).

    Whoever acts in the incident may give a task to themselves; to others it takes task.assign. To the lead of a
    business incident it goes only with a reason, `despite` that they hand the work out and do none of it (R-094).
    """
    not_ended(incident)
    act(incident, by)
    if task_id in incident.tasks:
        return []
    title = one_line(filled(title, "title", "Say what is to be done."), "title", TITLE_LIMIT)
    assignee, minutes = _boxed(assignee, minutes)
    if kind not in KINDS:
        raise bad("task.kind", f"There is no kind of task {kind!r}. Choose one of: {', '.join(KINDS)}.")
    if assignee != by.person:
        authorise(incident, template, by, "task.assign")
    why = _despite(incident, template, assignee, despite)
    return [TaskGiven(task_id, title, assignee, minutes, role_item, kind, why)]


def warnings(incident: Incident, template: Template, *, assignee: str, kind: str) -> tuple[str, ...]:
    """What to think of before giving the task; nothing is refused for it (R-041)."""
    commander = incident.commander
    commands = commander is not None and commander.person == assignee
    if commands and template.key == BUSINESS:
        return (_hands_out(template),)
    if kind != "remediation" or not commands or incident.severity >= LIGHT_PATH_RANK:
        return ()
    repairer = next((r for r in definition(template, COMMANDER).excludes if incident.holder(r)), "")
    holder = incident.holder(repairer) if repairer else None
    better = f" {definition(template, repairer).title} could do it." if holder else ""
    return (f"The commander directs the repair and does not do it.{better}",)


def lead_of(template: Template) -> str:
    """The title of who hands the work out and does none of it; "" where nobody is kept from it."""
    return definition(template, COMMANDER).title if template.key == BUSINESS else ""


def _hands_out(template: Template) -> str:
    return f"The {lead_of(template)} hands the work out and does none of it. Name somebody else."


def _despite(incident: Incident, template: Template, assignee: str, despite: str) -> str:
    """The reason it goes to the lead of a business incident all the same; "" where it goes to anybody else."""
    commander = incident.commander
    if template.key != BUSINESS or commander is None or commander.person != assignee:
        return ""
    why = despite.strip()
    if not why:
        told = f"{_hands_out(template)} Or say why it must be them."
        raise Refused("task.to_lead", told, fields={"despite": "Say why it must be them."})
    return why


def acknowledge_task(incident: Incident, by: Who, *, task_id: str) -> list[Event]:
    """The assignee takes the task. [] when it is acknowledged already."""
    task = _running(incident, task_id)
    if task.state == "acknowledged":
        return []
    _assignee(task, by)
    must_not_be_stopped(incident, task.id, by.person)
    return [TaskAcknowledged(task.id, task.title)]


def reply_task(incident: Incident, by: Who, *, task_id: str, reply: str, minutes: int = 0) -> list[Event]:
    """One tap of the assignee (R-285): acknowledged, will comply, say again, standby, unknown, needs `minutes` more.

    Any reply ends the reminder; the first two acknowledge the task, "needs time" moves its end (R-284).
    """
    task = _running(incident, task_id)
    if reply not in REPLIES:
        raise bad("reply.unknown", f"There is no reply {reply!r}. Choose one of: {', '.join(REPLIES)}.")
    _assignee(task, by)
    if reply == "needs_time" and not 0 < minutes <= LONGEST_MINUTES:
        message = f"Say how many minutes more, 1 to {LONGEST_MINUTES}."
        raise bad("minutes.number", message, minutes=message)
    if reply in ("acknowledged", "will_comply"):
        must_not_be_stopped(incident, task.id, by.person)
    if reply == task.reply and reply != "needs_time":
        return []
    return [TaskReplied(task.id, reply, minutes if reply == "needs_time" else 0, task.title)]


def check_back(incident: Incident, template: Template, by: Who, *, task_id: str, note: str) -> list[Event]:
    """How the task stands, said by the assignee or asked for by who gives tasks."""
    task = _running(incident, task_id)
    if by.person != task.assignee:
        authorise(incident, template, by, "task.assign", "task.view")
    return [TaskCheckedBack(task.id, filled(note, "note", "Say how the task stands."), task.title)]


def finish_task(
    incident: Incident, template: Template, by: Who, *, task_id: str, result: str = ""
) -> list[Event]:
    """Done, with its result. By the assignee, or for them by who gives tasks."""
    task = _task(incident, task_id)
    if task.state == "done":
        return []
    _must_run(task)
    if by.person != task.assignee:
        authorise(incident, template, by, "task.assign")
    must_not_be_stopped(incident, task.id, task.assignee)
    done = TaskDone(task.id, result.strip(), task.title)
    return [*remediations.with_task(incident, done), done]


def cancel_task(incident: Incident, template: Template, by: Who, *, task_id: str, reason: str) -> list[Event]:
    task = _task(incident, task_id)
    if task.state == "cancelled":
        return []
    _must_run(task)
    if by.person != task.given_by:
        authorise(incident, template, by, "task.assign")
    why = filled(reason, "reason", "Say why the task is no longer needed.")
    cancelled = TaskCancelled(task.id, why, task.title)
    return [*remediations.with_task(incident, cancelled), cancelled]


def reassign_task(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    task_id: str,
    assignee: str,
    minutes: int,
    despite: str = "",
) -> list[Event]:
    """Another person, a new time box, a new acknowledgement."""
    task = _running(incident, task_id)
    authorise(incident, template, by, "task.assign")
    assignee, minutes = _boxed(assignee, minutes)
    if (assignee, minutes) == (task.assignee, task.minutes):
        return []
    why = _despite(incident, template, assignee, despite)
    passed = TaskReassigned(task.id, assignee, minutes, task.title, task.assignee, why)
    return [*remediations.with_task(incident, passed), passed]


def due_events(incident: Incident, now: datetime, remind_after: timedelta = REMIND_AFTER) -> list[Event]:
    """Reminders of unacknowledged tasks and the end of time boxes, each once."""
    events: list[Event] = []
    for task in _open(incident):
        if _unanswered(task) and now >= task.given_at + remind_after:
            events.append(TaskReminded(task.id, task.title, task.assignee))
        if not task.late and now >= task.due_at:
            events.append(TaskLate(task.id, task.title, task.assignee))
    return events


def wake_at(incident: Incident, remind_after: timedelta = REMIND_AFTER) -> datetime | None:
    """The next moment at which `due_events` may have something new; None when never."""
    moments = [t.given_at + remind_after for t in _open(incident) if _unanswered(t)]
    moments += [t.due_at for t in _open(incident) if not t.late]
    return min(moments, default=None)


def _unanswered(task: Task) -> bool:
    """Whoever gives a task to themselves knows of it."""
    return task.state == "given" and not task.reminded and task.assignee != task.given_by


def _open(incident: Incident) -> list[Task]:
    return [] if incident.has_ended else [t for t in incident.tasks.values() if t.is_open]


def _task(incident: Incident, task_id: str) -> Task:
    not_ended(incident)
    return known(incident.tasks.get(task_id), "task.unknown", "task")


def _running(incident: Incident, task_id: str) -> Task:
    task = _task(incident, task_id)
    _must_run(task)
    return task


def _must_run(task: Task) -> None:
    if not task.is_open:
        raise Refused("task.ended", f"This task is {task.state}. Give a new one.")


def _assignee(task: Task, by: Who) -> None:
    if by.person != task.assignee:
        raise forbidden(
            "task.not_yours", "Only the person it was given to can acknowledge. Have it reassigned."
        )


def _boxed(assignee: str, minutes: int) -> tuple[str, int]:
    fields = {}
    if not assignee.strip():
        fields["assignee"] = "Name one person. A task for everybody is done by nobody."
    if not 0 < minutes <= LONGEST_MINUTES:
        fields["minutes"] = f"Give a time box of 1 to {LONGEST_MINUTES} minutes."
    if fields:
        raise bad("task.incomplete", " ".join(fields.values()), **fields)
    return assignee.strip(), minutes
