"""For whom a status page is, and setting it: everything that makes a page public, or ends that, goes through here."""

from __future__ import annotations

from typing import Any

from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import bad, forbidden
from quarterdeck.core.status import access as core
from quarterdeck.store import log, models

from ..act import Act, need
from ..subscribers import subscriber_ends
from .page_folders import take_away_on_commit
from .page_ways import of, visibility, ways
from .publishing import touch


def need_person(act: Act) -> None:
    """Who may read a page is decided by somebody, never by a rule or by the product itself."""
    need(act, "status.edit")
    if act.who.is_machine:
        message = "Who may read a page is decided by people, not by rules. Do it under Access of the page."
        raise forbidden("access.person", message)


def need_proof(act: Act, proven: bool) -> None:
    """What opens a page needs somebody who just proved who they are, or, without a form, an administrator."""
    if not proven and not may(act.who, "settings.edit"):
        message = "Without a form, only an administrator opens a page. Do it under Access of the page, where you prove "
        raise forbidden("access.public", message + "who you are, or ask one of them.")


def show_to(
    act: Act, page: models.StatusPage, row: models.PageAccess, wanted: str | None, proven: bool = False
) -> dict[str, Any]:
    """Set for whom it is, inside the caller's transaction; what changed. Refused where nobody at all could read it,
    and where what was not public would be opened to all by somebody who did not just prove who they are (`proven`)
    and is no administrator.
    """
    told: dict[str, Any] = {}
    if wanted is not None and wanted != visibility(page, row):
        if wanted == "public":
            need_proof(act, proven)
        told["visibility"] = wanted
        if wanted != "public":
            row.visibility = wanted
        page.public = wanted == "public"
        models.StatusPage.objects.filter(id=page.id).update(public=page.public)
    how = ways(page, row)
    if how.network != "off" and not how.networks and how.visibility != "public":
        message = "No address is on the list. Name the networks, or do not ask for them."
        raise bad("access.networks", message, networks=message)
    if not core.opens_to_somebody(how):
        message = "Nobody could read it. Choose a way in: sign-in, a password, mail domains or addresses."
        raise bad("access.closed", message, visibility=message)
    return told


def kept(act: Act, page: models.StatusPage, row: models.PageAccess, told: dict[str, Any]) -> bool:
    """Store what changed of the access, inside the caller's transaction; whether anything did."""
    if told:
        row.updated_at = act.at
        row.save()
        subscriber_ends.entry_changed(page, act.at)
        touch([page.id])
        log.audit("PageAccessChanged", {"page": page.id, "after": told}, at=act.at, actor=act.person)
    if not page.public:
        take_away_on_commit(page.key)
    return bool(told)


def set_public(act: Act, page: models.StatusPage, public: bool) -> bool:
    """Make a page public, or what it was before, inside the caller's transaction; whether that changed anything."""
    if public == page.public:
        return False
    need_person(act)
    row = of(page)
    wanted = "public" if public else "private" if row.visibility == "private" else "internal"
    return kept(act, page, row, show_to(act, page, row, wanted))
