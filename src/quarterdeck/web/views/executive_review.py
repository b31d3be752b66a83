"""The review as executives read it, their comments on its strategic part, and their word that they have read it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quarterdeck.app import reports
from quarterdeck.app.executives import executive_reading
from quarterdeck.app.incidents import readings
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import executive_review as shown
from quarterdeck.web.routes import route


@require_safe
def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    return _page(request, incident_id)


def _page(request: HttpRequest, incident_id: str, status: int = 200, **more: Any) -> HttpResponse:
    who, at = act(request).who, now()
    found = reports.page_of(incident_id, who, at)
    readings.note(who, found.case.incident, readings.REVIEW, at)
    context = shown.page(found, who, at) | {"given": {}} | more
    return render(request, "executive/review.html", context, status=status)


@posts
def comment(request: HttpRequest, incident_id: str) -> HttpResponse:
    """What was typed stays when it is refused."""
    section = request.POST.get("section", "")
    try:
        executive_reading.comment(act(request), incident_id, section, request.POST.get("text", ""))
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _page(request, incident_id, 422, refused=refused, given=request.POST.dict())
    return done(request, f"{_at(incident_id)}#said-{section}", _("Said."), f"comment:{incident_id}:{section}")


@posts
def confirm(request: HttpRequest, incident_id: str) -> HttpResponse:
    executive_reading.confirm(act(request), incident_id)
    return done(request, f"{_at(incident_id)}#reading", _("Thank you. It is on record."))


def _at(incident_id: str) -> str:
    return f"/reviews/{incident_id}/strategic"


# Who may comment or confirm depends on the review; the core decides.
_READ, _PAGE = "review.read", "reviews/<str:incident_id>/strategic"
ROUTES = [
    route(_PAGE, page, name="review-strategic", permission=_READ),
    route(f"{_PAGE}/comments", comment, name="review-strategic-comment", permission=_READ),
    route(f"{_PAGE}/reading", confirm, name="review-strategic-reading", permission=_READ),
]
