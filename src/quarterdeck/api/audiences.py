"""Audiences and who hears their messages."""

from __future__ import annotations

from typing import Annotated

from ninja import Query
from pydantic import Field

from quarterdeck.app.comms import audience_routes
from quarterdeck.app.comms import audiences as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Moment, Read, Text, When, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Audiences", "/audiences")
CONTACTS = Noun("Audiences", "/audience-contacts")
WAYS = Noun("Audiences", "/audience-ways")
Mail = Annotated[str, Text(254, least=3)]


class Audience(Read):
    key: str
    title: str


class AudienceContact(Read):
    """An address that hears an audience's messages."""

    id: str
    audience: str
    name: str
    email: str
    phone: str
    language: str
    segments: list[str]
    consent_source: str
    consent_at: Moment | None
    withdrawn_at: Moment | None
    created_at: Moment


class AudienceWay(Read):
    """A further way messages reach an audience; without an `address`, each contact that has a number."""

    id: str
    audience: str
    channel: str
    address: str


class AudienceWayWrite(Write):
    audience: Word
    channel: Word
    address: Annotated[str, Text(320)] = ""


class AudienceContactWrite(Write):
    audience: Word
    email: Mail
    name: Annotated[str, Text(120)] = ""
    phone: Annotated[str, Text(40)] = ""
    language: Annotated[str, Text(12)] = ""
    segments: Annotated[list[Word], Field(max_length=20)] = Field(default_factory=list)
    consent_source: Annotated[str, Text(120)] = ""
    consent_at: When | None = None


class AudienceContactPatch(Write):
    """Only what is named changes."""

    email: Mail | None = None
    name: Annotated[str, Text(120)] | None = None
    phone: Annotated[str, Text(40)] | None = None
    language: Annotated[str, Text(12)] | None = None
    segments: Annotated[list[Word], Field(max_length=20)] | None = None
    consent_source: Annotated[str, Text(120)] | None = None
    consent_at: When | None = None


class AudienceContactsAsked(PageAsked):
    audience: Word = ""


@NOUN.get("", "status.read", Page[Audience])
def list_audiences(request: Request) -> Page[Audience]:
    """The audiences of every response structure."""
    return whole(Audience(key=k, title=t) for k, t in acts.audience_keys().items())


@CONTACTS.get("", "status.edit", Page[AudienceContact])
def list_audience_contacts(request: Request, asked: Query[AudienceContactsAsked]) -> Page[AudienceContact]:
    """Who hears messages, or those of one audience."""
    rows = models.AudienceContact.objects.filter(removed_at=None)
    if asked.audience:
        rows = rows.filter(audience=asked.audience)
    return page(asked, rows, ("id",), lambda found: [_contact(r) for r in found])


@CONTACTS.post("", "status.edit", AudienceContact)
def add_audience_contact(request: Request, body: AudienceContactWrite) -> AudienceContact:
    details = acts.Details(
        phone=body.phone, language=body.language, segments=tuple(body.segments),
        consent_source=body.consent_source or None, consent_at=body.consent_at,
    )  # fmt: skip
    return _contact(acts.add_contact(request.act, body.audience, body.email, body.name, details))


@CONTACTS.get("/{contact}", "status.edit", AudienceContact)
def get_audience_contact(request: Request, contact: Id) -> AudienceContact:
    return _contact(acts.find_contact(contact))


@CONTACTS.patch("/{contact}", "status.edit", AudienceContact)
def change_audience_contact(request: Request, contact: Id, body: AudienceContactPatch) -> AudienceContact:
    details = acts.Details(
        phone=body.phone, language=body.language, segments=None if body.segments is None else tuple(body.segments),
        consent_source=body.consent_source, consent_at=body.consent_at,
    )  # fmt: skip
    return _contact(
        acts.update_contact(request.act, contact, email=body.email, name=body.name, details=details)
    )


@CONTACTS.delete("/{contact}", "status.edit")
def remove_audience_contact(request: Request, contact: Id) -> None:
    """Nothing is sent there any more."""
    acts.remove_contact(request.act, contact)


@WAYS.get("", "status.edit", Page[AudienceWay])
def list_audience_ways(request: Request, asked: Query[AudienceContactsAsked]) -> Page[AudienceWay]:
    """How messages reach audiences besides mail."""
    rows = models.AudienceRoute.objects.all()
    if asked.audience:
        rows = rows.filter(audience=asked.audience)
    return page(asked, rows, ("id",), lambda found: [AudienceWay.model_validate(r) for r in found])


@WAYS.post("", "status.edit", AudienceWay)
def add_audience_way(request: Request, body: AudienceWayWrite) -> AudienceWay:
    """Messages to this audience also go this way. Twice is the same."""
    row = audience_routes.add_route(request.act, body.audience, body.channel, body.address)
    return AudienceWay.model_validate(row)


@WAYS.delete("/{way}", "status.edit")
def remove_audience_way(request: Request, way: Id) -> None:
    audience_routes.remove_route(request.act, way)


def _contact(row: models.AudienceContact) -> AudienceContact:
    values = {n: getattr(row, n) for n in AudienceContact.model_fields if n != "segments"}
    return AudienceContact(**values, segments=acts.segments_of(row))
