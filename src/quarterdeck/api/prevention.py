"""Preventive work: tasks, the plans that make them again and again, and everything that is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from ninja import Query

from quarterdeck.app.learning import overdue
from quarterdeck.app.learning import prevention as acts
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models

from .doors import Request
from .fields import Day, Flag, Id, Key, Moment, Named, Number, Read, Text, Url, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page, whole

TASKS = Noun("Prevention", "/preventive-tasks")
PLANS = Noun("Prevention", "/preventive-plans")
OVERDUE = Noun("Prevention", "/overdue")
_READ, _EDIT = "service.read", "service.edit"
Title = Annotated[str, Text(acts.TITLE_LIMIT)]
Words = Annotated[str, Text(acts.TEXT_LIMIT)]
Kind = Literal[
    "certificate",
    "capacity",
    "restore_test",
    "failover_test",
    "patching",
    "dependency",
    "inspection",
    "trend",
    "other",
]
Cadence = Literal["weekly", "monthly", "quarterly", "half_yearly", "yearly"]


class PreventiveTask(Read):
    """`source`: plan, hand, trend, alert or risk; `evidence` is what shows that it was done, or why it was not."""

    id: str
    title: str
    kind: str
    service: str
    owner: Named
    due_on: str
    late: bool
    instructions: str
    plan: str
    source: str
    source_ref: str
    state: str
    evidence: str
    evidence_url: str
    ended_by: Named | None
    ended_at: Moment | None
    created_at: Moment


class PreventivePlan(Read):
    """`next_on` is the day of the next task, which is made `lead_days` before."""

    id: str
    title: str
    kind: str
    service: str
    owner: Named
    cadence: str
    lead_days: int
    first_on: str
    next_on: str
    instructions: str
    ended_at: Moment | None


class TaskFrom(Write):
    """`trend`: a service (its key) in which incidents came back. `alert`: an early sign (its id)."""

    kind: Literal["trend", "alert"]
    ref: Annotated[str, Text(60, least=1)]


class PreventiveTaskWrite(Write):
    """Either a task of your own, or `made_from` a trend or an alert: then the rest is filled in."""

    title: Title = ""
    owner: Id | None = None
    due_on: Day | None = None
    kind: Kind = "other"
    service: Key | None = None
    instructions: Words = ""
    made_from: TaskFrom | None = None


class PreventiveTaskPatch(Write):
    owner: Id | None = None
    due_on: Day | None = None


class PreventiveEndWrite(Write):
    """`dropped`: it is not done, and `evidence` says why."""

    state: Literal["done", "dropped"]
    evidence: Words
    evidence_url: Url = ""


class PreventivePlanWrite(Write):
    title: Title
    owner: Id
    first_on: Day
    cadence: Cadence
    kind: Kind = "other"
    service: Key | None = None
    lead_days: Annotated[int, Number(0, acts.LEAD_DAYS_MOST)] = 7
    instructions: Words = ""


class TasksAsked(PageAsked):
    is_open: Flag | None = None
    service: Word = ""
    owner: Word = ""


class OverdueThing(Read):
    """`kind`: item (an action item), problem, risk, task, process, notice. `since` is the day that was missed."""

    kind: str
    id: str
    title: str
    owner: Named
    since: str
    path: str


class OverdueAsked(PageAsked):
    """`mine`: only yours, with the notices you have not read."""

    mine: Flag = False


@TASKS.get("", _READ, Page[PreventiveTask])
def list_preventive_tasks(request: Request, asked: Query[TasksAsked]) -> Page[PreventiveTask]:
    """Preventive tasks by their day."""
    rows = models.PreventiveTask.objects.all()
    if asked.is_open is not None:
        rows = rows.filter(state=acts.OPEN) if asked.is_open else rows.exclude(state=acts.OPEN)
    if asked.service:
        rows = rows.filter(service=asked.service)
    if asked.owner:
        rows = rows.filter(owner=asked.owner)
    return page(asked, rows, ("due_on", "id"), lambda found: _tasks(request, found))


@TASKS.post("", _EDIT, PreventiveTask)
def add_preventive_task(request: Request, body: PreventiveTaskWrite) -> PreventiveTask:
    """A task of your own, or one made from a trend or an alert. What is open already is given back."""
    if body.made_from is not None:
        make = acts.from_trend if body.made_from.kind == "trend" else acts.from_alert
        return _tasks(request, [make(request.act, body.made_from.ref)])[0]
    if body.due_on is None:
        message = "Give the day it is due."
        raise bad("due_on.missing", message, due_on=message)
    draft = acts.Draft(
        body.title, body.owner or request.act.person, body.due_on, body.kind, body.service or "",
        instructions=body.instructions,
    )  # fmt: skip
    return _tasks(request, [acts.add(request.act, draft)])[0]


@TASKS.get("/{task}", _READ, PreventiveTask)
def get_preventive_task(request: Request, task: Id) -> PreventiveTask:
    return _tasks(request, [acts.find_task(task)])[0]


@TASKS.patch("/{task}", _READ, PreventiveTask)
def change_preventive_task(request: Request, task: Id, body: PreventiveTaskPatch) -> PreventiveTask:
    """Another owner or day, by its owner or with the right to change services."""
    return _tasks(request, [acts.change(request.act, task, owner=body.owner, due_on=body.due_on)])[0]


@TASKS.put("/{task}/end", _READ, PreventiveTask)
def end_preventive_task(request: Request, task: Id, body: PreventiveEndWrite) -> PreventiveTask:
    """Done with its evidence, or dropped with a reason."""
    if body.state == acts.DONE:
        row = acts.finish(request.act, task, body.evidence, body.evidence_url)
    else:
        row = acts.drop(request.act, task, body.evidence)
    return _tasks(request, [row])[0]


@PLANS.get("", _READ, Page[PreventivePlan])
def list_preventive_plans(request: Request, asked: Query[PageAsked]) -> Page[PreventivePlan]:
    """Plans by the day of their next task, those that have ended too."""
    rows = models.PreventivePlan.objects.all()
    return page(asked, rows, ("next_on", "id"), lambda found: _plans(request, found))


@PLANS.post("", _EDIT, PreventivePlan)
def add_preventive_plan(request: Request, body: PreventivePlanWrite) -> PreventivePlan:
    """Work that comes again from `first_on` on."""
    draft = acts.Draft(
        body.title, body.owner, body.first_on, body.kind, body.service or "", body.cadence, body.lead_days,
        body.instructions,
    )  # fmt: skip
    return _plans(request, [acts.plan(request.act, draft)])[0]


@PLANS.delete("/{plan}", _READ)
def end_preventive_plan(request: Request, plan: Id) -> None:
    """No further task is made. By its owner, or with the right to change services."""
    acts.end(request.act, plan)


@OVERDUE.get("", _READ, Page[OverdueThing])
def list_overdue(request: Request, asked: Query[OverdueAsked]) -> Page[OverdueThing]:
    """What is overdue, late longest first; at most 500."""
    who, today = request.act.who, request.act.at.date().isoformat()
    found = overdue.of_person(who, today, request.act.at) if asked.mine else overdue.found(who, today)
    names = request.names.load(one.owner for one in found)
    return whole(
        OverdueThing(kind=o.kind, id=o.id, title=o.title, owner=names.of(o.owner), since=o.since, path=o.path)
        for o in found
    )


def _tasks(request: Request, rows: Sequence[models.PreventiveTask]) -> list[PreventiveTask]:
    names = request.names.load([*(r.owner for r in rows), *(r.ended_by for r in rows)])
    today = request.act.at.date().isoformat()
    return [
        PreventiveTask(
            id=r.id, title=r.title, kind=r.kind, service=r.service, owner=names.of(r.owner), due_on=r.due_on,
            late=acts.is_late(r, today), instructions=r.instructions, plan=r.plan_id or "", source=r.source,
            source_ref=r.source_ref, state=r.state, evidence=r.evidence, evidence_url=r.evidence_url,
            ended_by=names.maybe(r.ended_by), ended_at=r.ended_at, created_at=r.created_at,
        )
        for r in rows
    ]  # fmt: skip


def _plans(request: Request, rows: Sequence[models.PreventivePlan]) -> list[PreventivePlan]:
    names = request.names.load(r.owner for r in rows)
    return [
        PreventivePlan(
            id=r.id, title=r.title, kind=r.kind, service=r.service, owner=names.of(r.owner), cadence=r.cadence,
            lead_days=r.lead_days, first_on=r.first_on, next_on=r.next_on, instructions=r.instructions,
            ended_at=r.ended_at,
        )
        for r in rows
    ]  # fmt: skip
