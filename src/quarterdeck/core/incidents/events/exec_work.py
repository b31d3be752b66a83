"""Events of what executives do beside the response: their workstreams, and words with their liaison."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ExecLineSet:
    """The one status line of a workstream that crosses to the commander."""

    stream: str
    text: str


@dataclass(frozen=True, slots=True)
class ExecTaskSet:
    """New, or described anew. `owner` is an executive or their liaison, "" for nobody yet."""

    task_id: str
    stream: str
    title: str
    owner: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExecTaskEnded:
    """`state`: done or dropped."""

    task_id: str
    stream: str
    state: str
    result: str = ""


@dataclass(frozen=True, slots=True)
class ExecWordSaid:
    """In the channel of the executives and their liaison."""

    word_id: str
    text: str


ExecWorkEvent = ExecLineSet | ExecTaskSet | ExecTaskEnded | ExecWordSaid
