"""A message on its way to its recipients: how far it is, who got it and who did not; pause, go on, stop, as a file."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.comms import audience_routes, mailings
from quarterdeck.core.comms.contact_rows import neutral
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.kernel import moments
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import mailings as shown
from quarterdeck.web.routes import route


@require_safe
def delivery(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    found = mailings.of_message(doing, incident_id, message_id)
    url = f"/incidents/{incident_id}/messages/{message_id}/delivery"
    message = case.incident.messages[message_id]
    audience = case.template.audience(found.audience)
    get, named = request.GET, mailings.sees_addresses(case, doing)
    context: dict[str, Any] = header.base(case, doing.who, doing.at, "communication") | {
        "url": url,
        "message": {
            "id": message_id,
            "headline": message.headline,
            "audience": audience.title if audience else "",
        },
        "progress": shown.progress(found),
        "ledger": shown.table(
            found,
            get.get("show", ""),
            get.get("q", "")[:120].strip() if named else "",
            get.get("after", ""),
            url,
            named=named,
        ),
        "may_act": may(case.incident, case.template, doing.who, "message.release"),
    }
    return render(request, "incidents/delivery.html", context)


@require_safe
def part(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    """The figures alone, while it goes out."""
    found = mailings.of_message(act(request), incident_id, message_id)
    url = f"/incidents/{incident_id}/messages/{message_id}/delivery"
    return render(
        request, "incidents/delivery_progress.html", {"progress": shown.progress(found), "url": url}
    )


@posts
def move(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    doing, to, why = act(request), request.POST.get("to", ""), request.POST.get("reason", "")
    url = f"/incidents/{incident_id}/messages/{message_id}/delivery"
    if to == "pause":
        mailings.pause(doing, incident_id, message_id, why)
        return done(request, url, "Paused. Nothing further is handed over.", "mailing")
    if to == "stop":
        mailings.stop(doing, incident_id, message_id, why)
        return done(request, url, "Stopped. Whoever has not got it will not.", "mailing")
    mailings.resume(doing, incident_id, message_id)
    return done(request, url, "It goes on.")


@require_safe
def table(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    """The whole ledger of a message, for a spreadsheet."""
    doing = act(request)
    found = mailings.of_message(doing, incident_id, message_id)
    named = mailings.sees_addresses(casebook.load(incident_id, doing.who), doing)
    if named:
        mailings.exported(doing, found)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ("channel", "address", "name", "state", "attempts", "unclear", "handed_at", "ended_at", "detail")
    )
    rows = models.Recipient.objects.filter(message_id=found.id).order_by("id")
    for r in rows.iterator(2000):
        r = r if named else mailings.hide(r)
        handed, ended = (moments.text(t) if t else "" for t in (r.handed_at, r.ended_at))
        values = (r.channel, r.address, r.name, mailings.STATES[r.state], str(r.attempts), str(r.unclear))
        writer.writerow([neutral(v) for v in (*values, handed, ended, r.detail)])
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{incident_id}-recipients.csv"'
    return answer


@posts
def choose_list(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Of an audience only one of its lists hears of this incident."""
    audience = request.POST.get("audience", "")
    audience_routes.choose_list(act(request), incident_id, audience, request.POST.get("list", ""))
    return done(request, f"/incidents/{incident_id}/communication", "Kept, for what is released from now on.")


_READ = "incident.read"
_OF = "incidents/<str:incident_id>/messages/<str:message_id>/delivery"
ROUTES = [
    route(_OF, delivery, name="delivery", permission=_READ),
    route(f"{_OF}/part", part, name="delivery-part", permission=_READ),
    route(f"{_OF}/state", move, name="delivery-state", permission=_READ),
    route(f"{_OF}.csv", table, name="delivery-csv", permission=_READ),
    route("incidents/<str:incident_id>/affected-list", choose_list, name="affected-list", permission=_READ),
]
