"""Components of other pages on this one, under names of its own: chosen in one table."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.status import audience_pages, shown_openly, status_pages
from quarterdeck.app.status.audience_pages import Chosen
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.words import LABELS
from quarterdeck.store import models
from quarterdeck.web import confirming
from quarterdeck.web.acting import act, done
from quarterdeck.web.routes import route

_EDIT = "status.edit"
_FIELDS = ("name", "group", "description")


def choose(request: HttpRequest, key: str) -> HttpResponse:
    """Fields are pick (component ids) and name.<id>, group.<id>, description.<id>, place.<id>; `confirm` where more
    people than before could read of one.
    """
    page, refused = status_pages.find_page(key), None
    if request.method == "POST":
        try:
            wanted = _wanted(request)
            if shown_openly.opened(page, [w.component for w in wanted]):
                confirming.confirm(request, request.POST.get(confirming.FIELD, ""))
            shown = audience_pages.choose(act(request), page, wanted, proven=confirming.proven(request))
        except Refused as said:
            refused = said
        else:
            said_ = f"{len(shown)} of other pages are shown; published within seconds."
            return done(request, f"/status-pages/{page.key}/components/choose", said_)
    context = {
        "page": {"name": page.title, "url": f"/status-pages/{page.key}"},
        "sources": _sources(page, request),
        "refused": refused,
        "proven": confirming.proven(request),
    }
    return render(request, "status/choose.html", context, status=422 if refused else 200)


def _wanted(request: HttpRequest) -> list[Chosen]:
    ids = list(dict.fromkeys(request.POST.getlist("pick")))

    def place(component: str) -> int:
        typed = request.POST.get(f"place.{component}", "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 10_000

    found = [Chosen(i, *(request.POST.get(f"{f}.{i}", "") for f in _FIELDS)) for i in ids]
    return sorted(found, key=lambda c: place(c.component))


def _sources(page: models.StatusPage, request: HttpRequest) -> list[dict[str, Any]]:
    """Each other page with its components, and what this page calls those it shows."""
    shown = {s.component_id: s for s in page.shown.all()}
    picked = set(request.POST.getlist("pick")) if request.method == "POST" else set(shown)
    sources: dict[str, dict[str, Any]] = {}
    for c in _listed(page, {*shown, *picked}):
        source = sources.setdefault(c.page_id, {"title": c.page.title, "components": []})
        mine = shown.get(c.id)
        first = {f: getattr(mine or c, f) for f in _FIELDS} | {"place": mine.position if mine else ""}
        if mine is None:
            first["description"] = ""
        typed = {f: request.POST.get(f"{f}.{c.id}", first[f]) for f in first}
        told = {"id": c.id, "called": c.name, "its_group": c.group, "state": LABELS[c.state]}
        source["components"].append(told | typed | {"picked": c.id in picked})
    return list(sources.values())


def _listed(page: models.StatusPage, chosen: set[str]) -> list[models.Component]:
    """What is chosen is always listed, as what is not submitted is taken away; of all else as many as fit."""
    offered = audience_pages.offered(page)
    ours = list(offered.filter(id__in=chosen))
    others = list(offered.exclude(id__in=chosen)[: max(0, audience_pages.MOST - len(ours))])
    return sorted([*ours, *others], key=lambda c: (c.page.title, c.page_id, c.position, c.name))


ROUTES = [
    route("status-pages/<str:key>/components/choose", choose, name="status-page-choose", permission=_EDIT),
]
