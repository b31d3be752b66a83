"""Figures over incidents, as a page and as CSV. The same address gives the same numbers in both."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.figures import insights
from quarterdeck.app.figures.insights import Figures, Measure, Question
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.metrics.definitions import INCIDENTS_PER_WEEK
from quarterdeck.core.metrics.figures import Summary, Week
from quarterdeck.web.acting import act, now
from quarterdeck.web.present import words
from quarterdeck.web.routes import route

WEEKS = (4, 13, 26, 52, 104)
USUAL_WEEKS = 13
RANKS = range(1, 6)
# So many names fit below a chart.
NAMES_BELOW = 8
TABLES = ("incidents", "figures", "weeks")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    asked, weeks = question(request)
    found = insights.read(act(request).who, asked, settings.TIME_ZONE)
    return render(request, "insights/figures.html", _context(request, asked, weeks, found))


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """One of the tables behind the page, for a spreadsheet."""
    asked, _weeks = question(request)
    wanted = request.GET.get("table", "incidents")
    if wanted not in TABLES:
        raise missing("table.unknown", f"There is no such table. Choose one of: {', '.join(TABLES)}.")
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="quarterdeck-{wanted}.csv"'
    csv.writer(answer).writerows(_rows(wanted, act(request).who, asked))
    return answer


def _rows(wanted: str, who: Who, asked: Question) -> Iterable[tuple[str, ...]]:
    if wanted == "incidents":
        return insights.rows(insights.times(who, asked))
    figures = insights.read(who, asked, settings.TIME_ZONE)
    return (
        insights.measure_rows(figures.measures) if wanted == "figures" else insights.week_rows(figures.weeks)
    )


def question(request: HttpRequest) -> tuple[Question, int]:
    """What the address asks for, and its number of weeks. Whole ISO weeks in the organisation's zone, the present one
    included; what cannot be read means the usual.
    """
    said = request.GET.get("weeks", "")
    weeks = int(said) if said in {str(n) for n in WEEKS} else USUAL_WEEKS
    today = now().astimezone(ZoneInfo(settings.TIME_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    severity = request.GET.get("severity", "")
    asked = Question(
        since=monday - timedelta(weeks=weeks - 1),
        until=today + timedelta(days=1),
        severity=int(severity) if severity in ("1", "2", "3", "4", "5") else None,
        team=insights.team_asked(request.GET.get("team", "")[:60]),
        service=request.GET.get("service", "")[:60],
    )
    return asked, weeks


def _context(request: HttpRequest, asked: Question, weeks: int, found: Figures) -> dict[str, Any]:
    kept = {
        "weeks": str(weeks),
        "severity": str(asked.severity or ""),
        "team": asked.team,
        "service": asked.service,
    }
    chosen = {k: v for k, v in kept.items() if v}
    return {
        "filters": kept,
        "choices": {
            "weeks": [(str(n), _("%(n)s weeks") % {"n": n}) for n in WEEKS],
            "severity": [(str(s["rank"]), s["label"]) for s in words.severities(current())],
            "team": insights.teams(),
            "service": insights.services(),
        },
        "filtered": bool(asked.severity or asked.team or asked.service),
        "since": asked.since,
        "incidents": found.incidents,
        "figures": [_figure(m) for m in found.measures],
        "times": _times(found.measures),
        "frequency": _frequency(found.weeks),
        "definitions": [(m.metric.title, m.metric.definition) for m in found.measures],
        "per_week": INCIDENTS_PER_WEEK,
        "csv": {name: f"/insights.csv?{urlencode(chosen | {'table': name})}" for name in TABLES},
    }


def _figure(m: Measure) -> dict[str, str]:
    return {"label": m.metric.title, "value": _spoken(m.all.median), "note": _note(m.all)}


def _note(s: Summary) -> str:
    if not s.n:
        return _("nothing measured yet")
    if s.p10 is None:
        return _("median of %(n)s") % {"n": s.n}
    ends = {"n": s.n, "low": _spoken(s.p10), "high": _spoken(s.p90)}
    return _("median of %(n)s, mostly %(low)s to %(high)s") % ends


def _times(measures: Iterable[Measure]) -> list[dict[str, Any]]:
    """Every metric over all severities and by each, on a scale of its own."""
    found = []
    for m in measures:
        # One severity alone is all there is: its row would say the same twice.
        sets = m.by_severity if len(m.by_severity) == 1 else ((None, m.all), *m.by_severity)
        rows = [_time(m, rank, s) for rank, s in sets if s.median is not None]
        top = max((r["high"] for r in rows), default=0.0)
        found += [r | {"top": top, "first": place == 0} for place, r in enumerate(rows)]
    return found


def _time(m: Measure, rank: int | None, s: Summary) -> dict[str, Any]:
    """`low` and `high` are the ends of the middle four fifths; with few values only the median is drawn."""
    median = s.median or timedelta(0)
    return {
        "name": m.metric.title,
        "severity": words.severity(rank) if rank else None,
        "median": median.total_seconds(),
        "low": (s.p10 or median).total_seconds(),
        "high": (s.p90 or median).total_seconds(),
        "median_text": _spoken(s.median),
        "spread_text": f"{_spoken(s.p10)} – {_spoken(s.p90)}" if s.p10 is not None else _("too few"),
        "iqr_text": _spoken(s.iqr),
        "n": s.n,
    }


def _frequency(weeks: tuple[Week, ...]) -> dict[str, Any]:
    step = -(-len(weeks) // NAMES_BELOW)
    step += step % 2 if len(weeks) > NAMES_BELOW else 0
    return {
        "label": _("Incidents a week, %(weeks)s weeks, by severity") % {"weeks": len(weeks)},
        "rows": [
            {
                "name": week.name.partition("-")[2] if place % max(step, 1) == 0 else "",
                "week": week.name,
                "monday": f"{week.monday.day} {MONTHS_3[week.monday.month].title()} {week.monday.year}",
                "total": week.count,
                "parts": [(f"s{r}", week.by_severity[r]) for r in reversed(RANKS) if r in week.by_severity],
            }
            for place, week in enumerate(weeks)
        ],
        "legend": [(f"s{rank}", f"SEV{rank}") for rank in RANKS],
        "total": sum(week.count for week in weeks),
    }


def _spoken(span: timedelta | None) -> str:
    return "–" if span is None else spoken(span)


_READ = "insight.read"
ROUTES = [
    route("insights", index, name="insights", permission=_READ),
    route("insights.csv", table, name="insights-csv", permission=_READ),
]
