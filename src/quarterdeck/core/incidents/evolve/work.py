"""How tasks, checklist items and validation checks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from ..events import (
    CheckEvent,
    CheckFailed,
    ChecklistDone,
    ChecklistUndone,
    CheckPassed,
    CheckPlanned,
    Stamped,
    TaskAcknowledged,
    TaskCancelled,
    TaskCheckedBack,
    TaskDone,
    TaskEvent,
    TaskGiven,
    TaskLate,
    TaskReassigned,
    TaskReminded,
)
from ..parts import Check, ChecklistTick, Task
from ..state import Incident, tick_key
from .fold import change, drop, put


def task(state: Incident, stamped: Stamped, event: TaskEvent) -> Incident:
    match event:
        case TaskGiven():
            return replace(state, tasks=put(state.tasks, event.task_id, _given(stamped, event)))
        case TaskAcknowledged():
            return _task(state, event.task_id, state="acknowledged", acknowledged_at=stamped.at)
        case TaskReminded():
            return _task(state, event.task_id, reminded=True)
        case TaskLate():
            return _task(state, event.task_id, late=True)
        case TaskCheckedBack():
            return _task(state, event.task_id, note=event.note)
        case TaskDone():
            return _task(state, event.task_id, state="done", result=event.result, ended_at=stamped.at)
        case TaskCancelled():
            reason = event.reason
            return _task(state, event.task_id, state="cancelled", end_reason=reason, ended_at=stamped.at)
        case TaskReassigned():
            return _reassigned(state, stamped, event)
        case _:
            assert_never(event)


def check(state: Incident, stamped: Stamped, event: CheckEvent) -> Incident:
    match event:
        case ChecklistDone():
            key = tick_key(event.role, event.phase, event.index)
            tick = ChecklistTick(event.role, event.phase, event.index, event.text, stamped.actor, stamped.at)
            return replace(state, ticks=put(state.ticks, key, tick))
        case ChecklistUndone():
            return replace(state, ticks=drop(state.ticks, tick_key(event.role, event.phase, event.index)))
        case CheckPlanned():
            planned = Check(
                event.check_id, event.subject, event.kind, planned_at=stamped.at, service=event.service
            )
            return replace(state, checks=put(state.checks, event.check_id, planned))
        case CheckPassed():
            return _checked(state, stamped, event, "passed")
        case CheckFailed():
            return _checked(state, stamped, event, "failed")
        case _:
            assert_never(event)


def _given(stamped: Stamped, event: TaskGiven) -> Task:
    return Task(
        id=event.task_id,
        title=event.title,
        assignee=event.assignee,
        minutes=event.minutes,
        given_by=stamped.actor,
        given_at=stamped.at,
        due_at=stamped.at + timedelta(minutes=event.minutes),
        kind=event.kind,
        role_item=event.role_item,
        despite=event.despite,
    )


def _task(state: Incident, task_id: str, /, **values: object) -> Incident:
    return replace(state, tasks=change(state.tasks, task_id, **values))


def _reassigned(state: Incident, stamped: Stamped, event: TaskReassigned) -> Incident:
    """The new assignee has a fresh time box and has not acknowledged yet."""
    return _task(
        state,
        event.task_id,
        assignee=event.assignee,
        minutes=event.minutes,
        despite=event.despite,
        given_by=stamped.actor,
        given_at=stamped.at,
        due_at=stamped.at + timedelta(minutes=event.minutes),
        state="given",
        acknowledged_at=None,
        reminded=False,
        late=False,
    )


def _checked(state: Incident, stamped: Stamped, event: CheckPassed | CheckFailed, outcome: str) -> Incident:
    done = change(
        state.checks,
        event.check_id,
        state=outcome,
        note=event.note,
        checked_by=stamped.actor,
        checked_at=stamped.at,
    )
    return replace(state, checks=done)
