"""Questions and answers on a task of an incident."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.casebook import load
from quarterdeck.app.technical import technical as acts
from quarterdeck.core.incidents.task_words import TEXT_LIMIT
from quarterdeck.core.incidents.technical import TaskWord as Part

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Read, Text, Write, Yes
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Tasks", "/incidents/{incident}/tasks/{task}/words")


class TaskWord(Read):
    """A question where `asks` is true, else an answer."""

    id: str
    asks: bool
    text: str
    said_by: Named
    said_at: Moment


class TaskWordWrite(Write):
    text: Annotated[str, Text(TEXT_LIMIT, least=1)]
    asks: Yes = False


@NOUN.get("", "incident.read", Page[TaskWord])
def list_task_words(request: Request, incident: IncidentId, task: Id) -> Page[TaskWord]:
    """What was asked and answered on a task, in its order."""
    found = load(incident, request.act.who).incident.technical.words.values()
    return whole(_told(request, w) for w in found if w.task == task)


@NOUN.post("", "incident.act", TaskWord)
def say_on_task(request: Request, incident: IncidentId, task: Id, body: TaskWordWrite) -> TaskWord:
    """Ask or answer; whoever has the task, gave it or asked is told."""
    case = acts.say_on_task(request.act, incident, task, body.text, asks=body.asks)
    return _told(request, next(reversed(case.incident.technical.words.values())))


def _told(request: Request, w: Part) -> TaskWord:
    return TaskWord(id=w.id, asks=w.asks, text=w.text, said_by=request.names.of(w.said_by), said_at=w.said_at)
