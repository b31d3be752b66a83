"""The course of an incident, changed in the war room: severity, phase, impact, type, facts, its end. Each act is one
POST.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from quarterdeck.app import casebook
from quarterdeck.app.incidents import codenames, incidents
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, local_time, number, posts
from quarterdeck.web.routes import route


@posts
def severity(request: HttpRequest, incident_id: str) -> HttpResponse:
    _must_be_current(request, incident_id)
    rank = number(request.POST.get("severity"), "severity", 1, 5)
    incidents.set_severity(act(request), incident_id, rank, request.POST.get("reason", ""))
    return done(request, f"/incidents/{incident_id}")


@posts
def phase(request: HttpRequest, incident_id: str) -> HttpResponse:
    _must_be_current(request, incident_id)
    wanted, reason = request.POST.get("phase", ""), request.POST.get("reason", "")
    if wanted == "resolved":
        return done(request, f"/incidents/{incident_id}/resolve")
    # The dialog's reason stands for both: why now, and why although a condition is missing.
    incidents.change_phase(act(request), incident_id, wanted, reason, reason)
    return done(request, f"/incidents/{incident_id}")


@posts
def impact(request: HttpRequest, incident_id: str) -> HttpResponse:
    levels = {k.removeprefix("dimension."): v for k, v in request.POST.items() if k.startswith("dimension.")}
    affected = request.POST.get("customers_affected")
    incidents.set_impact(act(request), incident_id, levels, affected, request.POST.get("reason", ""))
    return done(request, f"/incidents/{incident_id}")


@posts
def kind(request: HttpRequest, incident_id: str) -> HttpResponse:
    incidents.set_type(
        act(request), incident_id, request.POST.get("type", ""), request.POST.get("reason", "")
    )
    return done(request, f"/incidents/{incident_id}")


@posts
def facts(request: HttpRequest, incident_id: str) -> HttpResponse:
    names = ("what_we_know", "customer_effect", "cause", "workaround", "next_step", "fix", "verification")
    incidents.set_facts(act(request), incident_id, **{n: request.POST.get(n) for n in names})
    if "bridge_url" in request.POST:
        incidents.set_links(
            act(request), incident_id, request.POST.get("bridge_url"), request.POST.get("chat_url")
        )
    return done(request, f"/incidents/{incident_id}", "Facts updated.", f"facts:{incident_id}")


@posts
def codename(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Only of a restricted incident. Empty: two other words are chosen."""
    case = codenames.rename(act(request), incident_id, request.POST.get("codename", ""))
    told = f"Others see it as {case.incident.codename} from now on."
    return done(request, f"/incidents/{incident_id}", told, f"codename:{incident_id}")


@posts
def resolve(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    at = local_time(post.get("resolved_at", ""), "resolved_at")
    incidents.resolve(
        act(request),
        incident_id,
        post.get("code", ""),
        at,
        post.get("summary", ""),
        post.get("override_reason", ""),
    )
    return done(
        request, f"/incidents/{incident_id}", "Resolved. The clocks have stopped.", f"resolve:{incident_id}"
    )


def _must_be_current(request: HttpRequest, incident_id: str) -> None:
    """Two people never overwrite each other silently: the form names the state it was made for."""
    seen = request.POST.get("version", "")
    if not seen.isdecimal() or len(seen) > 18:
        return
    case = casebook.load(incident_id, act(request).who)
    row = (
        models.TimelineRow.objects.filter(
            incident_id=incident_id, seq__gt=int(seen), kind__in=("severity", "phase")
        )
        .order_by("-seq")
        .first()
    )
    if row is not None:
        raise Refused(
            "incident.moved",
            f"{row.title} while you were choosing. {case.incident.key} is SEV{case.incident.severity},"
            f" {case.incident.phase} now. Look again, then decide.",
        )


_ACT = "incident.act"
_AT = "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_AT}severity", severity, name="incident-severity", permission=_ACT),
    route(f"{_AT}phase", phase, name="incident-phase", permission=_ACT),
    route(f"{_AT}impact", impact, name="incident-impact", permission=_ACT),
    route(f"{_AT}type", kind, name="incident-type", permission=_ACT),
    route(f"{_AT}facts/save", facts, name="incident-facts-save", permission=_ACT),
    route(f"{_AT}codename", codename, name="incident-codename", permission=_ACT),
    route(f"{_AT}resolution", resolve, name="incident-resolution", permission=_ACT),
]
