"""Status pages of other products on their way in: uploaded, planned, taken."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import File as FileIn
from ninja import Form, Query
from ninja.files import UploadedFile

from quarterdeck.app.status import page_imports as acts
from quarterdeck.core.status.imports import PRODUCTS
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Moment, Read, Text, Word
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Status pages", "/page-imports")
Product = Literal[tuple(PRODUCTS)]  # type: ignore[valid-type]


class PageImport(Read):
    """`state`: preview, taken, dropped. `counts` say how many of what came to what, once it is taken."""

    id: str
    page: str
    product: Product
    name: str
    state: str
    counts: dict[str, int]
    created_at: Moment
    ended_at: Moment | None


class PageImportLine(Read):
    """`ok` is taken as it is, `change` with the difference in `why`, `there` was taken before, `cannot` is left out."""

    verdict: Literal["ok", "change", "there", "cannot"]
    kind: str
    what: str
    why: str


class PageImportPlan(Read):
    """The first 5,000 lines, what is left out before the rest; `total` counts all."""

    total: int
    counts: dict[str, int]
    lines: list[PageImportLine]


class ImportsAsked(PageAsked):
    page: Word = ""


@NOUN.get("", "status.edit", Page[PageImport])
def list_page_imports(request: Request, asked: Query[ImportsAsked]) -> Page[PageImport]:
    """The newest first, or those of one page (by key)."""
    rows = models.PageImport.objects.select_related("page").defer("document", "plan")
    if asked.page:
        rows = rows.filter(page__key=asked.page)
    return page(asked, rows, ("-id",), lambda found: [_told(r) for r in found])


@NOUN.post("", "status.edit", PageImport)
def upload_page(
    request: Request,
    file: UploadedFile = FileIn(...),  # type: ignore[type-arg] # noqa: B008
    page: Annotated[str, Text(60, least=1)] = Form(...),
    product: Annotated[str, Text(20, least=1)] = Form(...),
) -> PageImport:
    """Read a JSON document, as the field `file` of a multipart form. Nothing of the page changes until it is taken."""
    raw = file.read(acts.MOST_BYTES + 1)
    return _told(acts.begin(request.act, page, product, file.name or "", raw))


@NOUN.get("/{page_import}", "status.edit", PageImport)
def get_page_import(request: Request, page_import: Id) -> PageImport:
    return _told(acts.find(page_import))


@NOUN.get("/{page_import}/plan", "status.edit", PageImportPlan)
def get_page_import_plan(request: Request, page_import: Id) -> PageImportPlan:
    """What taking it would do, line by line, as the page was at the upload. Taking it plans anew."""
    return PageImportPlan.model_validate(acts.plan(acts.find(page_import)))


@NOUN.put("/{page_import}/start", "status.edit", PageImport)
def take_page_import(request: Request, page_import: Id) -> PageImport:
    """Write what the plan says."""
    return _told(acts.take(request.act, page_import))


@NOUN.delete("/{page_import}", "status.edit")
def drop_page_import(request: Request, page_import: Id) -> None:
    """Forget one that waits. What was taken stays."""
    acts.drop(request.act, page_import)


def _told(row: models.PageImport) -> PageImport:
    plain = [n for n in PageImport.model_fields if n != "page"]
    return PageImport(**{n: getattr(row, n) for n in plain}, page=row.page.key)
