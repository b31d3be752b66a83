"""Audiences and who hears their messages."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from quarterdeck.app import audiences as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Moment, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Audiences", "/audiences")
CONTACTS = Noun("Audiences", "/audience-contacts")
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
    created_at: Moment


class AudienceContactWrite(Write):
    audience: Word
    email: Mail
    name: Annotated[str, Text(120)] = ""


class AudienceContactPatch(Write):
    """Only what is named changes."""

    email: Mail | None = None
    name: Annotated[str, Text(120)] | None = None


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
    return page(asked, rows, ("id",), lambda found: [AudienceContact.model_validate(r) for r in found])


@CONTACTS.post("", "status.edit", AudienceContact)
def add_audience_contact(request: Request, body: AudienceContactWrite) -> AudienceContact:
    row = acts.add_contact(request.act, body.audience, body.email, body.name)
    return AudienceContact.model_validate(row)


@CONTACTS.get("/{contact}", "status.edit", AudienceContact)
def get_audience_contact(request: Request, contact: Id) -> AudienceContact:
    return AudienceContact.model_validate(acts.find_contact(contact))


@CONTACTS.patch("/{contact}", "status.edit", AudienceContact)
def change_audience_contact(request: Request, contact: Id, body: AudienceContactPatch) -> AudienceContact:
    row = acts.update_contact(request.act, contact, email=body.email, name=body.name)
    return AudienceContact.model_validate(row)


@CONTACTS.delete("/{contact}", "status.edit")
def remove_audience_contact(request: Request, contact: Id) -> None:
    """Nothing is sent there any more."""
    acts.remove_contact(request.act, contact)
