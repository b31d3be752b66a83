"""The risk register: what may go wrong, its safeguard, owner and dates, and what it was seen in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.learning import risks as acts
from quarterdeck.core.reviews import risks as core
from quarterdeck.store import models

from .doors import Request
from .fields import Day, Flag, Id, Key, Moment, Named, Number, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Risks", "/risks")
_READ, _EDIT = "service.read", "service.edit"
Title = Annotated[str, Text(acts.TITLE_LIMIT)]
Words = Annotated[str, Text(acts.TEXT_LIMIT)]
Scale = Annotated[int, Number(1, 5)]
SafeguardState = Literal["none", "planned", "in_place", "failing"]
Services = Annotated[list[Key], Field(max_length=acts.MOST_SERVICES)]


class RiskLink(Read):
    """`kind`: incident, item (an action item), problem, pattern, drill."""

    kind: str
    ref: str


class RiskRecord(Read):
    """`level`: severe, high, moderate, low. `overdue`: due, review or acceptance once that day has passed."""

    id: str
    title: str
    description: str
    services: list[str]
    likelihood: int
    effect: int
    level: str
    safeguard: str
    safeguard_state: str
    owner: Named
    due_on: str
    review_on: str
    state: str
    accepted_by: Named | None
    accepted_until: str
    overdue: str
    source: str
    links: list[RiskLink]
    note: str
    created_by: Named
    created_at: Moment
    changed_at: Moment


class RiskHistory(Read):
    """`what`: each field with what it said before and after."""

    at: Moment
    by: Named
    what: dict[str, Any]
    note: str


class RiskLinkWrite(Write):
    """An incident (its id), an action item or a problem (its id), a pattern (kind:key), a drill (its incident)."""

    kind: Literal["incident", "item", "problem", "pattern", "drill"]
    ref: Annotated[str, Text(120, least=1)]


class RiskWrite(Write):
    """`source` says what it was found by."""

    title: Title
    owner: Id
    due_on: Day
    description: Words = ""
    services: Services = Field(default_factory=list)
    likelihood: Scale = 3
    effect: Scale = 3
    safeguard: Words = ""
    safeguard_state: SafeguardState = "none"
    review_on: Day | None = None
    source: Literal["hand", "review", "pattern", "drill"] = "hand"
    links: Annotated[list[RiskLinkWrite], Field(max_length=20)] = Field(default_factory=list)


class RiskPatch(Write):
    """Only what is named changes; `note` says why."""

    title: Title | None = None
    owner: Id | None = None
    due_on: Day | None = None
    description: Words | None = None
    services: Services | None = None
    likelihood: Scale | None = None
    effect: Scale | None = None
    safeguard: Words | None = None
    safeguard_state: SafeguardState | None = None
    review_on: Day | None = None
    note: Words = ""


class RiskStateWrite(Write):
    state: Literal["open", "reduced", "withdrawn"]
    note: Words = ""


class RiskAcceptanceWrite(Write):
    """`by` is who decided, if it was not you."""

    until: Day
    note: Words
    by: Id | None = None


class RisksAsked(PageAsked):
    service: Word = ""
    owner: Word = ""
    is_live: Flag | None = None


@NOUN.get("", _READ, Page[RiskRecord])
def list_risks(request: Request, asked: Query[RisksAsked]) -> Page[RiskRecord]:
    """Risks by the day they are due; `service`, `owner` and `is_live` choose."""
    rows = acts.risks(request.act.who)
    if asked.is_live is not None:
        live = rows.filter(state__in=core.LIVE)
        rows = live if asked.is_live else rows.exclude(state__in=core.LIVE)
    if asked.owner:
        rows = rows.filter(owner=asked.owner)
    if asked.service:
        rows = rows.filter(services__contains=f'"{asked.service}"')
    return page(asked, rows, ("due_on", "id"), lambda found: _all(request, found))


@NOUN.post("", _EDIT, RiskRecord)
def add_risk(request: Request, body: RiskWrite) -> RiskRecord:
    """A new risk, by hand or out of what it is linked to."""
    said = body.model_dump(exclude={"source", "links"}) | {"review_on": body.review_on or ""}
    links = [(x.kind, x.ref) for x in body.links]
    return _one(request, acts.create(request.act, acts.Draft(**said), source=body.source, links=links))


@NOUN.get("/{risk}", _READ, RiskRecord)
def get_risk(request: Request, risk: Id) -> RiskRecord:
    return _one(request, acts.find(risk, request.act.who))


@NOUN.get("/{risk}/history", _READ, list[RiskHistory])
def get_risk_history(request: Request, risk: Id) -> list[RiskHistory]:
    """What was changed, the newest first."""
    found = acts.history(acts.find(risk, request.act.who))
    names = request.names.load(c.by for c in found)
    return [RiskHistory(at=c.at, by=names.of(c.by), what=c.what, note=c.note) for c in found]


@NOUN.patch("/{risk}", _READ, RiskRecord)
def change_risk(request: Request, risk: Id, body: RiskPatch) -> RiskRecord:
    """By its owner, or with the right to change services."""
    return _one(request, acts.change(request.act, risk, **body.model_dump()))


@NOUN.put("/{risk}/state", _READ, RiskRecord)
def move_risk(request: Request, risk: Id, body: RiskStateWrite) -> RiskRecord:
    """Reduced (its safeguard is in place), withdrawn (with a reason), or open again."""
    return _one(request, acts.move(request.act, risk, body.state, body.note))


@NOUN.put("/{risk}/acceptance", _READ, RiskRecord)
def accept_risk(request: Request, risk: Id, body: RiskAcceptanceWrite) -> RiskRecord:
    """It is borne until a day, with a reason."""
    return _one(request, acts.accept(request.act, risk, body.until, body.note, body.by or ""))


@NOUN.post("/{risk}/links", _READ, RiskRecord)
def link_risk(request: Request, risk: Id, body: RiskLinkWrite) -> RiskRecord:
    """It was seen there, too."""
    return _one(request, acts.link(request.act, risk, body.kind, body.ref))


def _one(request: Request, row: models.Risk) -> RiskRecord:
    return _all(request, [row])[0]


def _all(request: Request, rows: Sequence[models.Risk]) -> list[RiskRecord]:
    names = request.names.load(p for r in rows for p in (r.owner, r.created_by, r.accepted_by))
    links: dict[str, list[RiskLink]] = {}
    for x in models.RiskLink.objects.filter(risk__in=[r.id for r in rows]).order_by("at", "id"):
        links.setdefault(x.risk_id, []).append(RiskLink(kind=x.kind, ref=x.ref))
    today = request.act.at.date().isoformat()
    return [
        RiskRecord(
            id=r.id, title=r.title, description=r.description, services=r.services, likelihood=r.likelihood,
            effect=r.effect, level=core.level(r.likelihood, r.effect), safeguard=r.safeguard,
            safeguard_state=r.safeguard_state, owner=names.of(r.owner), due_on=r.due_on, review_on=r.review_on,
            state=r.state, accepted_by=names.maybe(r.accepted_by), accepted_until=r.accepted_until,
            overdue=acts.late(r, today), source=r.source, links=links.get(r.id, []), note=r.note,
            created_by=names.of(r.created_by), created_at=r.created_at, changed_at=r.changed_at,
        )
        for r in rows
    ]  # fmt: skip
