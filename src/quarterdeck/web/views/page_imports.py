"""Taking over a status page of another product: upload, the plan line by line, and taking it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import page_imports
from quarterdeck.app.status_pages import find_page
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.imports import PRODUCTS
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route

_SHOWN = 500
_VERDICTS = {
    "cannot": ("red", "octagonx", "left out"), "change": ("amber", "info", "with a change"),
    "ok": ("green", "checkc", "taken"), "there": ("", "check", "there already"),
}  # fmt: skip
_STATES = {
    "preview": ("amber", "info", "to be looked at"), "taken": ("green", "checkc", "taken"),
    "dropped": ("", "x", "dropped"),
}  # fmt: skip
_KINDS = {
    "component": "Components",
    "incident": "Incidents",
    "maintenance": "Maintenance",
    "subscriber": "Subscribers",
}


class DocumentForm(forms.Form):
    product = forms.ChoiceField(choices=tuple(PRODUCTS.items()), label="Whose page it is")
    file = forms.FileField(
        label="File",
        help_text="JSON, as its interface answers, in one object. `quarterdeck import-page` fetches it from there.",
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={"required": "Choose a JSON file.", "empty": "This file is empty."},
    )


def start(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a document, and what was imported before."""
    page = find_page(key)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            raw = given.read(page_imports.MOST_BYTES + 1)
            row = page_imports.begin(act(request), key, form.cleaned_data["product"], given.name or "", raw)
        except Refused as refused:
            form.add_error("file" if "file" in refused.fields else None, refused.message)
        else:
            url = f"/status-pages/imports/{row.id}"
            return done(request, url, "Read. Look at the plan, then take it.", "page-import")
    before = [_head(r) for r in page.imports.defer("document", "plan")[:20]]
    context = {"page": page, "form": form, "before": before}
    return render(request, "status/import_start.html", context, status=422 if form.errors else 200)


@require_safe
def one(request: HttpRequest, import_id: str) -> HttpResponse:
    row = page_imports.find(import_id)
    context: dict[str, Any] = {
        "row": row,
        "page": row.page,
        "url": f"/status-pages/imports/{row.id}",
        "head": _head(row),
    }
    if row.state == "preview":
        planned = page_imports.plan(row)
        context["lines"] = [
            {
                "what": one["what"] or "no name",
                "kind": _KINDS.get(one["kind"], one["kind"]),
                "why": one["why"],
                "mark": _VERDICTS[one["verdict"]],
            }
            for one in planned["lines"][:_SHOWN]
        ]
        context |= {"more": max(0, planned["total"] - _SHOWN), "figures": _figures(planned["counts"])}
    else:
        context["figures"] = _figures(row.counts)
    return render(request, "status/import.html", context)


def _figures(counts: dict[str, int]) -> list[dict[str, Any]]:
    found = []
    for kind, title in _KINDS.items():
        mine = {verdict: counts.get(f"{kind} {verdict}", 0) for verdict in _VERDICTS}
        if any(mine.values()):
            said = [f"{n} {_VERDICTS[v][2]}" for v, n in mine.items() if n and v in ("cannot", "there")]
            found.append({"label": title, "value": mine["ok"] + mine["change"], "note": ", ".join(said)})
    return found


def _head(row: models.PageImport) -> dict[str, Any]:
    return {
        "url": f"/status-pages/imports/{row.id}", "name": row.name, "product": PRODUCTS.get(row.product, row.product),
        "at": row.created_at, "mark": _STATES[row.state],
    }  # fmt: skip


@posts
def take(request: HttpRequest, import_id: str) -> HttpResponse:
    row = page_imports.take(act(request), import_id)
    return done(
        request, f"/status-pages/{row.page.key}", "Taken. The page is published with it within seconds."
    )


@posts
def drop(request: HttpRequest, import_id: str) -> HttpResponse:
    row = page_imports.drop(act(request), import_id)
    return done(request, f"/status-pages/{row.page.key}/import", "Dropped. Nothing was taken.")


_EDIT = "status.edit"
_ONE = "status-pages/imports/<str:import_id>"
ROUTES = [
    route("status-pages/<str:key>/import", start, name="page-import-new", permission=_EDIT),
    route(_ONE, one, name="page-import", permission=_EDIT),
    route(f"{_ONE}/start", take, name="page-import-start", permission=_EDIT),
    route(f"{_ONE}/removal", drop, name="page-import-drop", permission=_EDIT),
]
