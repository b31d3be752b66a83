"""Taking over a status page of another product: a file, its plan, one button."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from quarterdeck.app import page_imports, status_pages
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.status.imports import SOURCES
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route

_EDIT = "status.edit"


def upload(request: HttpRequest, key: str) -> HttpResponse:
    page, refused = status_pages.find_page(key), None
    if request.method == "POST":
        try:
            given = request.FILES.get("file")
            if not isinstance(given, UploadedFile):
                raise bad("import.file", "Choose a file first.", file="missing")
            content = given.read(page_imports.LIMIT_BYTES + 1)
            source = request.POST.get("source", "")
            row = page_imports.upload(act(request), page, source, given.name or "", content)
        except Refused as said:
            refused = said
        else:
            return HttpResponseRedirect(f"/status-pages/{page.key}/import/{row.id}")
    context = _head(page) | {
        "sources": SOURCES.items(),
        "source": request.POST.get("source", "statuspage"),
        "refused": refused,
        "before": page.imports.exclude(taken_at=None)[:10],
    }
    return render(request, "status/import.html", context, status=422 if refused else 200)


def plan(request: HttpRequest, key: str, import_id: str) -> HttpResponse:
    page, row = _found(key, import_id)
    if row.taken_at is not None:
        return HttpResponseRedirect(f"/status-pages/{page.key}/import")
    made = page_imports.plan(row)
    counts = [
        {"kind": kind.capitalize(), **{v: told.get(v, 0) for v in ("ok", "there", "changes", "cannot")}}
        for kind, told in sorted(made.counts.items())
    ]
    context = _head(page) | {"row": row, "source": SOURCES[row.source], "counts": counts, "lines": made.lines}
    return render(request, "status/import_plan.html", context)


@posts
def take(request: HttpRequest, key: str, import_id: str) -> HttpResponse:
    page, row = _found(key, import_id)
    taken = page_imports.take(act(request), row.id).taken
    said = f"Taken: {taken.get('components', 0)} components, {taken.get('posts', 0)} updates."
    return done(request, f"/status-pages/{page.key}", said)


def _found(key: str, import_id: str) -> tuple[models.StatusPage, models.PageImport]:
    page, row = status_pages.find_page(key), page_imports.find(import_id)
    if row.page_id != page.id:
        raise missing("import.unknown", "There is no such import of this page. Upload the file again.")
    return page, row


def _head(page: models.StatusPage) -> dict[str, Any]:
    return {"page": {"name": page.title, "url": f"/status-pages/{page.key}"}}


ROUTES = [
    route("status-pages/<str:key>/import", upload, name="status-page-import", permission=_EDIT),
    route(
        "status-pages/<str:key>/import/<str:import_id>",
        plan,
        name="status-page-import-plan",
        permission=_EDIT,
    ),
    route(
        "status-pages/<str:key>/import/<str:import_id>/take",
        take,
        name="status-page-import-take",
        permission=_EDIT,
    ),
]
