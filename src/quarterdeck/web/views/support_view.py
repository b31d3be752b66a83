"""What support may say now: the open incidents, one of them with its receipts. Nothing else of an incident is here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.comms import support_view
from quarterdeck.app.visibility import visible_incidents
from quarterdeck.core.incidents.authority import may as granted
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done
from quarterdeck.web.routes import route

MOST = 30


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    rows = visible_incidents(doing.who).filter(is_open=True, drill=False).order_by("severity", "-number")
    found = [
        {
            "id": one.brief.incident_id, "brief": one.brief, "url": f"/support/{one.brief.incident_id}",
            "headline": one.brief.said[0].headline if one.brief.said else "", "people": one.people,
            "read": one.read,
        }
        for one in support_view.overview(list(rows.values_list("id", flat=True)[:MOST]), doing.who)
    ]  # fmt: skip
    return render(request, "desk/support.html", {"tab": "support", "briefs": found})


def detail(request: HttpRequest, incident_id: str) -> HttpResponse:
    return _page(request, incident_id)


def _page(request: HttpRequest, incident_id: str, refused: Refused | None = None) -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    brief = support_view.of(incident_id, doing.who)
    readers = support_view.readers(brief, doing.who)
    mine = next((r for r in readers if r.person_id == doing.person), None)
    context = {
        "tab": "support", "brief": brief, "readers": readers, "refused": refused, "typed": request.POST,
        "read": sum(r.read_at is not None for r in readers), "mine": mine,
        "may_write": granted(case.incident, case.template, doing.who, support_view.GRANT, "incident.phase"),
        "url": f"/support/{incident_id}", "drill": case.incident.drill,
    }  # fmt: skip
    return render(request, "desk/support_brief.html", context, status=422 if refused else 200)


def change(request: HttpRequest, incident_id: str, step: str) -> HttpResponse:
    """A refusal shows the page again with what was typed."""
    url = f"/support/{incident_id}"
    if request.method != "POST" or step not in ("brief", "question", "read"):
        return done(request, url)
    doing, said = act(request), request.POST
    try:
        match step:
            case "brief":
                support_view.write(doing, incident_id, said.get("workaround", ""), said.get("do_not_say", ""))
            case "question":
                support_view.add_question(
                    doing, incident_id, said.get("question", ""), said.get("answer", "")
                )
            case _:
                support_view.read(doing, incident_id, said.get("digest", ""))
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _page(request, incident_id, refused)
    return done(request, url, "Kept." if step != "read" else "Thank you; your receipt is kept.")


_READ = "incident.read"
ROUTES = [
    route("support", index, name="support", permission=_READ),
    route("support/<str:incident_id>", detail, name="support-brief", permission=_READ),
    route("support/<str:incident_id>/<str:step>", change, name="support-change", permission=_READ),
]
