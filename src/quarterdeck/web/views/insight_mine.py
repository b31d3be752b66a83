"""One's own record; for the program lead that of others too. Who may see it is decided in `app`."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.figures import insight_rules, scorecards
from quarterdeck.web.acting import act
from quarterdeck.web.present.problems import people
from quarterdeck.web.routes import route

PAGE = "/insights/mine"


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    chosen = request.GET.get("person", "")
    if chosen:
        return HttpResponseRedirect(f"/insights/people/{quote(chosen[:40], safe='')}")
    return _shown(request, act(request).person)


@require_safe
def person(request: HttpRequest, person_id: str) -> HttpResponse:
    return _shown(request, person_id)


def _shown(request: HttpRequest, person_id: str) -> HttpResponse:
    doing = act(request)
    card = scorecards.of(doing, person_id)
    lines = [
        {"title": x.title, "about": x.about, "met": x.met, "of": x.of, "percent": round(100 * x.met / x.of)}
        for x in card.lines
    ]
    context = {
        "tab": "mine", "card": card, "lines": lines, "own": card.person == doing.person,
        "people": scorecards.people(people(), doing) if scorecards.leads(doing) else [],
        "warning": insight_rules.WARNING,
    }  # fmt: skip
    return render(request, "insights/mine.html", context)


ROUTES = [
    route("insights/mine", mine, name="insight-mine", permission=scorecards.READ),
    route("insights/people/<str:person_id>", person, name="insight-person", permission=scorecards.READ),
]
