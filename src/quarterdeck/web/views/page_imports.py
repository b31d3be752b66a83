"""Taking over a status page of another product: upload, the plan line by line, and taking it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.status import page_imports
from quarterdeck.app.status.status_pages import find_page
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.imports import PRODUCTS
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route

_SHOWN = 200  # lines of each kind of verdict
_VERDICTS = {
    "cannot": ("red", "octagonx", "left out"), "change": ("amber", "info", "with a change"),
    "ok": ("green", "checkc", "comes in"), "there": ("", "check", "there already"),
}  # fmt: skip
_STATES = {
    "preview": ("amber", "info", "to be looked at"), "taken": ("green", "checkc", "imported"),
    "dropped": ("", "x", "discarded"),
}  # fmt: skip
_KINDS = {
    "component": "Components",
    "incident": "Incidents",
    "maintenance": "Maintenance",
    "subscriber": "Subscribers",
}

_ONE_OF = {
    "component": "Component", "incident": "Incident", "maintenance": "Maintenance", "subscriber": "Subscriber",
}  # fmt: skip
_SOURCES = (
    ("statuspage", "https://api.statuspage.io/v1/pages/PAGE", True,
     "page, components, component_groups, incidents, subscribers"),
    ("cachet", "https://status.example.com/api/v1", True,
     "components, groups, incidents, schedules, subscribers"),
    ("instatus", "https://api.instatus.com/v1/PAGE", True, "components, incidents, maintenances, subscribers"),
    ("kuma", "https://uptime.example.com/api/status-page/SLUG", False, "the answer of that address as it is"),
)  # fmt: skip
_COMMANDS = [
    {"key": key, "name": PRODUCTS[key], "address": address, "secret": secret, "holds": holds}
    for key, address, secret, holds in _SOURCES
]


class DocumentForm(forms.Form):
    product = forms.ChoiceField(choices=tuple(PRODUCTS.items()), label="Product it comes from")
    file = forms.FileField(
        label="File",
        help_text="One JSON file; below is how to get it.",
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
            return done(request, url, "Read. Look at the plan, then import it.", "page-import")
    before = [_head(r) for r in page.imports.defer("document", "plan")[:20]]
    context = {"page": page, "form": form, "before": before, "commands": _COMMANDS}
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
        groups = _groups(planned)
        fresh = any(group["key"] in ("change", "ok") for group in groups)
        context |= {"groups": groups, "empty": not fresh, "figures": _figures(planned["counts"])}
    else:
        context["figures"] = _figures(row.counts)
    return render(request, "status/import.html", context)


def _groups(planned: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a plan by what becomes of them: what somebody has to know before they import it comes first."""
    found = []
    for key, mark in _VERDICTS.items():
        count = sum(n for kind, n in planned["counts"].items() if kind.endswith(f" {key}"))
        lines = [_line(one) for one in planned["lines"] if one["verdict"] == key][:_SHOWN]
        if count:
            title = mark[2].capitalize()
            found.append(
                {
                    "key": key,
                    "title": title,
                    "mark": mark,
                    "count": count,
                    "lines": lines,
                    "more": count - len(lines),
                }
            )
    return found


def _line(one: dict[str, str]) -> dict[str, str]:
    return {
        "what": one["what"] or "no name",
        "kind": _ONE_OF.get(one["kind"], one["kind"]),
        "why": one["why"],
    }


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
        request,
        f"/status-pages/imports/{row.id}",
        "Imported. The page is published with it within seconds.",
    )


@posts
def drop(request: HttpRequest, import_id: str) -> HttpResponse:
    row = page_imports.drop(act(request), import_id)
    return done(request, f"/status-pages/{row.page.key}/import", "Discarded. Nothing was imported.")


_EDIT = "status.edit"
_ONE = "status-pages/imports/<str:import_id>"
ROUTES = [
    route("status-pages/<str:key>/import", start, name="page-import-new", permission=_EDIT),
    route(_ONE, one, name="page-import", permission=_EDIT),
    route(f"{_ONE}/start", take, name="page-import-start", permission=_EDIT),
    route(f"{_ONE}/removal", drop, name="page-import-drop", permission=_EDIT),
]
