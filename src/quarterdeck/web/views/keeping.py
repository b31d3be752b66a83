"""How long incidents are kept, on pages: the retention time in the settings; legal hold, files taken back and who read
it on an incident's record.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.incidents import readings
from quarterdeck.app.upkeep import keeping
from quarterdeck.core.incidents.keeping import LEAST_DAYS
from quarterdeck.web.acting import act, done, now, number, posts
from quarterdeck.web.present import incident as header
from quarterdeck.web.routes import route

GONE = 100


@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    held = keeping.holds_known_to(act(request).who)
    context = {
        "tab": "audit", "days": keeping.days(), "least": LEAST_DAYS, "most": keeping.MOST_DAYS, "held": held,
        "from": since if (since := keeping.removes_from()) and since > now() else None,
        "gone": keeping.removed(GONE),
    }  # fmt: skip
    return render(request, "settings/retention.html", context)


@posts
def set_retention(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("days", "")
    days = number(wanted, "days", 0, keeping.MOST_DAYS) if wanted.strip() else 0
    keeping.set_days(act(request), days)
    said = f"Closed incidents are kept for {days} days." if days else "Incidents are kept for ever."
    return done(request, "/settings/retention", said)


@posts
def hold(request: HttpRequest, incident_id: str) -> HttpResponse:
    keeping.place_hold(act(request), incident_id, request.POST.get("reason", ""))
    return done(request, f"/incidents/{incident_id}/record#keeping", "Nothing of it is removed from now on.")


@posts
def lift(request: HttpRequest, incident_id: str) -> HttpResponse:
    keeping.lift_hold(act(request), incident_id, request.POST.get("reason", ""))
    return done(request, f"/incidents/{incident_id}/record#keeping", "The hold is lifted.")


@posts
def take_back(request: HttpRequest, incident_id: str, file_id: str) -> HttpResponse:
    keeping.take_back(act(request), incident_id, file_id, request.POST.get("reason", ""))
    return done(request, f"/incidents/{incident_id}/record#files", "Its content is removed; its hash stays.")


@require_safe
def readers(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Who read the incident from outside, and who took copies."""
    doing, at = act(request), now()
    rows = readings.listing(doing, incident_id)
    case = casebook.load(incident_id, doing.who)
    names = case.directory(at)
    names.load_people({r.person for r in rows})
    context = header.base(case, doing.who, at, "record") | {
        "readings": [
            {
                "who": names.name(r.person), "what": readings.WORDS.get(r.what, r.what), "member": r.member,
                "first": r.first_at, "last": r.last_at, "times": r.times,
            }
            for r in rows
        ]
    }  # fmt: skip
    return render(request, "incidents/readings.html", context)


_AT = "incidents/<str:incident_id>/"
ROUTES = [
    route("settings/retention", retention, name="retention", permission="settings.edit"),
    route("settings/retention/set", set_retention, name="retention-set", permission="settings.edit"),
    # An administrator, a lawyer of the incident, whoever attached the file, the commander: the core decides.
    route(f"{_AT}hold", hold, name="incident-hold", permission="incident.read"),
    route(f"{_AT}hold/lift", lift, name="incident-hold-lift", permission="incident.read"),
    route(
        f"{_AT}files/<str:file_id>/take-back",
        take_back,
        name="incident-file-back",
        permission="incident.read",
    ),
    route(f"{_AT}readings", readers, name="incident-readings", permission="incident.read"),
]
