"""Targets on pages: how each was kept, each miss, and what open incidents have yet to meet. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _

from quarterdeck.app.casebook import Case
from quarterdeck.app.figures import target_figures
from quarterdeck.app.incidents import target_clock
from quarterdeck.app.incidents.target_clock import Standing
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import GUEST, Who
from quarterdeck.core.incidents import targets as core
from quarterdeck.core.kernel.moments import from_micros, spoken
from quarterdeck.core.metrics.definitions import METRICS
from quarterdeck.core.metrics.hours import BUSINESS
from quarterdeck.core.metrics.targets import Judged
from quarterdeck.store import models

from . import words

MISSES = 50
NAMES_BELOW = 8
STATES = {"running": ("waiting", "In time"), "soon": ("warning", "Soon"), "missed": ("fault", "Missed")}


def limit(seconds: int, hours: str) -> str:
    """15 min; 8 h in business hours."""
    said = spoken(timedelta(seconds=seconds))
    return _("%(said)s in business hours") % {"said": said} if hours == BUSINESS else said


def lines(found: Iterable[target_figures.Line], team_names: dict[str, str]) -> list[dict[str, Any]]:
    rows, last = [], ""
    for line in found:
        met = line.measured - line.missed
        rows.append({
            "name": line.metric.title, "first": line.metric.key != last,
            "severity": words.severity(line.severity) if line.severity else None,
            "team": team_names.get(line.team, line.team),
            "limit": limit(line.now.at_most_seconds, line.now.hours) if line.now else "",
            "id": line.now.id if line.now else "",
            "next": line.next, "next_id": line.next.id if line.next else "",
            "next_limit": limit(line.next.at_most_seconds, line.next.hours) if line.next else "",
            "measured": line.measured, "missed": line.missed, "met": met,
            "percent": round(100 * met / line.measured) if line.measured else None,
            "median": spoken(line.took.median) if line.took.median is not None else "–",
        })  # fmt: skip
        last = line.metric.key
    return rows


def figures(report: target_figures.Report) -> list[dict[str, str]]:
    return [
        {
            "label": METRICS[key].title,
            "value": f"{round(100 * (report.measured[key] - report.missed[key]) / report.measured[key])} %",
            "note": _("kept by %(met)s of %(all)s")
            % {"met": report.measured[key] - report.missed[key], "all": report.measured[key]},
        }
        for key in METRICS
        if report.measured.get(key)
    ]


def trend(weeks: Sequence[target_figures.Trend], metric: str) -> dict[str, Any]:
    step = -(-len(weeks) // NAMES_BELOW)
    step += step % 2 if len(weeks) > NAMES_BELOW else 0
    return {
        "label": _("%(metric)s: incidents a week that kept and missed the target")
        % {"metric": METRICS[metric].title},
        "rows": [
            {
                "name": week.name.partition("-")[2] if place % max(step, 1) == 0 else "",
                "week": week.name,
                "monday": f"{week.monday.day} {MONTHS_3[week.monday.month].title()} {week.monday.year}",
                "met": week.met,
                "missed": week.missed,
                "parts": [(tone, n) for tone, n in (("s4", week.met), ("s1", week.missed)) if n],
            }
            for place, week in enumerate(weeks)
        ],
        "legend": [("s4", _("kept")), ("s1", _("missed"))],
    }


def misses(found: Sequence[Judged], *, links: bool) -> list[dict[str, Any]]:
    shown = found[:MISSES]
    titles = dict(
        models.IncidentRow.objects.filter(id__in={j.course.ref for j in shown}).values_list("id", "title")
    )
    return [
        {
            "id": j.course.ref, "title": titles.get(j.course.ref, ""),
            "href": f"/incidents/{j.course.ref}" if links else "",
            "severity": words.severity(j.course.severity), "metric": METRICS[j.target.metric].title,
            "reported_at": from_micros(j.course.reported),
            "took": spoken(j.took) if j.took is not None else _("still open"),
            "limit": limit(int(j.target.at_most.total_seconds()), j.target.hours),
        }
        for j in shown
    ]  # fmt: skip


def live(found: Iterable[Standing]) -> list[dict[str, Any]]:
    """Of open incidents: by when which target is to be met."""
    return [
        {
            "incident": s.incident, "title": s.title, "href": f"/incidents/{s.incident}",
            "metric": s.ahead.metric.title, "by": s.ahead.by, "state": STATES[s.state][0],
            "state_text": _(STATES[s.state][1]), "key": s.state,
            "limit": limit(int(s.ahead.target.at_most.total_seconds()), s.ahead.target.hours),
        }
        for s in found
    ]  # fmt: skip


def of_case(case: Case, who: Who, now: datetime) -> dict[str, Any] | None:
    """Beside the facts: what this incident has yet to meet, and its support tickets. Nothing for guests and drills."""
    incident = case.incident
    if GUEST in who.roles or incident.drill:
        return None
    found = target_clock.standing(who, now, incident.key) if incident.is_open else []
    return {
        "targets": live(found),
        "tickets": incident.aftermath.tickets,
        "may_count": core.may_count(incident, case.template, who),
        "post": f"/incidents/{incident.key}/tickets",
    }


def history(rows: Sequence[models.Target], now: datetime, team_names: dict[str, str]) -> list[dict[str, Any]]:
    names = Directory(now)
    names.load_people({r.set_by for r in rows})
    return [
        {
            "metric": METRICS[r.metric].title, "severity": f"SEV{r.severity}" if r.severity else _("all severities"),
            "team": team_names.get(r.team, r.team), "limit": limit(r.at_most_seconds, r.hours),
            "since": r.since, "withdrawn": r.withdrawn, "reason": r.reason, "who": names.name(r.set_by), "at": r.set_at,
        }
        for r in rows
    ]  # fmt: skip
