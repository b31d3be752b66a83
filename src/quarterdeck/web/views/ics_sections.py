"""The section boards: what waits in operations, planning, logistics and finance of an ICS incident (R-171)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.web.acting import act
from quarterdeck.web.present import ics_sections
from quarterdeck.web.present import incident as header
from quarterdeck.web.routes import route


@never_cache
@require_safe
def boards(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, doing.at, "ics") | {
        "boards": ics_sections.boards(case, doing.at) if case.template.key == "ics" else [],
    }
    return render(request, "incidents/ics/sections.html", context)


ROUTES = [
    route(
        "incidents/<str:incident_id>/ics/sections",
        boards,
        name="incident-ics-sections",
        permission="incident.read",
    )
]
