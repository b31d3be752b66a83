"""Earlier incidents like one, with what was promised after them and is not done."""

from __future__ import annotations

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents import recurrence

from .doors import Request
from .fields import IncidentId, Moment, Named, Read
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Incidents", "/incidents/{incident}/similar")


class OpenPromise(Read):
    title: str
    owner: Named
    due_on: str


class SimilarIncident(Read):
    """`why` says what is alike; `open_items` was promised after it and is not done."""

    id: str
    title: str
    ended_at: Moment | None
    why: str
    open_items: list[OpenPromise]


@NOUN.get("", "incident.read", Page[SimilarIncident])
def list_similar(request: Request, incident: IncidentId) -> Page[SimilarIncident]:
    """The same trouble before, the most alike first."""
    i = load(incident, request.act.who).incident
    found = recurrence.earlier(request.act.who, title=i.title, type=i.type, services=i.services, but=i.key)
    names = request.names.load(p.owner for one in found for p in one.promises)
    return whole(
        SimilarIncident(
            id=one.id, title=one.title, ended_at=one.ended_at, why=one.why,
            open_items=[OpenPromise(title=p.title, owner=names.of(p.owner), due_on=p.due_on) for p in one.promises],
        )
        for one in found
    )  # fmt: skip
