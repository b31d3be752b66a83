"""How the executives' own work changes."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from .. import exec_work as parts
from ..events import Stamped
from ..events import exec_work as ev
from .fold import change, put


def exec_work(now: parts.ExecWork, stamped: Stamped, event: ev.ExecWorkEvent) -> parts.ExecWork:
    by, at = stamped.actor, stamped.at
    match event:
        case ev.ExecLineSet():
            line = parts.ExecLine(event.stream, event.text, by, at)
            return replace(now, lines=put(now.lines, event.stream, line))
        case ev.ExecTaskSet():
            before = now.tasks.get(event.task_id)
            if before is not None:
                said = {"stream": event.stream, "title": event.title, "owner": event.owner}
                changed = change(now.tasks, event.task_id, due_at=event.due_at, **said)
                return replace(now, tasks=changed)
            task = parts.ExecTask(event.task_id, event.stream, event.title, event.owner, event.due_at, by, at)
            return replace(now, tasks=put(now.tasks, event.task_id, task))
        case ev.ExecTaskEnded():
            ended = {"state": event.state, "result": event.result, "ended_by": by, "ended_at": at}
            return replace(now, tasks=change(now.tasks, event.task_id, **ended))
        case ev.ExecWordSaid():
            word = parts.ExecWord(event.word_id, event.text, by, at)
            return replace(now, words=put(now.words, event.word_id, word))
        case _:
            assert_never(event)
