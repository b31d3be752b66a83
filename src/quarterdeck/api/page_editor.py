"""The editor of a status page: its brand and pictures, the order of its components, versions, preview and health."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import File as FileIn
from ninja import Form, Query
from ninja.files import UploadedFile
from pydantic import Field

from quarterdeck.app.status import (
    page_brand,
    page_editing,
    page_health,
    page_order,
    page_preview,
    page_versions,
)
from quarterdeck.app.status.status_pages import find_page
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.status.pictures import MOST_BYTES
from quarterdeck.core.status.versions import differences
from quarterdeck.store import models

from .doors import Request, need_key
from .fields import Asked, Id, Key, Line, LongLine, Moment, Named, Number, Read, Text, Url, Word, Write, Yes
from .operations import Noun
from .pages import Page, PageAsked, whole
from .pages import page as paged

NOUN = Noun("Status pages", "/status-pages/{page}")
Which = Literal["logo", "favicon"]
Base = Annotated[int, Number(1, 1_000_000)]
Version = Annotated[int, Field(ge=1, le=1_000_000)]
_IMAGE = {"schema": {"type": "string", "format": "binary"}}


class Brand(Read):
    """How a page looks. `logo` and `favicon` are the SHA-256 of each, "" without one; `address` is where the page's own
    links lead. `accent_dark` "" is made from `accent`; the first language is the start page's.
    """

    accent: str
    accent_dark: str
    logo: str
    favicon: str
    header_text: str
    footer_text: str
    css: str
    languages: list[str]
    home_url: str
    domain: str
    social_preview: bool
    address: str


class BrandPatch(Write):
    """Only what is named changes. `base` is the newest version you have seen: refused where another came since."""

    accent: Word | None = None
    accent_dark: Word | None = None
    header_text: Annotated[str, Text(2000)] | None = None
    footer_text: Annotated[str, Text(2000)] | None = None
    css: Annotated[str, Text(20_000)] | None = None
    languages: Annotated[list[Word], Field(max_length=40)] | None = None
    home_url: Url | None = None
    domain: Annotated[str, Text(253)] | None = None
    social_preview: Yes | None = None
    reason: Line = ""
    base: Base | None = None


class Placed(Write):
    """A component and the group it stands in, "" for none."""

    id: Id
    group: Annotated[str, Text(120)] = ""


class PageOrderWrite(Write):
    """Every component of the page once, in the order wanted."""

    components: Annotated[list[Placed], Field(max_length=5000)]
    reason: Line = ""
    base: Base | None = None


class PageVersion(Read):
    """`published`: readers see it or saw it. `rolled_back_to` is the version a rollback brought back."""

    number: int
    at: Moment
    by: Named | None
    reason: str
    rolled_back_to: int | None
    published: bool


class PageVersionWhole(PageVersion):
    """With the configuration, and what differs from the version before, in words."""

    config: dict[str, Any]
    differences: list[str]


class DifferencesAsked(Asked):
    """Compared is `old` with `new`."""

    old: Version
    new: Version


class Differences(Read):
    old: int
    new: int
    differences: list[str]


class RollbackWrite(Write):
    """`reason` stands in the history. Where a component goes or comes back that is not operational, others than who
    publishes beside an incident give a reason to `break_glass`, which is kept.
    """

    version: Base
    reason: Annotated[str, Text(300, least=1)]
    base: Base | None = None
    break_glass: Line = ""


class PreviewAsked(Write):
    """What the page would be with this: the fields of the page and of its brand. Nothing of it is stored."""

    title: Annotated[str, Text(120, least=1)] | None = None
    description: LongLine | None = None
    timezone: Word | None = None
    support_url: Url | None = None
    brand: BrandPatch = Field(default_factory=BrandPatch)
    language: Word = ""
    theme: Literal["auto", "light", "dark"] = "auto"


class Preview(Read):
    """One file that shows itself; open it in a frame that may do nothing (sandbox)."""

    html: str


class PageFinding(Read):
    """Something the page's manager has to look at. `kind`: draft, overdue, contradiction, unexplained,
    unpublished, behind (a target), unreached (subscribers), codes (by text message).
    """

    kind: str
    level: Literal["warning", "fault"]
    text: str
    next: str
    incident: str
    component: str
    since: Moment | None


@NOUN.get("/brand", "status.read", Brand)
def get_brand(request: Request, page: Key) -> Brand:
    return _brand(find_page(page))


@NOUN.patch("/brand", "status.edit", Brand)
def change_brand(request: Request, page: Key, body: BrandPatch) -> Brand:
    """The page is published again within seconds. One change is one version."""
    page_editing.put_in_force(request.act, page, _edit(body))
    return _brand(find_page(page))


@NOUN.post("/pictures/{which}", "status.edit", Brand, status=200)
def put_picture(
    request: Request,
    page: Key,
    which: Which,
    file: UploadedFile = FileIn(...),  # type: ignore[type-arg] # noqa: B008
    reason: Annotated[str, Text(300)] = Form(""),
) -> Brand:
    """A logo or favicon, as the field `file` of a multipart form: PNG, WebP or SVG of at most 64 KiB."""
    content = file.read(MOST_BYTES + 1)
    if not content:
        raise bad("picture.empty", "This file is empty. Choose the picture again.", file="empty")
    page_editing.put_in_force(request.act, page, page_editing.Edit(brand={which: content}, reason=reason))
    return _brand(find_page(page))


@NOUN.get(
    "/pictures/{which}", "status.read", None, more={200: Any},
    openapi_extra={"responses": {200: {"content": {t: _IMAGE for t in ("image/png", "image/webp", "image/svg+xml")}}}},
)  # fmt: skip
def get_picture(request: Request, page: Key, which: Which) -> HttpResponse:
    """The logo or favicon as it is published."""
    row = page_brand.shown_picture(find_page(page), which)
    answer = HttpResponse(bytes(row.content), content_type=row.media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@NOUN.delete("/pictures/{which}", "status.edit")
def remove_picture(request: Request, page: Key, which: Which) -> None:
    page_editing.put_in_force(request.act, page, page_editing.Edit(brand={which: b""}))


@NOUN.put("/order", "status.edit", Page[Placed])
def put_order(request: Request, page: Key, body: PageOrderWrite) -> Page[Placed]:
    """The order of components and groups. Groups stand where their first component does."""
    page_order.put(request.act, page, [(c.id, c.group) for c in body.components], body.reason, body.base)
    rows = find_page(page).components.order_by("position", "name", "id")
    return whole(Placed(id=c.id, group=c.group) for c in rows)


@NOUN.get("/versions", "status.read", Page[PageVersion])
def list_page_versions(request: Request, page: Key, asked: Query[PageAsked]) -> Page[PageVersion]:
    """Every configuration the page ever had, the newest first."""
    row = find_page(page)
    return paged(asked, models.PageVersion.objects.filter(page=row), ("-number",), lambda found: [
        PageVersion(**_version(request, row, v)) for v in found
    ])  # fmt: skip


@NOUN.get("/versions/{number}", "status.read", PageVersionWhole)
def get_page_version(request: Request, page: Key, number: Version) -> PageVersionWhole:
    row = find_page(page)
    found = page_versions.find(row, number)
    before = models.PageVersion.objects.filter(page=row, number__lt=number).first()
    told = differences(before.config, found.config) if before else []
    return PageVersionWhole(**_version(request, row, found), config=found.config, differences=told)


@NOUN.get("/differences", "status.read", Differences)
def compare_page_versions(request: Request, page: Key, asked: Query[DifferencesAsked]) -> Differences:
    """What differs between two versions, in words."""
    told = page_versions.compare(find_page(page), asked.old, asked.new)
    return Differences(old=asked.old, new=asked.new, differences=told)


@NOUN.post("/rollbacks", "status.edit", PageVersion)
def roll_page_back(request: Request, page: Key, body: RollbackWrite) -> PageVersion:
    """Put an earlier configuration in force, as a new version. Components that were removed come back.

    Where that shows components of a page that is not public to more people, it takes the key of an administrator.
    """
    row = find_page(page)
    if page_versions.opened(row, page_versions.find(row, body.version).config):
        need_key(request)
    page_versions.roll_back(request.act, page, body.version, body.reason, body.base, body.break_glass)
    row = find_page(page)
    return PageVersion(**_version(request, row, page_versions.versions(row)[0]))


@NOUN.post("/preview", "status.edit", Preview, status=200)
def preview_page(request: Request, page: Key, body: PreviewAsked) -> Preview:
    """The start page as it would be published. Changes nothing."""
    words = body.model_dump(include={"title", "description", "timezone", "support_url"}, exclude_none=True)
    edit = page_editing.Edit(page=words, brand=_edit(body.brand).brand)
    return Preview(html=page_preview.preview(request.act, page, edit, body.language, body.theme))


@NOUN.get("/health", "status.read", Page[PageFinding])
def get_page_health(request: Request, page: Key) -> Page[PageFinding]:
    """What the page's manager has to look at now, the gravest first."""
    found = page_health.look(find_page(page), request.act.who, request.act.at)
    return whole(PageFinding.model_validate(f) for f in found)


def _edit(body: BrandPatch) -> page_editing.Edit:
    values = body.model_dump(exclude_none=True, exclude={"reason", "base"})
    return page_editing.Edit(brand=values, reason=body.reason, base=body.base)


def _brand(row: models.StatusPage) -> Brand:
    brand = page_brand.of(row)
    told = {n: getattr(brand, n) for n in Brand.model_fields if n != "address"}
    return Brand(**told | {"languages": brand.languages or ["en"]}, address=page_brand.address(row, brand))


def _version(request: Request, row: models.StatusPage, v: models.PageVersion) -> dict[str, Any]:
    plain = {n: getattr(v, n) for n in ("number", "at", "reason", "rolled_back_to")}
    return plain | {"by": request.names.maybe(v.by), "published": row.published >= v.revision}
