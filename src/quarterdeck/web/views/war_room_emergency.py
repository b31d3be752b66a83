"""The page of an incident's emergency mode and its acts: each act is one POST by its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.response import switches
from quarterdeck.core.incidents import sentiment, talks
from quarterdeck.core.kernel.refused import missing
from quarterdeck.web.acting import act, done, now, number, posts
from quarterdeck.web.present import emergency as present
from quarterdeck.web.present import incident as header
from quarterdeck.web.routes import route

Do = Callable[[Act, str, QueryDict], object]
LONGEST_MINUTES = 3 * 24 * 60


def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    if not case.template.switches:
        raise missing(
            "switch.none", "The structure of this incident halts nothing outside. Go to its overview."
        )
    context = header.base(case, doing.who, at, "emergency") | present.page(case, doing.who, at)
    return render(request, "incidents/emergency/page.html", context)


def _halt(a: Act, i: str, p: QueryDict) -> None:
    minutes = number(p.get("minutes", ""), "minutes", 1, LONGEST_MINUTES)
    switches.halt(a, i, p.get("switch", ""), a.at + timedelta(minutes=minutes))


def _mood(a: Act, i: str, p: QueryDict) -> None:
    switches.report_sentiment(
        a, i, p.get("channel", ""), number(p.get("level", ""), "level", sentiment.LOWEST, sentiment.HIGHEST),
        number(p.get("volume") or "0", "volume", 0, sentiment.MOST_VOLUME), posts=p.get("posts", ""),
        next_minutes=number(p.get("next_minutes") or "0", "next_minutes", 0, sentiment.LONGEST_MINUTES),
    )  # fmt: skip


ACTS: dict[str, Do] = {
    "halt-switch": _halt,
    "halted-switch": lambda a, i, p: switches.halted(a, i, p.get("switch", ""), p.get("evidence", "")),
    "resume-switch": lambda a, i, p: switches.resume(a, i, p.get("switch", "")),
    "resumed-switch": lambda a, i, p: switches.resumed(a, i, p.get("switch", ""), p.get("evidence", "")),
    "excuse-switch": lambda a, i, p: switches.excuse(a, i, p.get("switch", ""), p.get("reason", "")),
    "ask-area": lambda a, i, p: switches.ask_areas(a, i, tuple(p.getlist("role"))),
    "report-area": lambda a, i, p: switches.report_area(
        a, i, p.get("role", ""), p.get("state", ""), p.get("text", "")
    ),
    "report-mood": _mood,
    "offer-talk": lambda a, i, p: switches.offer(a, i, p.get("customer", ""), p.get("note", "")),
    "end-talk": lambda a, i, p: switches.end_offer(a, i, p.get("talk", ""), p.get("state", "")),
    "capacity-talk": lambda a, i, p: switches.set_capacity(
        a, i, number(p.get("weekly", ""), "weekly", 1, talks.MOST_WEEKLY)
    ),
}


@posts
def do(request: HttpRequest, incident_id: str, name: str) -> HttpResponse:
    """One act by its name; the page opens where it was done."""
    found = ACTS.get(name)
    if found is None:
        raise missing("act.unknown", "There is no such act. Reload the page and try again.")
    found(act(request), incident_id, request.POST)
    place = name.rpartition("-")[2]
    return done(
        request, f"/incidents/{incident_id}/emergency#{place}", saved=f"emergency:{incident_id}:{name}"
    )


ROUTES = [
    route(
        "incidents/<str:incident_id>/emergency", page, name="incident-emergency", permission="incident.read"
    ),
    route(
        "incidents/<str:incident_id>/emergency/acts/<str:name>",
        do,
        name="incident-emergency-act",
        permission="incident.act",
    ),
]
