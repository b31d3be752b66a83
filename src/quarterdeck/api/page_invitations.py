"""Invitations to follow a private status page by mail."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.status import page_invitations as acts
from quarterdeck.app.status import status_pages
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Key, Moment, Read, Text, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Status pages", "/status-pages/{status_page}/invitations")


class PageInvitation(Read):
    """`state`: not asked yet, asked, follows, kept back as mails fail, ended by themselves, or closed: it does not
    count as the page is now.
    """

    id: str
    address: str
    language: str
    state: Literal["waiting", "asked", "follows", "failing", "ended", "closed"]
    despite: bool
    by: str
    at: Moment
    asked_at: Moment | None


class PageInvitationsWrite(Write):
    """All of these are invited, or none. Once more asks again whoever has not confirmed."""

    addresses: Annotated[list[Annotated[str, Text(400)]], Field(min_length=1, max_length=acts.MOST_AT_ONCE)]
    language: Annotated[str, Text(12)] = ""


class PageInvitationsMade(Read):
    """`warnings` are for people: who cannot open the page, who is not asked again."""

    invitations: list[PageInvitation]
    warnings: list[str]


class PageInvitationsAsked(PageAsked):
    q: Annotated[str, Text(120)] = ""


def _told(row: models.PageInvitation, state: str) -> PageInvitation:
    names = [n for n in PageInvitation.model_fields if n != "state"]
    return PageInvitation(**{n: getattr(row, n) for n in names}, state=state)


def _all(shown: models.StatusPage, rows: list[models.PageInvitation]) -> list[PageInvitation]:
    found = acts.states(shown, rows)
    return [_told(row, found[row.id]) for row in rows]


@NOUN.get("", "status.edit", Page[PageInvitation])
def list_page_invitations(
    request: Request, status_page: Key, asked: Query[PageInvitationsAsked]
) -> Page[PageInvitation]:
    """Those that stand, the newest first, by a part of the address (`q`)."""
    shown = status_pages.find_page(status_page)
    return page(asked, acts.of_page(shown, asked.q), ("-id",), lambda rows: _all(shown, list(rows)))


@NOUN.post("", "status.edit", PageInvitationsMade)
def invite_to_page(request: Request, status_page: Key, body: PageInvitationsWrite) -> PageInvitationsMade:
    """Each is asked by mail, and told nothing before they confirm."""
    made = acts.invite(request.act, status_page, body.addresses, body.language)
    shown = status_pages.find_page(status_page)
    return PageInvitationsMade(invitations=_all(shown, made.rows), warnings=made.warnings)


@NOUN.delete("/{invitation}", "status.edit")
def withdraw_page_invitation(request: Request, status_page: Key, invitation: Id) -> None:
    """Nothing more is sent by it, not even what waits."""
    acts.withdraw(request.act, status_page, invitation)
