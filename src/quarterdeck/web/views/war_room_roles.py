"""Roles of an incident, taken, given, released and handed over in the war room. Each act is one POST."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from quarterdeck.app.incidents import command
from quarterdeck.core.kernel.refused import bad
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.routes import route


@posts
def role(request: HttpRequest, incident_id: str, role: str) -> HttpResponse:
    """Take a role (person "me"), assign it to somebody, or take it over with a reason."""
    person, reason = request.POST.get("person", ""), request.POST.get("reason", "")
    doing, understood = act(request), request.POST.get("understood") == "1"
    if request.POST.get("take_over"):
        case, person = command.take_over(doing, incident_id, role, reason, understood), doing.person
    elif person in ("me", doing.person):
        mentor = request.POST.get("mentor", "")
        case, person = command.take_role(doing, incident_id, role, reason, mentor, understood), doing.person
    else:
        domain, mentor = request.POST.get("domain", ""), request.POST.get("mentor", "")
        case = command.assign_role(doing, incident_id, role, person, reason, domain, mentor)
    return done(request, f"/incidents/{incident_id}", command.warning(case, role, person, doing))


@posts
def release(request: HttpRequest, incident_id: str, assignment_id: str) -> HttpResponse:
    command.release_role(act(request), incident_id, assignment_id, request.POST.get("reason", ""))
    return done(request, f"/incidents/{incident_id}")


@posts
def own_role(request: HttpRequest, incident_id: str) -> HttpResponse:
    """A role that the structure does not have."""
    post = request.POST
    title = post.get("title", "")
    command.create_role(act(request), incident_id, title, post.get("purpose", ""), post.get("reports_to", ""))
    return done(request, f"/incidents/{incident_id}/chart", "Role added.", f"own-role:{incident_id}")


@posts
def offer(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    command.offer_handover(
        act(request), incident_id, post.get("assignment", ""), post.get("person", ""), post.get("note", "")
    )
    return done(
        request,
        f"/incidents/{incident_id}",
        "Offered. You hold the role until the handover is effective.",
        f"handover:{incident_id}",
    )


@posts
def handover(request: HttpRequest, incident_id: str, handover_id: str, step: str) -> HttpResponse:
    doing, reason = act(request), request.POST.get("reason", "")
    match step:
        case "accept":
            understood = request.POST.get("understood") == "1"
            command.accept_handover(doing, incident_id, handover_id, reason, understood)
        case "brief":
            command.brief_handover(doing, incident_id, handover_id, request.POST.get("briefing", ""))
            return done(request, f"/incidents/{incident_id}", "Briefed.", f"briefing:{handover_id}")
        case "effective":
            command.make_effective(doing, incident_id, handover_id)
        case "time":
            at = local_time(request.POST.get("effective_at", ""), "effective_at")
            command.time_handover(doing, incident_id, handover_id, at)
            return done(
                request, f"/incidents/{incident_id}", "Announced." if at else "The time is taken back."
            )
        case "decline":
            command.decline_handover(doing, incident_id, handover_id, reason)
        case "withdraw":
            command.withdraw_handover(doing, incident_id, handover_id, reason)
        case _:
            raise bad("handover.step", "Choose accept, brief, time, effective, decline or withdraw.")
    return done(request, f"/incidents/{incident_id}")


_ACT = "incident.act"
_AT = "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_AT}roles/<str:role>", role, name="incident-role", permission="incident.read"),
    route(f"{_AT}assignments/<str:assignment_id>/release", release, name="incident-release", permission=_ACT),
    route(f"{_AT}own-roles", own_role, name="incident-own-role", permission=_ACT),
    route(f"{_AT}handovers", offer, name="incident-handover-offer", permission=_ACT),
    route(
        f"{_AT}handovers/<str:handover_id>/<str:step>",
        handover,
        name="incident-handover-step",
        permission=_ACT,
    ),
]
