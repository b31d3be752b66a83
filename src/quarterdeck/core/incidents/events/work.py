"""Events of the work: tasks with a person and a time box, validation checks, checklist items."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskGiven:
    """`minutes` is the time box. `role_item` names the checklist item it came from.

    `kind`: task, remediation. `despite`: why it goes to somebody who hands work out and does none.
    """

    task_id: str
    title: str
    assignee: str
    minutes: int
    role_item: str = ""
    kind: str = "task"
    despite: str = ""


@dataclass(frozen=True, slots=True)
class TaskAcknowledged:
    task_id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class TaskReminded:
    """Nobody acknowledged the task in time (R-287)."""

    task_id: str
    title: str = ""
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class TaskLate:
    """The time box is over and the task is not done (R-075)."""

    task_id: str
    title: str = ""
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class TaskCheckedBack:
    task_id: str
    note: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class TaskDone:
    task_id: str
    result: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class TaskCancelled:
    task_id: str
    reason: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class TaskReassigned:
    task_id: str
    assignee: str
    minutes: int
    title: str = ""
    previous: str = ""
    despite: str = ""


TaskEvent = (
    TaskGiven
    | TaskAcknowledged
    | TaskReminded
    | TaskLate
    | TaskCheckedBack
    | TaskDone
    | TaskCancelled
    | TaskReassigned
)


@dataclass(frozen=True, slots=True)
class ChecklistDone:
    """`index` counts from 0 within the role's items of the phase, in the pinned template."""

    role: str
    phase: str
    index: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class ChecklistUndone:
    role: str
    phase: str
    index: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class CheckPlanned:
    """A validation check per region or component (R-018), bound to the alerts of `service` if one is named (R-064)."""

    check_id: str
    subject: str
    kind: str = "region"
    service: str = ""


@dataclass(frozen=True, slots=True)
class CheckPassed:
    check_id: str
    note: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class CheckFailed:
    check_id: str
    note: str = ""
    subject: str = ""


CheckEvent = ChecklistDone | ChecklistUndone | CheckPlanned | CheckPassed | CheckFailed
