"""Addresses nothing is sent to any more."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from quarterdeck.app.comms import suppressions as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, Id, Moment, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Audiences", "/suppressions")


class Suppression(Read):
    """`reason`: bounce, complaint, unsubscribe or manual."""

    id: str
    channel: str
    address: str
    reason: str
    detail: str
    at: Moment


class SuppressionWrite(Write):
    address: Annotated[str, Text(320, least=3)]
    detail: Annotated[str, Text(300)] = ""


class SuppressionsAsked(PageAsked):
    reason: Word = ""


class LiftAsked(Asked):
    reason: Annotated[str, Text(300, least=3)]


@NOUN.get("", "status.edit", Page[Suppression])
def list_suppressions(request: Request, asked: Query[SuppressionsAsked]) -> Page[Suppression]:
    """The newest first, or those for one reason."""
    rows = models.Suppression.objects.all()
    if asked.reason:
        rows = rows.filter(reason=asked.reason)
    return page(asked, rows, ("-id",), lambda found: [Suppression.model_validate(r) for r in found])


@NOUN.post("", "status.edit", Suppression)
def suppress_address(request: Request, body: SuppressionWrite) -> Suppression:
    """Send nothing to this mail address any more."""
    return Suppression.model_validate(acts.suppress(request.act, body.address, body.detail))


@NOUN.delete("/{suppression}", "status.edit")
def lift_suppression(request: Request, suppression: Id, asked: Query[LiftAsked]) -> None:
    """Messages go there again."""
    acts.lift(request.act, suppression, asked.reason)
