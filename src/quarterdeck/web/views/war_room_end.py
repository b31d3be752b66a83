"""How an incident ends in the war room: dismissed from triage, closed or reopened after it was resolved.

One page with the acts its phase allows; what the closing gate still misses stands beside the button.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.incidents import incidents
from quarterdeck.core.incidents import missing as missing_for
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.web.acting import act, done
from quarterdeck.web.present import incident as header
from quarterdeck.web.routes import route

_DONE = {
    "reopen": "Reopened. The clocks run again.",
    "close": "Closed. Every role has ended with it.",
    "dismiss": "Dismissed: it was no incident.",
}


def end(request: HttpRequest, incident_id: str) -> HttpResponse:
    return _page(request, incident_id)


def _page(
    request: HttpRequest, incident_id: str, refused: Refused | None = None, step: str = ""
) -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    phase = case.incident.phase
    context = header.base(case, doing.who, doing.at, "overview") | {
        "may_dismiss": phase == "triage",
        "may_close": phase in ("resolved", "analysis"),
        "may_reopen": phase == "resolved",
        "missing": [c.text for c in missing_for(case.incident, case.template, "closed")],
        "refused": {"message": refused.message} if refused else None,
        "step": step,
        "typed": {k: request.POST.get(k, "") for k in ("reason", "override_reason")},
    }
    return render(request, "incidents/end.html", context, status=422 if refused else 200)


def ending(request: HttpRequest, incident_id: str, step: str) -> HttpResponse:
    """What was typed stays in its field when it is refused."""
    if request.method != "POST":
        return _page(request, incident_id)
    doing, reason = act(request), request.POST.get("reason", "")
    try:
        match step:
            case "reopen":
                incidents.reopen(doing, incident_id, reason)
            case "close":
                incidents.close(doing, incident_id, reason, request.POST.get("override_reason", ""))
            case "dismiss":
                incidents.dismiss(doing, incident_id, reason)
            case _:
                raise bad("incident.ending", "Choose reopen, close or dismiss.")
    except Refused as refused:
        if refused.kind == "missing":
            raise
        return _page(request, incident_id, refused, step)
    return done(request, f"/incidents/{incident_id}", _DONE[step], f"{step}:{incident_id}")


_AT = "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_AT}end", end, name="incident-end", permission="incident.act"),
    route(f"{_AT}ending/<str:step>", ending, name="incident-ending", permission="incident.act"),
]
