"""Customers' satisfaction over a period, as a page and as CSV, and the goal for it."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.comms import satisfaction
from quarterdeck.app.figures import insights
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.metrics.satisfaction import DEFINITION
from quarterdeck.web.acting import act, done, number
from quarterdeck.web.present import customers as shown
from quarterdeck.web.present import words
from quarterdeck.web.routes import route

from .insights import WEEKS, question

PAGE = "/insights/satisfaction"
MOST_INCIDENTS, MOST_WORDS = 50, 20
TABLES = ("answers", "weeks")
_READ = "insight.read"


def index(request: HttpRequest) -> HttpResponse:
    """POST sets the goal; a refusal shows the form again with what was typed."""
    refused = None
    if request.method == "POST":
        try:
            share = number(request.POST.get("at_least_percent"), "at_least_percent", most=100)
            satisfaction.set_goal(act(request), share, request.POST.get("reason", ""))
        except Refused as said:
            if said.kind == "forbidden":
                raise
            refused = said
        else:
            return done(request, PAGE, "The goal counts from now on.")
    context = _context(request) | {
        "refused": refused,
        "typed": {k: request.POST.get(k, "") for k in ("at_least_percent", "reason")},
    }
    return render(request, "insights/satisfaction.html", context, status=422 if refused else 200)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    asked, _weeks = question(request)
    who, wanted = act(request).who, request.GET.get("table", "answers")
    if wanted not in TABLES:
        raise missing("table.unknown", f"There is no such table. Choose one of: {', '.join(TABLES)}.")
    if wanted == "weeks":
        found = satisfaction.week_rows(satisfaction.weeks(who, asked, settings.TIME_ZONE))
    else:
        found = satisfaction.rows(satisfaction.answers(who, asked).order_by("at", "id").iterator())
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="quarterdeck-satisfaction-{wanted}.csv"'
    # A word that a spreadsheet would carry out as a formula stays a word.
    csv.writer(answer).writerows([[_plain(cell) for cell in row] for row in found])
    return answer


def _plain(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def _context(request: HttpRequest) -> dict[str, Any]:
    asked, weeks = question(request)
    doing = act(request)
    kept = {
        "weeks": str(weeks),
        "severity": str(asked.severity or ""),
        "team": asked.team,
        "service": asked.service,
    }
    chosen = {k: v for k, v in kept.items() if v}
    found, goals = satisfaction.over(doing.who, asked), satisfaction.goals()
    goal = satisfaction.goal_at(doing.at, goals)
    by_week = shown.week_rows(satisfaction.weeks(doing.who, asked, settings.TIME_ZONE), goals)
    judged = [w["met"] for w in by_week if w["met"] is not None]
    return {
        "tab": "satisfaction", "filters": kept, "filtered": len(chosen) > 1, "since": asked.since,
        "choices": {
            "weeks": [(str(n), _("%(n)s weeks") % {"n": n}) for n in WEEKS],
            "severity": [(str(s["rank"]), s["label"]) for s in words.severities(current())],
            "team": insights.teams(), "service": insights.services(),
        },
        "figures": [
            {"label": _("Satisfied"), "value": shown.percent(found), "note": _("gave 4 or 5 of 5")},
            {"label": _("Average"), "value": shown.average(found), "note": _("from 1 to 5")},
            {"label": _("Answers"), "value": str(found.answers), "note": _("in the period")},
            {"label": _("Goal"), "value": f"{goal.at_least_percent} %" if goal else "–",
             "note": _("met in %(met)s of %(all)s weeks") % {"met": sum(judged), "all": len(judged)} if judged else
             _("no week to judge yet") if goal else _("none is set")},
        ],
        "answers": found.answers, "weeks": by_week, "goal": goal.at_least_percent if goal else None,
        "goals": _history(goals, doing.at), "definition": DEFINITION,
        "incidents": _incidents(doing.who, asked), "may_edit": may(doing.who, satisfaction.EDIT),
        "reads": may(doing.who, "incident.read"),
        "csv": {name: f"/insights/satisfaction.csv?{urlencode(chosen | {'table': name})}" for name in TABLES},
    }  # fmt: skip


def _incidents(who: Who, asked: insights.Question) -> list[dict[str, Any]]:
    return [
        {"id": key, "answers": s.answers, "average": shown.average(s), "percent": shown.percent(s)}
        for key, s in satisfaction.by_incident(who, asked)[:MOST_INCIDENTS]
    ]


def _history(goals: list[Any], at: datetime) -> list[dict[str, Any]]:
    directory = Directory(at)
    directory.load_people({g.set_by for g in goals})
    return [
        {"share": None if g.withdrawn else g.at_least_percent, "since": g.since, "by": directory.name(g.set_by),
         "reason": g.reason}
        for g in reversed(goals)
    ]  # fmt: skip


ROUTES = [
    route("insights/satisfaction", index, name="insight-satisfaction", permission=_READ),
    route("insights/satisfaction.csv", table, name="insight-satisfaction-csv", permission=_READ),
]
