"""Other organisations in an incident: their list for one's own people, and the one page that their guests see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.incidents import agencies
from quarterdeck.core.access import GUEST
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import outside
from quarterdeck.web.present.timeline import timeline
from quarterdeck.web.routes import route

_FIELDS = ("name", "representative", "contact", "offers", "limits")


@require_safe
def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    return _page(request, incident_id)


def _page(request: HttpRequest, incident_id: str, status: int = 200, **more: object) -> HttpResponse:
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, at, "people") | outside.listing(case, doing.who, at) | more
    return render(request, "incidents/agencies.html", context, status=status)


def put(request: HttpRequest, incident_id: str, agency_id: str = "") -> HttpResponse:
    """List an agency or change it. What was typed stays when it is refused."""
    given = {name: request.POST.get(name, "") for name in _FIELDS}
    try:
        agencies.put(act(request), incident_id, agency_id, **given)
    except Refused as refused:
        if refused.kind == "missing":
            raise
        return _page(request, incident_id, 422, refused=refused, given=given | {"id": agency_id})
    said = "Saved." if agency_id else "Listed."
    return done(request, _at(incident_id), said, f"agency:{incident_id}:{agency_id or 'new'}")


@posts
def new(request: HttpRequest, incident_id: str) -> HttpResponse:
    return put(request, incident_id)


@posts
def change(request: HttpRequest, incident_id: str, agency_id: str) -> HttpResponse:
    return put(request, incident_id, agency_id)


@posts
def left(request: HttpRequest, incident_id: str, agency_id: str) -> HttpResponse:
    agencies.left(act(request), incident_id, agency_id, request.POST.get("reason", ""))
    return done(request, _at(incident_id))


@posts
def ask(request: HttpRequest, incident_id: str, agency_id: str) -> HttpResponse:
    agencies.ask(act(request), incident_id, agency_id, request.POST.get("text", ""))
    return done(request, _at(incident_id), "Asked. It shows on their guests' page.", f"ask:{agency_id}")


@posts
def answer(request: HttpRequest, incident_id: str, request_id: str) -> HttpResponse:
    """By a guest of the agency, or by whoever heard it from them."""
    doing, post = act(request), request.POST
    agencies.answer(doing, incident_id, request_id, post.get("answer", ""), post.get("reply", ""))
    home = f"/incidents/{incident_id}" if is_guest(request) else _at(incident_id)
    return done(request, home, "Answered.", f"answer:{request_id}")


def is_guest(request: HttpRequest) -> bool:
    return GUEST in act(request).who.roles


def guest_part(request: HttpRequest, case: Case) -> dict[str, Any]:
    """For a live part of the guest's page; which page of the timeline, the query says."""
    doing, at = act(request).who, now()
    return outside.guest_page(case, doing, at) | {
        "timeline": timeline(case, request.GET, at, doing),
        "more": True,
    }


def guest(request: HttpRequest, case: Case, text: str = "", refused: Refused | None = None) -> HttpResponse:
    """The one page of a guest."""
    context = guest_part(request, case) | {"more": False, "text": text, "refused": refused}
    status = 200 if refused is None else 422
    return render(request, "incidents/guest.html", context, status=status)


def _at(incident_id: str) -> str:
    return f"/incidents/{incident_id}/agencies"


_ACT, _READ = "incident.act", "incident.read"
_ROOT = "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_ROOT}agencies", page, name="incident-agencies", permission=_READ),
    route(f"{_ROOT}agencies/new", new, name="incident-agency-new", permission=_ACT),
    route(f"{_ROOT}agencies/<str:agency_id>", change, name="incident-agency", permission=_ACT),
    route(f"{_ROOT}agencies/<str:agency_id>/left", left, name="incident-agency-left", permission=_ACT),
    route(f"{_ROOT}agencies/<str:agency_id>/requests", ask, name="incident-agency-ask", permission=_ACT),
    route(
        f"{_ROOT}agency-requests/<str:request_id>/answer",
        answer,
        name="incident-agency-answer",
        permission=_ACT,
    ),
]
