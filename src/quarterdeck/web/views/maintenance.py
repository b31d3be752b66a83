"""Planned work: the list, one window with what may be done about it, and each of those acts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.act import Act
from quarterdeck.app.maintenance import maintenance as acts
from quarterdeck.app.maintenance import maintenance_rows, maintenance_views
from quarterdeck.core.kernel.refused import missing
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.present import maintenance as present
from quarterdeck.web.routes import route

from .maintenance_form import change, new, wall_time

LIST = "/maintenance"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    return render(request, "maintenance/list.html", present.listing(doing.who, request.GET.dict(), doing.at))


@require_safe
def detail(request: HttpRequest, window_id: str) -> HttpResponse:
    doing = act(request)
    row = maintenance_views.seen(doing.who).filter(id=window_id).first()
    if row is None:
        raise missing("maintenance.unknown", "There is no such maintenance. Look it up in the list.")
    return render(request, "maintenance/window.html", present.detail(row, doing))


@posts
def turn(request: HttpRequest, window_id: str, what: str) -> HttpResponse:
    """One act on one window."""
    doing = act(request)
    said = _TURNS.get(what, _simple)(request, doing, window_id, what)
    return done(request, f"{LIST}/{window_id}", said, f"maintenance-{what}:{window_id}")


def _simple(request: HttpRequest, doing: Act, window_id: str, what: str) -> str:
    text, glass = request.POST.get("text", ""), _glass(request)
    match what:
        case "start":
            acts.start(doing, window_id, text, break_glass=glass)
            return "Started: alerts of the covered services are silent."
        case "verify":
            acts.verify(doing, window_id, text, break_glass=glass)
            return "The pages say that it is being checked."
        case "finish":
            acts.finish(doing, window_id, text, break_glass=glass)
            return "Finished: alerts page again."
        case "announce":
            acts.announce(doing, window_id, break_glass=glass)
            return "Announced."
    raise missing("maintenance.act", "There is no such thing to do. Reload the page.")


def _propose(request: HttpRequest, doing: Act, window_id: str, what: str) -> str:
    row = acts.propose(doing, window_id, series=_series(request))
    waits = row.state == "proposed"
    return (
        "Proposed: whoever may approve it has been told." if waits else "Approved: it needs no approval here."
    )


def _approve(request: HttpRequest, doing: Act, window_id: str, what: str) -> str:
    seen = number(request.POST.get("version"), "version", 1, 10**9)
    acts.approve(doing, window_id, seen, series=_series(request))
    return "Approved: from now on it announces and starts itself as planned."


def _send_back(request: HttpRequest, doing: Act, window_id: str, what: str) -> str:
    acts.send_back(doing, window_id, request.POST.get("reason", ""))
    return "Sent back: its planner has been told why."


def _move(request: HttpRequest, doing: Act, window_id: str, what: str) -> str:
    zone = maintenance_rows.find(window_id).zone
    starts, ends = wall_time(request, "starts_at", zone), wall_time(request, "ends_at", zone)
    reason, glass = request.POST.get("reason", ""), _glass(request)
    row = acts.move(doing, window_id, starts, ends, reason, break_glass=glass)
    if row.state == "proposed":
        return "Moved. It takes longer than was agreed to, so it waits for approval again."
    return "Moved: whoever was told has been told again."


def _extend(request: HttpRequest, doing: Act, window_id: str, what: str) -> str:
    zone = maintenance_rows.find(window_id).zone
    until, reason = wall_time(request, "ends_at", zone), request.POST.get("reason", "")
    acts.extend(doing, window_id, until, reason, break_glass=_glass(request))
    return "Extended: alerts stay silent until then."


def _cancel(request: HttpRequest, doing: Act, window_id: str, what: str) -> str:
    reason = request.POST.get("reason", "")
    acts.cancel(doing, window_id, reason, series=_series(request), break_glass=_glass(request))
    return "Cancelled. Whoever was told has been told."


def _glass(request: HttpRequest) -> str:
    return request.POST.get("break_glass", "")


def _series(request: HttpRequest) -> bool:
    return request.POST.get("series") == "1"


_TURNS = {
    "propose": _propose,
    "approve": _approve,
    "send-back": _send_back,
    "move": _move,
    "extend": _extend,
    "cancel": _cancel,
}

_EDIT = "status.edit"
ROUTES = [
    route("maintenance", index, name="maintenance", permission="status.read"),
    route("maintenance/new", new, name="maintenance-new", permission=_EDIT),
    route("maintenance/<str:window_id>", detail, name="maintenance-window", permission="status.read"),
    route("maintenance/<str:window_id>/plan", change, name="maintenance-plan", permission=_EDIT),
    route("maintenance/<str:window_id>/<slug:what>", turn, name="maintenance-turn", permission=_EDIT),
]
