"""Who may read a status page, and which components of other pages one for an audience shows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quarterdeck.app.status import audience_pages as shown_acts
from quarterdeck.app.status import page_access as acts
from quarterdeck.app.status import shown_openly, status_pages
from quarterdeck.core.status.access import MOST_DOMAINS, MOST_NETWORKS, NETWORK_RULES, VISIBILITIES
from quarterdeck.store import models

from .doors import Request, need_key
from .fields import Id, Key, LongLine, Moment, Number, Read, Text, Word, Write, Yes
from .operations import Noun

NOUN = Noun("Status pages", "/status-pages")
Visibility = Literal[VISIBILITIES]  # type: ignore[valid-type]
NetworkRule = Literal[NETWORK_RULES]  # type: ignore[valid-type]
Domain = Annotated[str, Text(260)]


class PageAccess(Read):
    """Who may read a page. `door` is where readers without an account get in; `feed_token` is what programs put behind
    `?token=` of feeds and JSON, "" where they have none. The password is never told, only whether there is one.
    """

    visibility: Visibility
    hidden: bool
    members: bool
    has_password: bool
    password_at: Moment | None
    domains: list[str]
    networks: list[str]
    network: NetworkRule
    hours: int
    door: str
    feed_token: str


class PageAccessPatch(Write):
    """Only what is named changes. `password` "" takes it away; a new one ends every right by the old."""

    visibility: Visibility | None = None
    hidden: Yes | None = None
    members: Yes | None = None
    password: Annotated[str, Text(acts.LONGEST_PASSWORD)] | None = None
    domains: Annotated[list[Domain], Field(max_length=MOST_DOMAINS)] | None = None
    networks: Annotated[list[Word], Field(max_length=MOST_NETWORKS)] | None = None
    network: NetworkRule | None = None
    hours: Annotated[int, Number(acts.LEAST_HOURS, acts.MOST_HOURS)] | None = None


class ShownComponent(Read):
    """A component of another page, as this page calls it."""

    component: str
    name: str
    group: str
    description: str


class ShownComponentWrite(Write):
    """Without `name` or `group` the component's own of today are copied once."""

    component: Id
    name: Annotated[str, Text(120)] = ""
    group: Annotated[str, Text(120)] | None = None
    description: LongLine = ""


class ShownComponents(Read):
    components: list[ShownComponent]


class ShownComponentsWrite(Write):
    components: Annotated[list[ShownComponentWrite], Field(max_length=shown_acts.MOST)]


class ShownGroupsWrite(Write):
    """Groups of the page with the key `page`: every component that is in them today is shown."""

    page: Key
    groups: Annotated[list[Annotated[str, Text(120)]], Field(min_length=1, max_length=100)]


@NOUN.get("/{page}/access", "status.edit", PageAccess)
def get_page_access(request: Request, page: Key) -> PageAccess:
    return _told(status_pages.find_page(page))


@NOUN.patch("/{page}/access", "status.edit", PageAccess)
def change_page_access(request: Request, page: Key, body: PageAccessPatch) -> PageAccess:
    """Set who may read a page. One that is public no more is taken from the public folder before this answers.

    Opening a page to all, changing the password that it has, and letting others into one that shows components of
    closed pages take the key of an administrator.
    """
    given = body.model_dump(exclude_none=True)
    if acts.needs_proof(status_pages.find_page(page), **given):
        need_key(request)
    return _told(acts.change(request.act, page, **given))


@NOUN.delete("/{page}/access/rights", "status.edit")
def end_page_readers(request: Request, page: Key) -> None:
    """Everybody who was let in by the password or a mail has to prove it again."""
    acts.end_rights(request.act, page)


@NOUN.put("/{page}/access/feed-token", "status.edit", PageAccess)
def renew_page_feed_token(request: Request, page: Key) -> PageAccess:
    """A new token for feeds and JSON; the one before opens nothing."""
    acts.renew_feeds(request.act, page)
    return _told(status_pages.find_page(page))


@NOUN.delete("/{page}/access/feed-token", "status.edit")
def end_page_feed_token(request: Request, page: Key) -> None:
    """No token opens feeds and JSON."""
    acts.end_feeds(request.act, page)


@NOUN.get("/{page}/shown-components", "status.read", ShownComponents)
def list_shown_components(request: Request, page: Key) -> ShownComponents:
    return _shown(status_pages.find_page(page))


@NOUN.put("/{page}/shown-components", "status.edit", ShownComponents)
def choose_shown_components(request: Request, page: Key, body: ShownComponentsWrite) -> ShownComponents:
    """Show these components of other pages and no others, in this order, in these words.

    Showing those of a page that is not public to people who cannot read that page takes the key of an administrator.
    """
    wanted = [shown_acts.Chosen(**c.model_dump()) for c in body.components]
    row = status_pages.find_page(page)
    _need_key(request, row, wanted)
    shown_acts.choose(request.act, row, wanted)
    return _shown(row)


@NOUN.post("/{page}/shown-components/groups", "status.edit", ShownComponents, status=200)
def show_groups_of_components(request: Request, page: Key, body: ShownGroupsWrite) -> ShownComponents:
    """Show every component that is in these groups of another page today, besides what is shown already.

    It takes the same as naming them one by one.
    """
    row, source = status_pages.find_page(page), status_pages.find_page(body.page)
    _need_key(request, row, shown_acts.in_groups(row, source, body.groups))
    shown_acts.add_groups(request.act, row, source, body.groups)
    return _shown(row)


def _need_key(request: Request, row: models.StatusPage, wanted: list[shown_acts.Chosen]) -> None:
    if shown_openly.opened(row, [w.component for w in wanted]):
        need_key(request)


def _told(page: models.StatusPage) -> PageAccess:
    row = acts.of(page)
    plain = ("hidden", "members", "password_at", "domains", "networks", "network", "hours")
    return PageAccess(
        **{n: getattr(row, n) for n in plain},
        visibility=acts.visibility(page, row),
        has_password=bool(row.password),
        door="" if page.public else acts.door_url(page),
        feed_token=acts.feed_token(page, row),
    )


def _shown(page: models.StatusPage) -> ShownComponents:
    rows = page.shown.all()
    return ShownComponents(
        components=[
            ShownComponent(component=s.component_id, name=s.name, group=s.group, description=s.description)
            for s in rows
        ]
    )
