"""A list of contacts on its way in: upload, preview with a reason for each row that is not taken, progress, and out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.comms import audiences, contact_imports
from quarterdeck.app.incidents import attachments
from quarterdeck.app.subscribers import subscriber_lists
from quarterdeck.core.comms.contact_rows import neutral
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.routes import route

COLUMNS = (
    "email", "name", "phone", "language", "segments", "consent_source", "consent_at", "withdrawn_at",
)  # fmt: skip
_STATE = {
    "reading": ("amber", "clock", "being read"), "preview": ("amber", "info", "to be looked at"),
    "running": ("amber", "ring", "being taken"), "done": ("green", "checkc", "taken"),
    "dropped": ("", "x", "dropped"),
}  # fmt: skip
_FAULTS = 100
AT_ONCE = 1000
Answer = TypeVar("Answer", HttpResponse, StreamingHttpResponse)


@posts
def upload(request: HttpRequest) -> HttpResponse:
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise bad("import.file", "Choose a CSV file first.", file="missing")
    if (given.size or 0) > attachments.limit_bytes():
        raise attachments.too_large(given.size or 0)
    post = request.POST
    row = contact_imports.begin(
        act(request), post.get("audience", ""), given.name or "", given,
        source=post.get("source", ""), consent_at=local_time(post.get("consent_at", ""), "consent_at"),
        segment=post.get("segment", ""),
    )  # fmt: skip
    return done(
        request, f"/catalog/audiences/imports/{row.id}", "Read. Look at it, then take it.", "contact-import"
    )


@require_safe
def one(request: HttpRequest, import_id: str) -> HttpResponse:
    return render(request, "catalog/contact_import.html", _context(import_id))


@require_safe
def part(request: HttpRequest, import_id: str) -> HttpResponse:
    return render(request, "catalog/contact_import_progress.html", _context(import_id))


def _context(import_id: str) -> dict[str, Any]:
    row = contact_imports.find(import_id)
    tone, icon, text = _STATE[row.state]
    preview = contact_imports.preview(row) if row.state == "preview" else None
    faults = models.ContactImportFault.objects.filter(import_id=row.id).order_by("row")[:_FAULTS]
    return {
        "tab": "audiences",
        "row": row,
        "audience": audiences.audience_keys().get(row.audience, row.audience),
        "home": f"/catalog/audiences?audience={row.audience}",
        **_of_page(row.audience),
        "tone": tone, "icon": icon, "text": text,
        "url": f"/catalog/audiences/imports/{row.id}",
        "preview": preview,
        "columns": [name for name, _ in row.columns],
        "faults": [{"row": f.row, "text": f.text, "value": f.value} for f in faults],
        "more_faults": max(0, row.refused - _FAULTS),
        "figures": [
            {"label": "Rows", "value": row.total, "note": f"{row.done} read"},
            {"label": "New", "value": row.added, "note": ""},
            {"label": "Changed", "value": row.changed, "note": f"{row.same} were the same"},
            {"label": "Stay unsubscribed", "value": row.withheld, "note": "kept, and nothing is sent"},
            {"label": "Refused", "value": row.refused, "note": "each with a reason"},
        ],
    }  # fmt: skip


def _of_page(audience: str) -> dict[str, Any]:
    """Where a list of subscribers belongs."""
    page = models.StatusPage.objects.filter(id=audience.removeprefix(subscriber_lists.PAGE)).first()
    if page is None or not subscriber_lists.is_page(audience):
        return {}
    return {
        "audience": f"Subscribers of {page.title}",
        "home": f"/status-pages/{page.key}/subscribers",
        "of_page": True,
    }


@posts
def take(request: HttpRequest, import_id: str) -> HttpResponse:
    contact_imports.start(act(request), import_id)
    text = "It is being taken. You may leave this page: it goes on, and stands under Audiences."
    return done(request, f"/catalog/audiences/imports/{import_id}", text)


@posts
def drop(request: HttpRequest, import_id: str) -> HttpResponse:
    contact_imports.drop(act(request), import_id)
    return done(request, f"/catalog/audiences/imports/{import_id}", "Dropped. What was taken stays taken.")


@require_safe
def faults(request: HttpRequest, import_id: str) -> HttpResponse:
    """Every row that was not taken, for a spreadsheet."""
    row = contact_imports.find(import_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("row", "reason", "what stood there"))
    for f in models.ContactImportFault.objects.filter(import_id=row.id).order_by("row").iterator(2000):
        writer.writerow((f.row, neutral(f.text), neutral(f.value)))
    return _file(out, "refused-rows.csv")


@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Every contact of an audience with its consent, line by line; no cell of it is a formula."""
    audience = request.GET.get("audience", "")
    audiences.must_exist(audience)
    audiences.exported(act(request), audience)
    answer = StreamingHttpResponse(_lines(audience), content_type="text/csv; charset=utf-8")
    return _named(answer, f"{audience}.csv")


def _lines(audience: str) -> Iterator[str]:
    """A part at a time, each asked for by itself: whoever reads slowly keeps neither memory nor the store."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    rows = models.AudienceContact.objects.filter(audience=audience, removed_at=None).order_by("id")
    last = ""
    while found := list(rows.filter(id__gt=last)[:AT_ONCE]):
        for c in found:
            writer.writerow([neutral(v) for v in audiences.as_row(c)])
        last = found[-1].id
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _file(out: io.StringIO, name: str) -> HttpResponse:
    return _named(HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8"), name)


def _named(answer: Answer, name: str) -> Answer:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


_EDIT = "status.edit"
_ONE = "catalog/audiences/imports/<str:import_id>"
ROUTES = [
    route("catalog/audiences/imports", upload, name="contact-import-new", permission=_EDIT),
    route("catalog/audiences/contacts.csv", export, name="contacts-csv", permission=_EDIT),
    route(_ONE, one, name="contact-import", permission=_EDIT),
    route(f"{_ONE}/part", part, name="contact-import-part", permission=_EDIT),
    route(f"{_ONE}/start", take, name="contact-import-start", permission=_EDIT),
    route(f"{_ONE}/removal", drop, name="contact-import-drop", permission=_EDIT),
    route(f"{_ONE}/refused.csv", faults, name="contact-import-faults", permission=_EDIT),
]
