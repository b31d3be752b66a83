"""Tasks of an incident: for one named person, with a time box, acknowledged, checked back, finished (R-287)."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import Case
from quarterdeck.app.incidents import tasks as acts
from quarterdeck.app.visibility import must_see
from quarterdeck.core.incidents.parts import Task as Part
from quarterdeck.core.incidents.tasks import LONGEST_MINUTES
from quarterdeck.store import models

from .doors import Request
from .fields import Flag, Id, IncidentId, Line, Moment, Named, Number, Read, Text, Write
from .names import must_be_active
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Tasks", "/incidents/{incident}/tasks")
Minutes = Annotated[int, Number(1, LONGEST_MINUTES)]


class Task(Read):
    """`state`: given, acknowledged, done, cancelled. `due_at` is the end of the time box.

    `warnings` are said when it is given. `despite` is why it went to who leads the business response.
    """

    id: str
    title: str
    kind: str
    assignee: Named
    minutes: int
    given_by: Named
    given_at: Moment
    due_at: Moment
    state: str
    acknowledged_at: Moment | None
    reminded: bool
    late: bool
    note: str
    result: str
    ended_at: Moment | None
    end_reason: str
    reply: str
    replied_at: Moment | None
    despite: str
    warnings: list[str] = Field(default_factory=list)


class TaskWrite(Write):
    """Assignee and minutes are needed: a task for everybody is done by nobody. `despite`: whoever leads the business
    response hands work out and does none, so a task for them is refused (`task.to_lead`) without the reason.
    """

    title: Annotated[str, Text(300, least=1)]
    assignee: Id
    minutes: Minutes
    kind: Literal["task", "remediation", "can"] = "task"
    despite: Annotated[str, Text(300)] = ""


class CheckBackWrite(Write):
    note: Annotated[str, Text(1000)]


class ReplyWrite(Write):
    """`minutes` only with needs_time: that much more."""

    reply: Literal["acknowledged", "will_comply", "say_again", "standby", "unknown", "needs_time"]
    minutes: Minutes | None = None


class ResultWrite(Write):
    result: Annotated[str, Text(2000)] = ""


class CancellationWrite(Write):
    reason: Line


class AssigneeWrite(Write):
    assignee: Id
    minutes: Minutes
    despite: Annotated[str, Text(300)] = ""


class TasksAsked(PageAsked):
    is_open: Flag | None = Field(None, alias="open")
    assignee: Id | None = None


@NOUN.get("", "incident.read", Page[Task])
def list_tasks(request: Request, incident: IncidentId, asked: Query[TasksAsked]) -> Page[Task]:
    """The task board, in the order the tasks were given."""
    must_see(request.act.who, incident)
    rows = models.TaskRow.objects.filter(incident_id=incident)
    if asked.is_open is not None:
        running = ("given", "acknowledged")
        rows = rows.filter(state__in=running) if asked.is_open else rows.exclude(state__in=running)
    if asked.assignee:
        rows = rows.filter(assignee=asked.assignee)
    return page(asked, rows, ("id",), lambda found: [_told(request, r) for r in found])


@NOUN.post("", "incident.act", Task)
def give_task(request: Request, incident: IncidentId, body: TaskWrite) -> Task:
    """Give a task to one person."""
    case = acts.give(
        request.act, incident, body.title, body.assignee, body.minutes, kind=body.kind, despite=body.despite
    )
    part = next(reversed(case.incident.tasks.values()))
    told = _told(request, part)
    told.warnings = list(acts.warnings(case, part.id))
    return told


@NOUN.put("/{task}/acknowledgement", "incident.read", Task)
def acknowledge_task(request: Request, incident: IncidentId, task: Id) -> Task:
    """Take the task one was given."""
    return _one(request, acts.acknowledge(request.act, incident, task), task)


@NOUN.put("/{task}/reply", "incident.read", Task)
def reply_task(request: Request, incident: IncidentId, task: Id, body: ReplyWrite) -> Task:
    """One tap of the assignee: acknowledged, will comply, say again, standby, unknown, needs time."""
    return _one(request, acts.reply(request.act, incident, task, body.reply, body.minutes or 0), task)


@NOUN.put("/{task}/check-back", "incident.read", Task)
def check_back(request: Request, incident: IncidentId, task: Id, body: CheckBackWrite) -> Task:
    """How the task stands."""
    return _one(request, acts.check_back(request.act, incident, task, body.note), task)


@NOUN.put("/{task}/result", "incident.read", Task)
def finish_task(request: Request, incident: IncidentId, task: Id, body: ResultWrite | None = None) -> Task:
    """The task is done."""
    return _one(request, acts.finish(request.act, incident, task, body.result if body else ""), task)


@NOUN.put("/{task}/cancellation", "incident.act", Task)
def cancel_task(request: Request, incident: IncidentId, task: Id, body: CancellationWrite) -> Task:
    """The task is no longer needed."""
    return _one(request, acts.cancel(request.act, incident, task, body.reason), task)


@NOUN.put("/{task}/assignee", "incident.act", Task)
def reassign_task(request: Request, incident: IncidentId, task: Id, body: AssigneeWrite) -> Task:
    """Another person, with a new time box."""
    must_be_active(body.assignee, "assignee")
    case = acts.reassign(request.act, incident, task, body.assignee, body.minutes, body.despite)
    return _one(request, case, task)


def _one(request: Request, case: Case, task_id: str) -> Task:
    return _told(request, case.incident.tasks[task_id])


def _told(request: Request, part: Part | models.TaskRow) -> Task:
    """A row of the read table and a part of the incident have the same columns."""
    names = request.names.load((part.assignee, part.given_by))
    plain = {n: getattr(part, n) for n in Task.model_fields if n not in ("assignee", "given_by", "warnings")}
    return Task(**plain, assignee=names.of(part.assignee), given_by=names.of(part.given_by))
