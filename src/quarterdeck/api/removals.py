"""What was taken away in the last 30 days, putting it back, and allowing somebody to take away more than usual."""

from __future__ import annotations

from typing import Annotated

from ninja import Query
from pydantic import Field

from quarterdeck.app.upkeep import putting_back as back
from quarterdeck.app.upkeep import removals as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Moment, Read, Text, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Removals", "/removals")


class Removal(Read):
    """`kind` is service, policy, integration, person, member, contact or layer; `actor` a person, or "operator"."""

    id: str
    kind: str
    thing_id: str
    name: str
    actor: str
    at: Moment
    restored_at: Moment | None


class RemovalsAsked(PageAsked):
    """Those of one person, or of one team's things."""

    actor: Annotated[str, Text(40)] = ""
    team: Annotated[str, Text(40)] = ""


class PutBackWrite(Write):
    """The ids of removals, all of which come back, or none."""

    removals: Annotated[list[Id], Field(min_length=1, max_length=back.AT_ONCE)]


class AllowanceWrite(Write):
    person: Annotated[str, Text(40, least=1)]
    reason: Annotated[str, Text(300, least=1)]


class Allowance(Read):
    person_id: str
    until: Moment


@NOUN.get("", "audit.read", Page[Removal])
def list_removals(request: Request, asked: Query[RemovalsAsked]) -> Page[Removal]:
    """The newest first."""
    rows = models.Removal.objects.all()
    if asked.actor:
        rows = rows.filter(actor=asked.actor)
    if asked.team:
        rows = rows.filter(team_id=asked.team)
    return page(asked, rows, ("-id",), lambda found: [Removal.model_validate(r) for r in found])


@NOUN.post("/restorations", "settings.edit", list[Removal])
def put_back(request: Request, body: PutBackWrite) -> list[Removal]:
    """Undo removals; needs, too, the permission that each took. Answers what came back."""
    return [Removal.model_validate(r) for r in back.put_back(request.act, body.removals)]


@NOUN.post("/{removal}/restoration", "settings.edit", list[Removal])
def put_one_back(request: Request, removal: Id) -> list[Removal]:
    """Undo one removal."""
    return [Removal.model_validate(r) for r in back.put_back(request.act, [removal])]


@NOUN.post("/allowances", "settings.edit", Allowance)
def allow(request: Request, body: AllowanceWrite) -> Allowance:
    """Another person may take away more than 25 things a day, for an hour."""
    return Allowance.model_validate(acts.allow(request.act, body.person, body.reason))
