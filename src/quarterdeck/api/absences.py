"""Who is away, and when."""

from __future__ import annotations

from ninja import Query

from quarterdeck.app.oncall import absences as acts
from quarterdeck.core.access import may
from quarterdeck.store import models

from .doors import Request
from .fields import Flag, Id, Line, Moment, Named, Read, When, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("On call", "/absences")


class Hit(Read):
    """A shift that falls into the absence and stays with who is away."""

    schedule: str
    starts_at: Moment
    ends_at: Moment


class Absence(Read):
    id: str
    person: Named
    starts_at: Moment
    ends_at: Moment
    reason: str


class AbsenceMade(Absence):
    """`hits` are shifts to swap, or to find cover for."""

    hits: list[Hit]


class AbsenceWrite(Write):
    """From now or later, for two years at most. `person` is whoever asks, unless given."""

    person: Id | None = None
    starts_at: When
    ends_at: When
    reason: Line = ""


class AbsencesAsked(PageAsked):
    """Those that have not ended; `mine=true`: one's own."""

    mine: Flag = False


@NOUN.get("", "schedule.read", Page[Absence])
def list_absences(request: Request, asked: Query[AbsencesAsked]) -> Page[Absence]:
    """Who is or will be away."""
    rows = acts.standing(request.act.at, [request.act.person] if asked.mine else None)
    return page(asked, rows, ("id",), lambda found: [Absence(**_plain(request, r)) for r in found])


@NOUN.post("", "schedule.read", AbsenceMade)
def add_absence(request: Request, body: AbsenceWrite) -> AbsenceMade:
    """Say that somebody is away: oneself, or anybody for who may change people."""
    person = body.person or request.act.person
    row = acts.add(request.act, person, body.starts_at, body.ends_at, body.reason)
    hits = [
        Hit(schedule=h.schedule.key, starts_at=h.shift.starts_at, ends_at=h.shift.ends_at)
        for h in acts.hits(person, row.starts_at, row.ends_at)
    ]
    return AbsenceMade(**_plain(request, row), hits=hits)


@NOUN.delete("/{absence}", "schedule.read")
def remove_absence(request: Request, absence: Id) -> None:
    """Take an absence back; a running one ends now, one that is over stays."""
    acts.remove(request.act, absence)


def _plain(request: Request, row: models.Absence) -> dict[str, object]:
    mine = row.person_id == request.act.person
    return {
        "id": row.id,
        "person": request.names.of(row.person_id),
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        # Why somebody is away can be private: it is for them and for whoever looks after people.
        "reason": row.reason if mine or may(request.act.who, "person.edit") else "",
    }
