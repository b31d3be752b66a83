"""Deleting status pages for good, and what is still being taken away of them."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.status import page_removal as acts
from quarterdeck.app.status import publish_targets
from quarterdeck.app.status.status_pages import find_page
from quarterdeck.store import models

from .doors import Request, need_key
from .fields import Id, Key, Line, Moment, Named, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Status pages", "/status-pages/{page}/deletion")
DELETED = Noun("Status pages", "/deleted-status-pages")


class PageDeletionPreview(Read):
    """What deleting the page would do now. `reasons` stand against it: while there is one, it is refused. `told` are
    the subscribers whom a last mail would reach.
    """

    goes: list[str]
    stays: list[str]
    told: int
    reasons: list[str]


class PageDeletionWrite(Write):
    """`key` is the page's key once more. `farewell` is what its subscribers are told by one last mail, "" nothing."""

    key: Word
    reason: Line = ""
    farewell: Annotated[str, Text(acts.LONGEST_FAREWELL)] = ""


class LeavingTarget(Read):
    """Where published files of the page are still being taken away; `failure` says why that has not worked yet."""

    id: str
    kind: str
    name: str
    failure: str
    behind_since: Moment | None


class DeletedPage(Read):
    """`key` is what it had; another page may have it now. `counts` is what went with it, in words. `purged_at` is null
    while subscribers are still being forgotten, `targets` are where its files may still be.
    """

    id: str
    key: str
    title: str
    at: Moment
    by: Named | None
    reason: str
    counts: dict[str, int]
    purged_at: Moment | None
    targets: list[LeavingTarget]


@NOUN.get("", "status.edit", PageDeletionPreview)
def preview_page_deletion(request: Request, page: Key) -> PageDeletionPreview:
    """What goes with the page, what stays, and what stands against deleting it."""
    found = acts.preview(find_page(page), request.act.who)
    return PageDeletionPreview(
        goes=acts.in_words(found.goes), stays=acts.in_words(found.stays), told=found.told,
        reasons=list(found.reasons),
    )  # fmt: skip


@NOUN.put("", "status.edit", DeletedPage)
def delete_status_page(request: Request, page: Key, body: PageDeletionWrite) -> DeletedPage:
    """Delete the page for good. Its files are taken away at once, here and at its targets; it takes the key of an
    administrator.
    """
    need_key(request)
    row = acts.delete(request.act, page, body.key, reason=body.reason, farewell=body.farewell)
    return _told(request, models.DeletedPage.objects.select_related("page").get(page_id=row.page_id))


@DELETED.get("", "status.edit", Page[DeletedPage])
def list_deleted_status_pages(request: Request) -> Page[DeletedPage]:
    """The last twenty, newest first, then older ones whose files are still being taken away at a target."""
    return whole(_told(request, row) for row in acts.deleted())


@DELETED.delete("/{page}/targets/{target}", "status.edit")
def leave_target_of_deleted_page(request: Request, page: Id, target: Id) -> None:
    """Try no more to take the page away from this target: what is there stays."""
    publish_targets.give_up(request.act, page, target)


def _told(request: Request, row: models.DeletedPage) -> DeletedPage:
    return DeletedPage(
        id=row.page_id, key=row.key, title=row.page.title, at=row.at, reason=row.reason, counts=row.counts,
        by=request.names.maybe(row.by), purged_at=row.purged_at,
        targets=[LeavingTarget.model_validate(t) for t in row.page.targets.all()],
    )  # fmt: skip
