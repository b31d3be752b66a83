"""The results of a drill: scores with their evidence, the course against what was expected, gaps that become work."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.drills import drill_gaps, drill_scores
from quarterdeck.app.learning import reviews
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import drill_scores as shown
from quarterdeck.web.routes import route

_READ = "incident.read"


def _page(drill_id: str) -> str:
    return f"/drills/{drill_id}/results"


@require_safe
def results(request: HttpRequest, drill_id: str) -> HttpResponse:
    return render(request, "drills/results.html", _context(request, drill_id))


def _context(request: HttpRequest, drill_id: str) -> dict[str, Any]:
    doing = act(request)
    return shown.results(drill_scores.results(doing, drill_id), doing.person, now())


def gap(request: HttpRequest, drill_id: str) -> HttpResponse:
    """Confirm or drop one; a refusal keeps what was typed."""
    if request.method != "POST":
        return done(request, _page(drill_id))
    said = request.POST
    typed = {k: said.get(k, "") for k in ("key", "title", "owner", "due_on", "reason")}
    try:
        if said.get("act") == "drop":
            drill_gaps.drop(act(request), drill_id, typed["key"], typed["reason"])
            return done(request, f"{_page(drill_id)}#gaps", "Kept: it is no gap.")
        drill_gaps.confirm(
            act(request),
            drill_id,
            typed["key"],
            owner=typed["owner"],
            due_on=typed["due_on"],
            title=typed["title"],
        )
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        context = _context(request, drill_id) | {"refused": refused, "typed": typed}
        return render(request, "drills/results.html", context, status=422)
    return done(request, f"{_page(drill_id)}#gaps", "It is an action item with an owner and a date.")


@posts
def finish(request: HttpRequest, drill_id: str, item_id: str) -> HttpResponse:
    """An action item of this drill is done."""
    drill = drill_scores.seen(act(request), drill_id)
    reviews.finish_action_item(act(request), drill.incident_id, item_id)
    return done(request, f"{_page(drill_id)}#gaps", "Done.")


@posts
def agree(request: HttpRequest, drill_id: str) -> HttpResponse:
    drill_scores.agree(act(request), drill_id)
    return done(request, _page(drill_id), "Agreed: from now on nothing of it changes.")


ROUTES = [
    route("drills/<str:drill_id>/results", results, name="drill-results", permission=_READ),
    route("drills/<str:drill_id>/results/gaps", gap, name="drill-gap", permission=_READ),
    route(
        "drills/<str:drill_id>/results/items/<str:item_id>/done",
        finish,
        name="drill-item-done",
        permission=_READ,
    ),
    route("drills/<str:drill_id>/results/agreement", agree, name="drill-agree", permission=_READ),
]
