"""What customers of one incident say and ask, on one page. What somebody may do is decided in `app`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.desk import inquiries as desk
from quarterdeck.web.acting import act
from quarterdeck.web.present import customers as shown
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import inquiries
from quarterdeck.web.routes import route

MOST = 50


@require_safe
def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, doing.at, "customers")
    context["feedback"] = shown.feedback(case, doing.who, doing.at)
    context["reporting"] = inquiries.reporting(incident_id, doing.who, doing.at)
    rows = desk.inquiries(doing.who).filter(incident_id=incident_id).order_by("-asked_at", "-id")
    context["inquiries"] = inquiries.rows_of(list(rows[:MOST]), doing.at)
    return render(request, "desk/customers.html", context)


ROUTES = [
    route("incidents/<str:incident_id>/customers", page, name="customers", permission="incident.read"),
]
