"""The executives' own workstreams and their channel with the liaison: kept apart from the technical board (X-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import exec_streams as core
from quarterdeck.core.incidents.bridging import holders
from quarterdeck.core.incidents.exec_work import STREAMS, ExecLine, ExecTask
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..incidents import command


@dataclass(frozen=True, slots=True)
class Stream:
    """`tasks` is None for whoever reads the status line alone."""

    key: str
    title: str
    line: ExecLine | None
    tasks: tuple[ExecTask, ...] | None


def streams(case: Case, who: Who) -> list[Stream]:
    """The four of them as far as they are this person's to read; [] for whoever reads nothing of them."""
    incident, template = case.incident, case.template
    if not core.reads_lines(incident, template, who):
        return []
    inside = core.belongs(incident, template, who)
    work = incident.asks.work
    return [
        Stream(key, title, work.lines.get(key), work.of(key) if inside else None)
        for key, title in STREAMS.items()
    ]


def group(case: Case) -> list[models.Person]:
    """The executives who may know of it, and their liaison: whose a task may be."""
    rows = models.Person.objects.filter(role="executive", is_active=True).order_by("name", "id")
    found = [p for p in rows if core.belongs(case.incident, case.template, Who(p.id, frozenset({p.role})))]
    bridging = [p for p in holders(case.incident, case.template) if p not in {x.id for x in found}]
    return [*found, *models.Person.objects.filter(id__in=bridging, is_active=True).order_by("name", "id")]


def set_line(act: Act, incident_id: str, stream: str, text: str) -> Case:
    """The one line that crosses to the commander."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.set_line(i, t, act.who, stream=line(stream, 20), text=line(text, 400)),
    )


def set_task(
    act: Act,
    incident_id: str,
    stream: str,
    title: str,
    owner: str = "",
    due_at: datetime | None = None,
    task_id: str = "",
) -> tuple[Case, str]:
    """A new task, or `task_id` described anew; also its id."""
    key = task_id or new_id()
    whose = command.who(owner) if owner else None
    case = casebook.change(
        act,
        incident_id,
        lambda i, t: core.set_task(
            i, t, act.who, task_id=key, stream=line(stream, 20), title=line(title, 400), owner=whose, due_at=due_at
        ),
    )  # fmt: skip
    return case, key


def end_task(act: Act, incident_id: str, task_id: str, state: str = "done", result: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.end_task(
            i, t, act.who, task_id=task_id, state=line(state, 20), result=line(result, 400)
        ),
    )


def say(act: Act, incident_id: str, text: str) -> Case:
    """A word in the executives' channel."""
    key = new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.say(i, t, act.who, act.at, word_id=key, text=clean(text, 4000)),
    )
