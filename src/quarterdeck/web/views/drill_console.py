"""The facilitator's console while a drill runs. For whoever steers it; to those who play it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.drills import drill_course, drill_injects, drill_scores
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, now, number, posts
from quarterdeck.web.present import drill_console as shown
from quarterdeck.web.routes import route

_READ = "incident.read"
_FIELDS = ("kind", "title", "text", "role", "about", "in_minutes")


def _page(drill_id: str, part: str = "") -> str:
    return f"/drills/{drill_id}/console{f'#{part}' if part else ''}"


def _context(request: HttpRequest, drill_id: str) -> dict[str, Any]:
    doing = act(request)
    told = shown.console(drill_scores.live(doing, drill_id), doing.who, now())
    # The role that is being rated stays open.
    return told | {"rating_role": request.GET.get("rate", "")}


@require_safe
def console(request: HttpRequest, drill_id: str) -> HttpResponse:
    return render(request, "drills/console.html", _context(request, drill_id))


@posts
def clock(request: HttpRequest, drill_id: str) -> HttpResponse:
    """Pause, go on, end."""
    doing, verb = act(request), request.POST.get("act", "")
    drill_scores.led(doing, drill_id)
    if verb == "end":
        drill_course.end(doing, drill_id, request.POST.get("reason", ""))
        return done(request, f"/drills/{drill_id}/results", "The drill is over.")
    if verb == "resume":
        drill_course.resume(doing, drill_id)
        return done(request, _page(drill_id), "It goes on.")
    drill_course.pause(doing, drill_id)
    return done(request, _page(drill_id), "The clock stands still; nothing fires.")


@posts
def inject(request: HttpRequest, drill_id: str, inject_id: str) -> HttpResponse:
    doing = act(request)
    drill_scores.led(doing, drill_id)
    if request.POST.get("act") == "skip":
        drill_injects.skip(doing, drill_id, inject_id, request.POST.get("reason", ""))
        return done(request, _page(drill_id, "injects"), "Skipped.")
    drill_injects.fire(doing, drill_id, inject_id)
    return done(request, _page(drill_id, "injects"), "It has happened.")


def add(request: HttpRequest, drill_id: str) -> HttpResponse:
    """A surprise of the moment; a refusal keeps what was typed."""
    if request.method != "POST":
        return done(request, _page(drill_id, "injects"))
    doing, said = act(request), request.POST
    typed = {k: said.get(k, "") for k in _FIELDS}
    drill_scores.led(doing, drill_id)
    try:
        drill_injects.add(
            doing, drill_id, kind=typed["kind"], title=typed["title"], text=typed["text"], role=typed["role"],
            about=typed["about"], page=bool(said.get("page")),
            in_minutes=number(typed["in_minutes"] or "0", "in_minutes", 0, 480),
        )  # fmt: skip
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        context = _context(request, drill_id) | {"refused": refused, "typed": typed}
        return render(request, "drills/console.html", context, status=422)
    return done(request, _page(drill_id, "injects"), "Added.", f"inject:{drill_id}")


@posts
def rating(request: HttpRequest, drill_id: str) -> HttpResponse:
    """One tap, with or without words."""
    said = request.POST
    role = said.get("role", "")
    points = said.get("points", "")
    item = said.get("item", "")
    given = number(points, "points", 0, 4) if points else None
    drill_scores.rate(act(request), drill_id, role, item, given, said.get("note", ""))
    at = f"/drills/{drill_id}/console?{urlencode({'rate': role})}#rate-{role}-{item}"
    return done(request, at, "Noted.", f"rating:{drill_id}:{role}:{item}")


@posts
def judgement(request: HttpRequest, drill_id: str) -> HttpResponse:
    said = request.POST
    drill_scores.judge(
        act(request), drill_id, said.get("key", ""), said.get("verdict", ""), said.get("note", "")
    )
    return done(request, _page(drill_id, "steps"), "Noted.")


View = Callable[..., HttpResponse]


def _at(path: str, view: View, name: str) -> Any:
    return route(f"drills/<str:drill_id>/console{path}", view, name=name, permission=_READ)


ROUTES = [
    _at("", console, "drill-console"),
    _at("/clock", clock, "drill-clock"),
    _at("/injects", add, "drill-console-add"),
    _at("/injects/<str:inject_id>", inject, "drill-console-inject"),
    _at("/ratings", rating, "drill-rating"),
    _at("/judgements", judgement, "drill-judgement"),
]
