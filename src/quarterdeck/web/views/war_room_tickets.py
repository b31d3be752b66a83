"""Counting the support tickets of an incident. Who may is decided in `app`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from quarterdeck.app.incidents import tickets
from quarterdeck.core.incidents.targets import MOST_TICKETS
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.routes import route


@posts
def count(request: HttpRequest, incident_id: str) -> HttpResponse:
    said = number(request.POST.get("tickets"), "tickets", most=MOST_TICKETS)
    tickets.count(act(request), incident_id, said)
    return done(request, f"/incidents/{incident_id}", "Counted.")


ROUTES = [
    route("incidents/<str:incident_id>/tickets", count, name="incident-tickets", permission="incident.read"),
]
