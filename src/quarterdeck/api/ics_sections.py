"""The section boards of an ICS incident: what waits in operations, planning, logistics and finance."""

from __future__ import annotations

from quarterdeck.app.casebook import load
from quarterdeck.app.ics import sections

from .doors import Request
from .fields import IncidentId, Moment, Read
from .operations import Noun

NOUN = Noun("Section boards", "/incidents/{incident}/ics")


class SectionItem(Read):
    text: str
    note: str
    due_at: Moment | None


class SectionQueue(Read):
    """`total` counts everything, `items` holds the first fifty."""

    key: str
    title: str
    items: list[SectionItem]
    total: int


class SectionBoard(Read):
    """`chief` is a person's id, "" while the position is vacant; `does` is who does its work then."""

    key: str
    title: str
    chief: str
    does: str
    queues: list[SectionQueue]


@NOUN.get("/sections", "incident.read", list[SectionBoard])
def read_sections(request: Request, incident: IncidentId) -> list[SectionBoard]:
    """What waits in each section now: tasks, plans, orders, money."""
    case = load(incident, request.act.who)
    return [
        SectionBoard(
            key=s.key, title=s.title, chief=s.chief, does=s.does,
            queues=[
                SectionQueue(
                    key=q.key, title=q.title, total=q.total,
                    items=[SectionItem(text=x.text, note=x.note, due_at=x.due_at) for x in q.items],
                )
                for q in s.queues
            ],
        )
        for s in sections.boards(case, request.act.at)
    ]  # fmt: skip
