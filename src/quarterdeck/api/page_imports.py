"""Status pages of other products on their way into one of ours: uploaded, looked at, taken."""

from __future__ import annotations

from typing import Annotated

from ninja import File as FileIn
from ninja import Form
from ninja.files import UploadedFile

from quarterdeck.app import page_imports as acts
from quarterdeck.app import status_pages
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Moment, Read, Text
from .operations import Noun

NOUN = Noun("Status pages", "/status-page-imports")


class PageImportLine(Read):
    """`verdict`: ok (is taken), there (is here already), changes, cannot; `why` says so in words."""

    kind: str
    name: str
    verdict: str
    why: str


class PageImport(Read):
    """`counts` by kind and verdict and `lines` (the first 500, what cannot be taken first) are the plan, until it is
    taken; `taken` counts what was new then.
    """

    id: str
    page: str
    source: str
    name: str
    made_at: Moment
    taken_at: Moment | None
    taken: dict[str, int]
    counts: dict[str, dict[str, int]]
    lines: list[PageImportLine]


@NOUN.post("", "status.edit", PageImport)
def upload_page_import(
    request: Request,
    file: UploadedFile = FileIn(...),  # type: ignore[type-arg] # noqa: B008
    page: Annotated[str, Text(60, least=1)] = Form(...),
    source: Annotated[str, Text(20, least=1)] = Form(...),
) -> PageImport:
    """Read what another product tells of its page, as the field `file` of a multipart form. Nothing changes yet."""
    row = status_pages.find_page(page)
    content = file.read(acts.LIMIT_BYTES + 1)
    return _told(acts.upload(request.act, row, source, file.name or "", content))


@NOUN.get("/{page_import}", "status.edit", PageImport)
def get_page_import(request: Request, page_import: Id) -> PageImport:
    """The plan, or what was taken."""
    return _told(acts.find(page_import))


@NOUN.put("/{page_import}/taken", "status.edit", PageImport)
def take_page_import(request: Request, page_import: Id) -> PageImport:
    """Do what the plan says. Twice is the same."""
    return _told(acts.take(request.act, page_import))


def _told(row: models.PageImport) -> PageImport:
    plan = acts.plan(row) if row.taken_at is None else acts.Plan({}, [])
    plain = ("id", "source", "name", "made_at", "taken_at", "taken")
    return PageImport(
        **{n: getattr(row, n) for n in plain},
        page=row.page.key,
        counts=plan.counts,
        lines=[PageImportLine.model_validate(told) for told in plan.lines],
    )
