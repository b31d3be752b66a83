"""The list of addresses nothing is sent to: why, since when, put one there, lift one with a reason."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.comms import suppressions
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route

MOST = 50


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    get = request.GET
    show, asked, after = get.get("show", ""), get.get("q", "")[:120].strip(), get.get("after", "")[:40]
    rows = models.Suppression.objects.all()
    if show in suppressions.REASONS:
        rows = rows.filter(reason=show)
    if asked:
        rows = rows.filter(address__icontains=asked)
    if after:
        rows = rows.filter(id__lt=after)
    found = list(rows.order_by("-id")[: MOST + 1])
    url = "/catalog/audiences/suppressed"
    context: dict[str, Any] = {
        "tab": "audiences",
        "rows": [
            {"id": r.id, "address": r.address, "reason": suppressions.REASONS.get(r.reason, r.reason), "at": r.at,
             "detail": r.detail}
            for r in found[:MOST]
        ],
        "next": found[MOST - 1].id if len(found) > MOST else None,
        "views": [
            {"label": "All", "href": url, "current": show not in suppressions.REASONS},
            *({"label": text.capitalize(), "href": f"{url}?show={key}", "current": show == key}
              for key, text in suppressions.REASONS.items()),
        ],
        "asked": asked, "show": show,
    }  # fmt: skip
    return render(request, "catalog/suppressions.html", context)


@posts
def add(request: HttpRequest) -> HttpResponse:
    row = suppressions.suppress(act(request), request.POST.get("email", ""), request.POST.get("detail", ""))
    return done(
        request, "/catalog/audiences/suppressed", f"Nothing is sent to {row.address} any more.", "suppress"
    )


@posts
def lift(request: HttpRequest, suppression_id: str) -> HttpResponse:
    suppressions.lift(act(request), suppression_id, request.POST.get("reason", ""))
    return done(request, "/catalog/audiences/suppressed", "Messages go there again.")


_EDIT = "status.edit"
ROUTES = [
    route("catalog/audiences/suppressed", listing, name="suppressions", permission=_EDIT),
    route("catalog/audiences/suppressed/new", add, name="suppression-add", permission=_EDIT),
    route(
        "catalog/audiences/suppressed/<str:suppression_id>/removal",
        lift,
        name="suppression-lift",
        permission=_EDIT,
    ),
]
