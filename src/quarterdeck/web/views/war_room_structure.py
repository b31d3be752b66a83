"""Type and structure of a running incident: what another structure would change, and taking it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.incidents import incidents, restructuring
from quarterdeck.core.incidents.authority import may as may_here
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line
from quarterdeck.web.acting import act, done, now
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import structures as present
from quarterdeck.web.routes import route


def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Look first: the choice is in the address, so that a preview can be sent round."""
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    if request.method != "POST":
        return _page(request, case, request.GET.get("to", ""))
    post = request.POST
    to, reason = post.get("to", ""), post.get("reason", "")
    try:
        if post.get("act") == "type":
            return _typed(request, case, post.get("type", ""), reason)
        taken = restructuring.change(doing, incident_id, to, reason)
    except Refused as refused:
        if refused.kind == "missing":
            raise
        return _page(request, case, to, refused, reason)
    said = f"{taken.template.title}, version {taken.template.version}, from now on. Everybody keeps what they hold."
    return done(request, f"/incidents/{incident_id}/chart", said)


def _typed(request: HttpRequest, case: Case, kind: str, reason: str) -> HttpResponse:
    incidents.set_type(act(request), case.incident.key, kind, reason)
    found = current().type(kind)
    url, said = (
        f"/incidents/{case.incident.key}/structure",
        "The type is set; whoever it asks for besides is called.",
    )
    if found and found.template != case.incident.template:
        return done(
            request, f"{url}?to={found.template}", f"{said} It goes with another structure: look below."
        )
    return done(request, url, said)


def _page(
    request: HttpRequest, case: Case, to: str, error: Refused | None = None, reason: str = ""
) -> HttpResponse:
    doing, at = act(request), now()
    choices = restructuring.choices(case)
    to = to if to in dict(choices) else case.incident.template
    context: dict[str, Any] = header.base(case, doing.who, at, "overview") | {
        "error": error,
        "reason": line(reason, 500),
        "to": to,
        "choices": choices,
        "structure": {"title": case.template.title, "version": case.incident.template_version},
        "newer": restructuring.newer(case),
        "kinds": [(t.key, t.title) for t in current().types],
        "kind": case.incident.type,
        "may_type": may_here(case.incident, case.template, doing.who, "incident.type", "severity.set"),
        "may_change": may_here(case.incident, case.template, doing.who, "incident.phase"),
        "over": case.incident.has_ended,
        **_preview(case, to, at),
    }
    status = {"forbidden": 403, "conflict": 409}.get(error.kind, 422) if error else 200
    return render(request, "incidents/structure.html", context, status=status)


def _preview(case: Case, to: str, at: datetime) -> dict[str, Any]:
    if current().template(to) is None:
        return {"same": True, "moves": [], "differences": []}
    found = restructuring.preview(case, to)
    names = case.directory(at).name
    titles = casebook.titles(case.template)
    later = casebook.titles(found.change.template)
    above = {r.key: r.reports_to or "" for r in found.change.template.roles}
    moves = [
        {
            "name": names(m.person),
            "was": titles(m.role),
            "to": later(m.to),
            "moves": m.to != m.role,
            "stays": m.to in found.change.stay,
            "above": later(above.get(m.to) or m.reports_to) if (above.get(m.to) or m.reports_to) else "",
        }
        for m in found.change.moves
    ]
    return {
        "same": found.same,
        "later": found.later,
        "new": {"title": found.new.title, "version": found.new.version},
        "moves": moves,
        "differences": present.differences(found.differences),
    }


ROUTES = [
    route(
        "incidents/<str:incident_id>/structure", page, name="incident-structure", permission="incident.read"
    ),
]
