"""Sentences of the work: tasks, checklists, validation checks."""

from __future__ import annotations

from typing import assert_never

from ..events import (
    CheckEvent,
    CheckFailed,
    ChecklistDone,
    ChecklistUndone,
    CheckPassed,
    CheckPlanned,
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
from .line import Said, Teller, quoted


def task(event: TaskEvent, tell: Teller) -> Said:
    what = f"the task {quoted(event.title)}" if event.title else "a task"
    match event:
        case TaskGiven():
            title = f"{tell.who} gave {tell.name(event.assignee)} {what}, {event.minutes} min"
            if tell.is_actor(event.assignee):
                title = f"{tell.who} took {what}, {event.minutes} min"
            return Said("task", "entry", title, event.despite)
        case TaskAcknowledged():
            return Said("task", "system", f"{tell.who} acknowledged {what}")
        case TaskReminded():
            return Said("task", "system", f"{tell.name(event.assignee)} was reminded of {what}")
        case TaskLate():
            return Said("task", "entry", f"The time for {what} is over; {tell.name(event.assignee)} has it")
        case TaskCheckedBack():
            return Said("task", "entry", f"{tell.who} checked back on {what}", event.note)
        case TaskDone():
            return Said("task", "entry", f"{tell.who} finished {what}", event.result)
        case TaskCancelled():
            return Said("task", "system", f"{tell.who} cancelled {what}", event.reason)
        case TaskReassigned():
            to = tell.name(event.assignee)
            before = f" from {tell.name(event.previous)}" if event.previous else ""
            return Said(
                "task",
                "entry",
                f"{tell.who} passed {what}{before} to {to}, {event.minutes} min",
                event.despite,
            )
        case _:
            assert_never(event)


def check(event: CheckEvent, tell: Teller) -> Said:
    match event:
        case ChecklistDone():
            return Said(
                "checklist", "system", f"{tell.who} ticked {quoted(event.text) or _item(event, tell)}"
            )
        case ChecklistUndone():
            return Said(
                "checklist", "system", f"{tell.who} unticked {quoted(event.text) or _item(event, tell)}"
            )
        case CheckPlanned():
            bound = f", with the alerts of {event.service}" if event.service else ""
            return Said("check", "system", f"{tell.who} planned a check of {event.subject}{bound}")
        case CheckPassed():
            return Said(
                "check", "entry", f"{tell.who} found {event.subject or 'a check'} working", event.note
            )
        case CheckFailed():
            return Said(
                "check", "entry", f"{tell.who} found {event.subject or 'a check'} failing", event.note
            )
        case _:
            assert_never(event)


def _item(event: ChecklistDone | ChecklistUndone, tell: Teller) -> str:
    return f"item {event.index + 1} of {tell.titles(event.role)} in {tell.titles(event.phase)}"
