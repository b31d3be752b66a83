"""The list of incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import search
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents.codename import outside
from quarterdeck.store import models
from quarterdeck.web.acting import act, now
from quarterdeck.web.present import words
from quarterdeck.web.routes import route

PAGE = 50


def listing(request: HttpRequest) -> HttpResponse:
    """Filters live in the URL; pages are found by number, so nothing slows down as the list grows."""
    who, at = act(request).who, now()
    filters = {k: request.GET.get(k, "") for k in ("q", "severity", "phase", "team", "show")}
    everything = filters["phase"] or filters["q"] or filters["show"] == "all"
    rows = search.incidents(
        who,
        is_open=None if everything else filters["show"] != "closed",
        severity=int(filters["severity"]) if filters["severity"] in ("1", "2", "3", "4", "5") else None,
        q=filters["q"][:200],
    )
    if filters["phase"]:
        rows = rows.filter(phase=filters["phase"])
    if filters["team"]:
        keys = list(models.Service.objects.filter(team__key=filters["team"]).values_list("key", flat=True))
        wanted = [r.id for r in rows.only("id", "services") if set(r.services) & set(keys)]
        rows = rows.filter(id__in=wanted)
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 10:
        rows = rows.filter(number__lt=int(after))
    page = list(rows.order_by("-number")[: PAGE + 1])
    shown = shown_rows(page[:PAGE], at)
    if request.GET.get("part") == "table":
        return render(request, "incidents/table.html", {"incidents": shown})
    return render(request, "incidents/list.html", _list_context(request, who, filters, shown, page, at))


def _list_context(
    request: HttpRequest,
    who: Who,
    filters: dict[str, str],
    shown: list[dict[str, Any]],
    page: list[Any],
    at: datetime,
) -> dict[str, Any]:
    opened = search.incidents(who, is_open=True)
    late = opened.filter(next_update_at__lt=at).count()
    total = opened.count()
    view = filters["show"] or "open"
    chips = [
        {
            "label": f"{k.capitalize()}: {v}",
            "href": "/incidents?" + urlencode({n: x for n, x in filters.items() if x and n != k}),
        }
        for k, v in filters.items()
        if v and k != "show"
    ]
    return {
        "incidents": shown,
        "may_judge": may(who, "report.judge"),
        "summary": f"{total} open, {late} without an update on time" if total else "No incident is open",
        "views": [
            {"label": "Open", "href": "/incidents", "current": view == "open" and not chips, "count": total},
            {"label": "Over", "href": "/incidents?show=closed", "current": view == "closed", "count": None},
            {"label": "All", "href": "/incidents?show=all", "current": view == "all", "count": None},
        ],
        "filters": filters,
        "choices": {
            "severity": [(str(n), f"SEV{n}") for n in range(1, 6)],
            "phase": list(words.PHASES.items()),
            "team": list(models.Team.objects.values_list("key", "name")),
        },
        "chips": chips,
        "page": {
            "newer": "",
            "older": page[PAGE - 1].number if len(page) > PAGE else "",
            "shown": len(shown),
        },
    }


def shown_rows(rows: list[models.IncidentRow], at: datetime) -> list[dict[str, Any]]:
    """Rows of the table, with names looked up in one query each."""
    directory = Directory(at)
    directory.load_people({r.commander_id for r in rows if r.commander_id})
    names = dict(
        models.Service.objects.filter(key__in={k for r in rows for k in r.services}).values_list(
            "key", "name"
        )
    )
    return [
        {
            "id": r.id,
            "url": f"/incidents/{r.id}",
            "title": r.title,
            "severity": words.severity(r.severity),
            "commander": directory.name(r.commander_id) if r.commander_id else "",
            "phase": words.phase(r.phase),
            "services_text": ", ".join(names.get(k, k) for k in r.services[:3]),
            "next_update_at": r.next_update_at,
            "opened_at": r.declared_at,
            "closed_at": r.resolved_at,
            "lasted": r.resolved_at - r.declared_at if r.resolved_at else None,
            "drill": r.drill,
            "restricted": r.restricted,
            "codename": outside(r) if r.restricted else "",
            "live": r.is_open,
            "emergency": {"halted": r.switches_halted, "of": r.switches_concerned}
            if r.switches_concerned
            else None,
        }
        for r in rows
    ]


ROUTES = [
    route("incidents", listing, name="incidents", permission="incident.read"),
]
