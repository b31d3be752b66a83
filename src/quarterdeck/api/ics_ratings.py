"""Ratings of people in an incident (ICS 225), for the few who may read them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from quarterdeck.app.ics import ratings as acts
from quarterdeck.core.incidents.ics import ratings as core

from .doors import Request
from .fields import Id, IncidentId, Line, Moment, Named, Number, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Ratings", "/incidents/{incident}/ics/ratings")
Block = Annotated[str, Text(2, pattern=r"^(1[1-9]|2[0-3])$")]


class Rating(Read):
    """`state`: open (nobody wrote), draft, signed, discussed. `scores` maps the block of a factor, 11 to 23, to 0 (not
    applicable) or 1 to 5. `mine`: you rate it. `assignment` is the id of the position somebody held.
    """

    assignment: str
    state: str
    mine: bool
    version: int
    person: Named
    position: str
    held_from: Moment
    held_until: Moment | None
    rater: Named
    home_unit: str
    agency: str
    complexity: int
    definition: str
    scores: dict[str, int]
    remarks: str
    signed_at: Moment | None
    discussed_at: Moment | None
    seal: str


class RatingWrite(Write):
    """The draft as a whole. `version` is the one you read; an older one is refused."""

    scores: dict[Block, Annotated[int, Number(0, 5)]] = Field(default_factory=dict)
    complexity: Annotated[int, Number(0, 5)] = 0
    definition: Line = ""
    home_unit: Line = ""
    agency: Line = ""
    remarks: Annotated[str, Text(core.REMARKS_LIMIT)] = ""
    version: Annotated[int, Number(0, 1_000_000)] | None = None


class Signature(Write):
    version: Annotated[int, Number(1, 1_000_000)] | None = None


@NOUN.get("", "incident.read", Page[Rating])
def list_ratings(request: Request, incident: IncidentId) -> Page[Rating]:
    """What you rate, what is signed of you, and as commander or planning section chief what is signed of all."""
    _, found = acts.listed(request.act, incident)
    return whole(_told(request, one) for one in found)


@NOUN.get("/{assignment}", "incident.read", Rating)
def get_rating(request: Request, incident: IncidentId, assignment: Id) -> Rating:
    """For the rated person, the rater, and commander or planning section chief once it is signed; nobody else."""
    return _told(request, acts.show(request.act, incident, assignment)[1])


@NOUN.put("/{assignment}", "incident.act", Rating)
def write_rating(request: Request, incident: IncidentId, assignment: Id, body: RatingWrite) -> Rating:
    """Keep a draft. Whoever this position reports to rates it."""
    said: dict[str, Any] = body.model_dump()
    return _told(request, acts.write(request.act, incident, assignment, **said))


@NOUN.put("/{assignment}/signature", "incident.act", Rating)
def sign_rating(request: Request, incident: IncidentId, assignment: Id, body: Signature) -> Rating:
    """Sign the draft: its words stand from now on, and the rated person reads them."""
    return _told(request, acts.sign(request.act, incident, assignment, body.version))


@NOUN.put("/{assignment}/discussed", "incident.act", Rating)
def discuss_rating(request: Request, incident: IncidentId, assignment: Id) -> Rating:
    """As the rated person: it was talked over with you."""
    return _told(request, acts.discuss(request.act, incident, assignment))


def _told(request: Request, one: acts.Shown) -> Rating:
    r, held = one.rating, one.held
    return Rating(
        assignment=held.id, state=one.state, mine=one.mine, version=one.version, person=request.names.of(r.person),
        position=held.role, held_from=held.started_at, held_until=held.ended_at, rater=request.names.of(r.rater),
        home_unit=r.home_unit, agency=r.agency, complexity=r.complexity, definition=r.definition,
        scores=dict(r.scores), remarks=r.remarks, signed_at=r.signed_at, discussed_at=r.discussed_at, seal=one.seal,
    )  # fmt: skip
