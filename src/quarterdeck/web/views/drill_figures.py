"""Earlier drills beside each other, as a page and as CSV. The same address gives the same numbers in both."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quarterdeck.app.drills import drill_figures
from quarterdeck.app.drills.drill_figures import Compared, Held
from quarterdeck.core.drills.scoring import MEASURES, Trend
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models
from quarterdeck.web.acting import act
from quarterdeck.web.present.drill_scores import KINDS
from quarterdeck.web.routes import route

DIRECTIONS = {"better": ("done", "Better"), "worse": ("late", "Worse"), "steady": ("draft", "Steady")}
# So many names fit below a chart.
NAMES_BELOW = 8


def _asked(request: HttpRequest) -> tuple[str, str]:
    return request.GET.get("team", "")[:60], request.GET.get("scenario", "")[:64]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    who, (team, scenario) = act(request).who, _asked(request)
    found = drill_figures.compared(who, team, scenario)
    teams, scenarios = drill_figures.choices(who)
    names = dict(models.Team.objects.filter(key__in=teams).values_list("key", "name"))
    kept = {k: v for k, v in (("team", team), ("scenario", scenario)) if v}
    context: dict[str, Any] = {
        "held": [_row(h, names) for h in reversed(found.held)],
        "charts": [_chart(key, found) for key in MEASURES],
        "columns": [title for title, _less in MEASURES.values()],
        "team": team, "scenario": scenario, "filtered": bool(kept),
        "teams": [(t, names.get(t, t)) for t in teams],
        "scenarios": [(s, _title(s, found)) for s in scenarios],
        "csv": f"/insights/drills.csv?{urlencode(kept)}" if kept else "/insights/drills.csv",
    }  # fmt: skip
    return render(request, "drills/compare.html", context)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    found = drill_figures.compared(act(request).who, *_asked(request))
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="quarterdeck-drills.csv"'
    csv.writer(answer).writerows([_cell(c) for c in row] for row in drill_figures.rows(found.held))
    return answer


def _cell(text: str) -> str:
    """A spreadsheet must not take a title for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _title(scenario: str, found: Compared) -> str:
    named = (h.drill.script.get("title") for h in found.held if h.drill.scenario == scenario)
    return next((t for t in named if t), scenario.replace("_", " ").capitalize())


def _row(h: Held, names: dict[str, str]) -> dict[str, Any]:
    return {
        "title": h.drill.title, "url": f"/drills/{h.drill.id}/results", "held_at": h.held_at,
        "team": names.get(h.team, h.team), "kind": _(KINDS.get(h.drill.kind, h.drill.kind)),
        "values": [(MEASURES[key][0], _told(key, h.figures.value(key))) for key in MEASURES],
    }  # fmt: skip


def _told(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:g}" if key == "score" else spoken(timedelta(seconds=value))


def _chart(key: str, found: Compared) -> dict[str, Any]:
    """One line over the drills, its dashed line the median: minutes, or points of the score."""
    title, trend = MEASURES[key][0], found.trends[key]
    step = -(-len(found.held) // NAMES_BELOW)
    unit = 1.0 if key == "score" else 60.0
    return {
        "title": title,
        "rows": [
            {
                "name": f"{timezone.localtime(h.held_at):%-d.%-m.}" if n % max(step, 1) == 0 else "",
                "value": None if (v := h.figures.value(key)) is None else round(v / unit, 2),
            }
            for n, h in enumerate(found.held)
        ],
        "unit": "" if key == "score" else "min",
        "median": None if trend.median is None else round(trend.median / unit, 2),
        "median_text": _told(key, trend.median),
        "n": trend.n,
        "trend": _direction(trend),
        "label": _("%(title)s over %(n)s drills, median %(median)s")
        % {"title": title, "n": trend.n, "median": _told(key, trend.median)},
    }


def _direction(trend: Trend) -> dict[str, str] | None:
    if trend.direction not in DIRECTIONS:
        return None
    mark, word = DIRECTIONS[trend.direction]
    return {"mark": mark, "word": _(word)}


_READ = "insight.read"
ROUTES = [
    route("insights/drills", index, name="insights-drills", permission=_READ),
    route("insights/drills.csv", table, name="insights-drills-csv", permission=_READ),
]
