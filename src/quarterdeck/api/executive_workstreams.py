"""The executives' own workstreams of an incident with tasks and status lines, and their channel with the liaison."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.executives import exec_streams as acts
from quarterdeck.app.executives import executives
from quarterdeck.core.incidents.exec_streams import belongs
from quarterdeck.core.incidents.exec_work import ExecTask, ExecWord
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import Id, IncidentId, Line, Moment, Named, Read, Text, When, Write
from .operations import Noun
from .pages import Page, whole

STREAMS = Noun("Executives", "/incidents/{incident}/executive-workstreams")
WORDS = Noun("Executives", "/incidents/{incident}/executive-channel")
_READ, _WORK = "brief.read", "executive.work"
StreamKey = Literal["continuity", "legal", "pr", "people"]


class ExecutiveTask(Read):
    id: str
    title: str
    owner: Named | None
    due_at: Moment | None
    state: Literal["open", "done", "dropped"]
    result: str
    set_by: Named
    set_at: Moment
    ended_at: Moment | None


class ExecutiveWorkstream(Read):
    """`line` is what crosses to the commander; `tasks` null for whoever reads that alone."""

    key: StreamKey
    title: str
    line: str
    line_at: Moment | None
    tasks: list[ExecutiveTask] | None


class ExecutiveLineWrite(Write):
    text: Annotated[str, Text(200, least=1)]


class ExecutiveTaskWrite(Write):
    """`owner` is an executive or the liaison."""

    title: Annotated[str, Text(200, least=1)]
    owner: Id | None = None
    due_at: When | None = None


class ExecutiveTaskEnd(Write):
    state: Literal["done", "dropped"] = "done"
    result: Line = ""


class ExecutiveWord(Read):
    id: str
    text: str
    said_by: Named
    said_at: Moment


class ExecutiveWordWrite(Write):
    text: Annotated[str, Text(1000, least=1)]


@STREAMS.get("", _READ, Page[ExecutiveWorkstream])
def list_executive_workstreams(request: Request, incident: IncidentId) -> Page[ExecutiveWorkstream]:
    """Executives and their liaison see everything, the commander and the deputies one line of each, others nothing."""
    return whole(_told(request, incident))


@STREAMS.put("/{stream}/line", _WORK, ExecutiveWorkstream)
def set_executive_line(
    request: Request, incident: IncidentId, stream: StreamKey, body: ExecutiveLineWrite
) -> ExecutiveWorkstream:
    """How a workstream stands, in the one line that the commander reads."""
    acts.set_line(request.act, incident, stream, body.text)
    return _one(request, incident, stream)


@STREAMS.post("/{stream}/tasks", _WORK, ExecutiveTask)
def set_executive_task(
    request: Request, incident: IncidentId, stream: StreamKey, body: ExecutiveTaskWrite
) -> ExecutiveTask:
    """A task of a workstream. It stands on no board of the response."""
    case, key = acts.set_task(request.act, incident, stream, body.title, body.owner or "", body.due_at)
    return _task(request, case.incident.asks.work.tasks[key])


@STREAMS.put("/{stream}/tasks/{task}", _WORK, ExecutiveTask)
def change_executive_task(
    request: Request, incident: IncidentId, stream: StreamKey, task: Id, body: ExecutiveTaskWrite
) -> ExecutiveTask:
    """Another title, owner or time; or another workstream."""
    if task not in executives.load(request.act, incident).incident.asks.work.tasks:
        raise missing("task.unknown", "There is no such task here.")
    case, key = acts.set_task(request.act, incident, stream, body.title, body.owner or "", body.due_at, task)
    return _task(request, case.incident.asks.work.tasks[key])


@STREAMS.put("/{stream}/tasks/{task}/end", _WORK, ExecutiveTask)
def end_executive_task(
    request: Request, incident: IncidentId, stream: StreamKey, task: Id, body: ExecutiveTaskEnd | None = None
) -> ExecutiveTask:
    """It is done, or dropped."""
    said = body or ExecutiveTaskEnd()
    case = acts.end_task(request.act, incident, task, said.state, said.result)
    return _task(request, case.incident.asks.work.tasks[task])


@WORDS.get("", _READ, Page[ExecutiveWord])
def list_executive_words(request: Request, incident: IncidentId) -> Page[ExecutiveWord]:
    """What executives and their liaison said to each other. Nobody else has any of it."""
    case = executives.load(request.act, incident)
    inside = belongs(case.incident, case.template, request.act.who)
    found = list(case.incident.asks.work.words.values()) if inside else []
    request.names.load({w.said_by for w in found})
    return whole(_word(request, w) for w in found)


@WORDS.post("", _WORK, ExecutiveWord)
def say_executive_word(request: Request, incident: IncidentId, body: ExecutiveWordWrite) -> ExecutiveWord:
    """Say something there. Executives only read in the quiet period; questions go into their own queue."""
    case = acts.say(request.act, incident, body.text)
    return _word(request, next(reversed(case.incident.asks.work.words.values())))


def _told(request: Request, incident: str) -> list[ExecutiveWorkstream]:
    case = executives.load(request.act, incident)
    found = acts.streams(case, request.act.who)
    people = {p for s in found for t in s.tasks or () for p in (t.owner, t.set_by) if p}
    request.names.load(people)
    return [
        ExecutiveWorkstream(
            key=s.key, title=s.title, line=s.line.text if s.line else "", line_at=s.line.set_at if s.line else None,
            tasks=None if s.tasks is None else [_task(request, t) for t in s.tasks],
        )
        for s in found
    ]  # fmt: skip


def _one(request: Request, incident: str, stream: str) -> ExecutiveWorkstream:
    return next(s for s in _told(request, incident) if s.key == stream)


def _task(request: Request, t: ExecTask) -> ExecutiveTask:
    names = request.names
    return ExecutiveTask(
        id=t.id, title=t.title, owner=names.maybe(t.owner), due_at=t.due_at, state=t.state, result=t.result,
        set_by=names.of(t.set_by), set_at=t.set_at, ended_at=t.ended_at,
    )  # fmt: skip


def _word(request: Request, w: ExecWord) -> ExecutiveWord:
    return ExecutiveWord(id=w.id, text=w.text, said_by=request.names.of(w.said_by), said_at=w.said_at)
