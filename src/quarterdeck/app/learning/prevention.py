"""Preventive work: tasks with owner, day and evidence, and the plans that make the next one when it is time (R-227)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from quarterdeck.core.access import may, require
from quarterdeck.core.incidents.guards import calendar_day, filled, one_line
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, counted, cut
from quarterdeck.core.reviews.cadence import CADENCES, ONCE, between, following
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..incidents.services import find as find_service
from ..oncall import duty_notes
from ..paging.directory import Directory, must_be_active
from ..technical.technical import link
from . import causes

PLAN, TASK = "preventive_plan", "preventive_task"
TITLE_LIMIT, TEXT_LIMIT = 200, 4000
KINDS = {
    "certificate": "Certificate renewal",
    "capacity": "Capacity check",
    "restore_test": "Restore test",
    "failover_test": "Failover test",
    "patching": "Patching",
    "dependency": "Dependency check",
    "inspection": "Inspection",
    "trend": "What keeps coming back",
    "other": "Other",
}
OPEN, DONE, DROPPED = "open", "done", "dropped"
STATES = (OPEN, DONE, DROPPED)
LEAD_DAYS_MOST = 90
# Days until work that was made out of a trend or an alert is due.
USUAL_DAYS = 14
LOOKED_BACK = 90
TOLD_AT = time(7, 0, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """Work as somebody writes it. `due_on` is the first day, `cadence` once or how often it comes again."""

    title: str
    owner: str
    due_on: str
    kind: str = "other"
    service: str = ""
    cadence: str = ONCE
    lead_days: int = 7
    instructions: str = ""


def find_task(task_id: str) -> models.PreventiveTask:
    found = models.PreventiveTask.objects.filter(id=task_id).first()
    if found is None:
        raise missing("task.unknown", "There is no such preventive task. Look it up in the list.")
    return found


def find_plan(plan_id: str) -> models.PreventivePlan:
    found = models.PreventivePlan.objects.filter(id=plan_id).first()
    if found is None:
        raise missing("plan.unknown", "There is no such preventive plan. Look it up in the list.")
    return found


def is_late(task: models.PreventiveTask, today: str) -> bool:
    return task.state == OPEN and task.due_on < today


def add(act: Act, draft: Draft, *, source: str = "hand", ref: str = "") -> models.PreventiveTask:
    """One task, without any that follow."""
    need(act, "service.edit")
    said = _checked(draft)
    with tx.write("engine", "web"):
        return _task(act, said, source=source, source_ref=ref)


def plan(act: Act, draft: Draft) -> models.PreventivePlan:
    """Work that comes again: each task is made `lead_days` before its day."""
    need(act, "service.edit")
    if draft.cadence not in CADENCES:
        message = f"Choose one of: {', '.join(CADENCES)}."
        raise bad("cadence.unknown", message, cadence=message)
    if not 0 <= draft.lead_days <= LEAD_DAYS_MOST:
        message = f"The owner is told 0 to {LEAD_DAYS_MOST} days ahead."
        raise bad("plan.lead", message, lead_days=message)
    said = _checked(draft)
    first_on = said.pop("due_on")
    with tx.write("engine", "web"):
        row = models.PreventivePlan.objects.create(
            id=new_id(), **said, cadence=draft.cadence, lead_days=draft.lead_days, first_on=first_on, next_on=first_on,
            created_by=act.person, created_at=act.at,
        )  # fmt: skip
        _wake(row, act.at)
        log.audit("PreventivePlanMade", {"plan": row.id, "title": row.title}, at=act.at, actor=act.person)
    return row


def end(act: Act, plan_id: str) -> None:
    """No further task is made; those that are there stay. Twice changes nothing."""
    with tx.write("engine", "web"):
        row = models.PreventivePlan.objects.select_for_update().get(id=find_plan(plan_id).id)
        _mine(act, row.owner)
        if row.ended_at is None:
            models.PreventivePlan.objects.filter(id=row.id).update(ended_at=act.at)
            due.disarm(PLAN, [row.id], act.at)
            log.audit(
                "PreventivePlanEnded", {"plan": row.id, "title": row.title}, at=act.at, actor=act.person
            )


def finish(act: Act, task_id: str, evidence: str, url: str = "") -> models.PreventiveTask:
    """Done, with what shows it."""
    said = clean(filled(evidence, "evidence", "Say what was done and what shows it."), TEXT_LIMIT)
    return _close(act, task_id, DONE, said, link(url))


def drop(act: Act, task_id: str, why: str) -> models.PreventiveTask:
    """It is not done, with the reason."""
    return _close(
        act, task_id, DROPPED, clean(filled(why, "evidence", "Say why it is not done."), TEXT_LIMIT), ""
    )


def change(
    act: Act, task_id: str, *, owner: str | None = None, due_on: str | None = None
) -> models.PreventiveTask:
    """Another owner, another day. None leaves it as it is."""
    with tx.write("engine", "web"):
        row = _open(act, task_id)
        if owner is not None and owner != row.owner:
            must_be_active(owner, "owner")
            row.owner = owner
            _tell(row, "Preventive work is yours now", act.at)
        if due_on is not None and calendar_day(due_on) != row.due_on:
            row.due_on = calendar_day(due_on)
            due.rearm(TASK, row.id, _morning_after(row.due_on), act.at)
        row.save(update_fields=["owner", "due_on"])
        told = {"task": row.id, "owner": row.owner, "due_on": row.due_on}
        log.audit("PreventiveTaskChanged", told, at=act.at, actor=act.person)
    return row


def from_trend(act: Act, service: str, days: int = LOOKED_BACK) -> models.PreventiveTask:
    """Work on what keeps coming back in a service. Refused where nothing does; what is open already is given back."""
    need(act, "service.edit")
    row = find_service(service)
    known = _still_open("trend", row.key)
    if known is not None:
        return known
    found = [p for p in causes.coming_back(act.who, act.at, days) if p.kind == "service" and p.key == row.key]
    if not found:
        message = (
            f"Nothing came back for {row.name} in {counted(days, 'day')}: a trend is at least two incidents."
        )
        raise Refused("trend.none", message)
    # Whoever sees the task need not know of each incident.
    open_to_all = models.IncidentRow.objects.filter(id__in=found[0].incidents, restricted=False).count()
    title = cut(f"Find out why {row.name} keeps failing", TITLE_LIMIT)
    text = f"{counted(open_to_all, 'incident')} in {counted(days, 'day')}. " if open_to_all > 1 else ""
    text += "What came back stands under Reviews, Patterns."
    return add(act, _draft(act, row, title, "trend", text), source="trend", ref=row.key)


def from_alert(act: Act, alert_id: str) -> models.PreventiveTask:
    """An early sign, such as a disk that fills up, becomes planned work. One that is open already is given back."""
    need(act, "service.edit")
    alert = models.Alert.objects.select_related("service").filter(id=alert_id).first()
    if alert is None:
        raise missing("alert.unknown", "There is no such alert. Look it up in the list of alerts.")
    known = _still_open("alert", alert.id)
    if known is not None:
        return known
    title = cut(f"Before it fails: {alert.summary}", TITLE_LIMIT)
    text = f"Seen {counted(alert.count, 'time')}, sent by {alert.source or 'a tool'}."
    return add(act, _draft(act, alert.service, title, "capacity", text), source="alert", ref=alert.id)


def wake_plan(plan_id: str, directory: Directory) -> None:
    """Its timer: the next task is made, and the timer set for the one after. Days that passed meanwhile are not made up
    for: one task stands for them.
    """
    row = models.PreventivePlan.objects.select_for_update().filter(id=plan_id, ended_at=None).first()
    if row is None:
        return
    today, first = directory.now.date(), date.fromisoformat(row.first_on)
    lead = timedelta(days=row.lead_days)
    day = date.fromisoformat(row.next_on)
    if day - lead > today:
        _wake(row, directory.now)
        return
    made = models.PreventiveTask(
        id=new_id(), plan=row, title=row.title, kind=row.kind, service=row.service, owner=row.owner,
        due_on=row.next_on, instructions=row.instructions, source="plan", source_ref=row.id,
        created_by="engine", created_at=directory.now,
    )  # fmt: skip
    made.save(force_insert=True)
    due.rearm(TASK, made.id, _morning_after(made.due_on), directory.now)
    _tell(made, "Preventive work is due soon", directory.now)
    row.next_on = following(first, row.cadence, max(day, today + lead)).isoformat()
    row.save(update_fields=["next_on"])
    _wake(row, directory.now)


def wake_task(task_id: str, directory: Directory) -> None:
    """Its timer: its day is over. The owner hears of each missed day once."""
    row = models.PreventiveTask.objects.filter(id=task_id).first()
    if row is None or row.told_late == row.due_on or not is_late(row, directory.now.date().isoformat()):
        return
    models.PreventiveTask.objects.filter(id=row.id).update(told_late=row.due_on)
    _tell(row, "Overdue preventive work", directory.now)


def ahead(low: date, high: date) -> Iterator[tuple[date, models.PreventivePlan]]:
    """Days of running plans for which no task is made yet."""
    for row in models.PreventivePlan.objects.filter(ended_at=None):
        begins = max(low, date.fromisoformat(row.next_on))
        for day in between(date.fromisoformat(row.first_on), row.cadence, begins, high):
            yield day, row


def _checked(draft: Draft) -> dict[str, str]:
    if draft.kind not in KINDS:
        message = f"Choose one of: {', '.join(KINDS)}."
        raise bad("kind.unknown", message, kind=message)
    must_be_active(draft.owner, "owner")
    service = find_service(draft.service).key if draft.service else ""
    return {
        "title": one_line(filled(draft.title, "title", "Say what is to be done."), "title", TITLE_LIMIT),
        "kind": draft.kind,
        "service": service,
        "owner": draft.owner,
        "due_on": calendar_day(draft.due_on),
        "instructions": clean(draft.instructions, TEXT_LIMIT),
    }


def _draft(act: Act, service: models.Service | None, title: str, kind: str, text: str) -> Draft:
    """Owned by who leads the team of the service, else by whoever makes it."""
    leads = models.Membership.objects.filter(
        team=service.team if service else None, lead=True, person__is_active=True
    )
    owner = leads.order_by("person__name").values_list("person_id", flat=True).first() or act.person
    day = act.at.date() + timedelta(days=USUAL_DAYS)
    return Draft(title, owner, day.isoformat(), kind, service.key if service else "", instructions=text)


def _still_open(source: str, ref: str) -> models.PreventiveTask | None:
    return models.PreventiveTask.objects.filter(source=source, source_ref=ref, state=OPEN).first()


def _task(act: Act, said: dict[str, str], **more: str) -> models.PreventiveTask:
    row = models.PreventiveTask.objects.create(
        id=new_id(), **said, **more, created_by=act.person, created_at=act.at
    )
    due.rearm(TASK, row.id, _morning_after(row.due_on), act.at)
    log.audit("PreventiveTaskMade", {"task": row.id, "title": row.title}, at=act.at, actor=act.person)
    if row.owner != act.person:
        _tell(row, "Preventive work is yours now", act.at)
    return row


def _close(act: Act, task_id: str, state: str, evidence: str, url: str) -> models.PreventiveTask:
    with tx.write("engine", "web"):
        row = _open(act, task_id)
        row.state, row.evidence, row.evidence_url = state, evidence, url
        row.ended_by, row.ended_at = act.person, act.at
        row.save(update_fields=["state", "evidence", "evidence_url", "ended_by", "ended_at"])
        due.disarm(TASK, [row.id], act.at)
        log.audit("PreventiveTaskEnded", {"task": row.id, "state": state}, at=act.at, actor=act.person)
    return row


def _open(act: Act, task_id: str) -> models.PreventiveTask:
    row = models.PreventiveTask.objects.select_for_update(of=("self",)).get(id=find_task(task_id).id)
    _mine(act, row.owner)
    if row.state != OPEN:
        raise Refused("task.over", f"This task is {row.state} already. Make a new one if it comes again.")
    return row


def _mine(act: Act, owner: str) -> None:
    if owner != act.person and not may(act.who, "service.edit"):
        require(act.who, "service.edit")


def _wake(row: models.PreventivePlan, now: datetime) -> None:
    day = date.fromisoformat(row.next_on) - timedelta(days=row.lead_days)
    due.rearm(PLAN, row.id, max(datetime.combine(day, TOLD_AT), now), now)


def _morning_after(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day) + _DAY, TOLD_AT)


def _tell(row: models.PreventiveTask, subject: str, now: datetime) -> None:
    text = f"{row.title}\n\nDue on {row.due_on}. Say that it is done, with what shows it."
    duty_notes.tell([row.owner], subject, text, f"/prevention/tasks/{row.id}", now)
