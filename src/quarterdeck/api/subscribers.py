"""Subscribers of status pages: found, added, changed in nothing but their end, and what became of their messages."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.status import status_pages
from quarterdeck.app.subscribers import subscriber_figures
from quarterdeck.app.subscribers import subscribers as acts
from quarterdeck.core.comms.subscribing import DIGESTS, EVENTS, KINDS, STATES
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Key, Moment, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Status pages", "/status-pages/{status_page}/subscribers")
Kind = Literal[KINDS]  # type: ignore[valid-type]
State = Literal[STATES]  # type: ignore[valid-type]
Event = Literal[EVENTS]  # type: ignore[valid-type]
Digest = Literal[DIGESTS]  # type: ignore[valid-type]


class Subscriber(Read):
    """`address` is a mail address or a number; of other kinds what may be shown of it. Without components and groups it
    is about the whole page. `source`, `asked_at`, `confirmed_at`, `ended_at` and `ended_via` are the trail of consent.
    """

    id: str
    kind: Kind
    address: str
    language: str
    timezone: str
    components: list[str]
    groups: list[str]
    events: list[Event]
    digest: Digest
    quiet_from: str
    quiet_to: str
    state: State
    reason: str
    source: str
    asked_at: Moment
    confirmed_at: Moment | None
    ended_at: Moment | None
    ended_via: str


class SubscriberWrite(Write):
    """Somebody who agreed some other way; `source` says how."""

    kind: Kind = "email"
    address: Annotated[str, Text(2000, least=3)]
    source: Annotated[str, Text(120, least=3)]
    language: Annotated[str, Text(12)] = ""
    timezone: Annotated[str, Text(60)] = ""
    components: Annotated[list[Id], Field(max_length=500)] = Field(default_factory=list)
    groups: Annotated[list[Annotated[str, Text(120)]], Field(max_length=100)] = Field(default_factory=list)
    events: Annotated[list[Event], Field(max_length=2)] = Field(default_factory=lambda: list(EVENTS))
    digest: Digest = "each"
    quiet_from: Annotated[str, Text(5)] = ""
    quiet_to: Annotated[str, Text(5)] = ""


class SubscriberDelivery(Read):
    """One message to one subscriber, with what became of it."""

    subject: str
    at: Moment
    state: str
    detail: str


class SubscribersAsked(PageAsked):
    state: Word = ""
    kind: Word = ""
    q: Annotated[str, Text(120)] = ""


def _told(row: models.Subscriber) -> Subscriber:
    names = [n for n in Subscriber.model_fields if n != "address"]
    address = row.address if row.kind in ("email", "sms") else row.shown
    return Subscriber(**{n: getattr(row, n) for n in names}, address=address)


@NOUN.get("", "status.edit", Page[Subscriber])
def list_subscribers(request: Request, status_page: Key, asked: Query[SubscribersAsked]) -> Page[Subscriber]:
    """The newest first, by a part of the address (`q`), state and kind."""
    rows = acts.of(status_pages.find_page(status_page), words=asked.q, state=asked.state, kind=asked.kind)
    return page(asked, rows.defer("target"), ("-id",), lambda found: [_told(r) for r in found])


@NOUN.post("", "status.edit", Subscriber)
def add_subscriber(request: Request, status_page: Key, body: SubscriberWrite) -> Subscriber:
    """Active at once. One that ended it stays so."""
    said = body.model_dump(exclude={"kind", "address", "source"})
    wishes = acts.wishes_of(said)
    return _told(acts.add(request.act, status_page, body.kind, body.address, body.source, wishes))


@NOUN.get("/{subscriber}", "status.edit", Subscriber)
def get_subscriber(request: Request, status_page: Key, subscriber: Id) -> Subscriber:
    """One of them."""
    return _told(acts.find(status_pages.find_page(status_page), subscriber))


@NOUN.get("/{subscriber}/deliveries", "status.edit", Page[SubscriberDelivery])
def list_subscriber_deliveries(
    request: Request, status_page: Key, subscriber: Id
) -> Page[SubscriberDelivery]:
    """The last messages, the newest first."""
    row = acts.find(status_pages.find_page(status_page), subscriber)
    return whole(SubscriberDelivery.model_validate(s) for s in subscriber_figures.last_of(row))


@NOUN.put("/{subscriber}/resumption", "status.edit", Subscriber)
def resume_subscriber(request: Request, status_page: Key, subscriber: Id) -> Subscriber:
    """Try one again that was kept back because messages failed."""
    return _told(acts.resume(request.act, status_page, subscriber))


@NOUN.delete("/{subscriber}", "status.edit")
def end_subscriber(request: Request, status_page: Key, subscriber: Id) -> None:
    """Nothing more is sent. The trail stays."""
    acts.end(request.act, status_page, subscriber)
