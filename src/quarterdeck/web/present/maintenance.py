"""Maintenance as pages show it: the list, one window with its timeline, and what is near beside other things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.app.act import Act
from quarterdeck.app.maintenance import maintenance as acts
from quarterdeck.app.maintenance import (
    maintenance_conflicts,
    maintenance_notices,
    maintenance_rows,
    maintenance_views,
)
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.status import page_rights
from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.oncall.wall import wall, zone
from quarterdeck.core.status import maintenance as core
from quarterdeck.core.status.maintenance_plan import span
from quarterdeck.core.status.words import label
from quarterdeck.store import models

MARKS = {
    "draft": ("grey", "pencil", gettext_lazy("Draft")),
    "proposed": ("amber", "clock", gettext_lazy("Waits for approval")),
    "approved": ("green", "check", gettext_lazy("Approved")),
    "announced": ("blue", "mega", gettext_lazy("Announced")),
    "in_progress": ("blue", "wrench", gettext_lazy("In progress")),
    "verifying": ("blue", "eye", gettext_lazy("Verifying")),
    "completed": ("green", "checkc", gettext_lazy("Completed")),
    "cancelled": ("grey", "x", gettext_lazy("Cancelled")),
}
STEPS = {
    "announce": (
        "mega",
        gettext_lazy("Announced on the status pages; subscribers and those on call are told"),
    ),
    "remind": ("bell", gettext_lazy("Subscribers are reminded")),
    "start": ("play", gettext_lazy("Starts by itself: components change, alerts fall silent")),
    "ask_start": ("user", gettext_lazy("Waits to be started by hand")),
    "finish": ("checkc", gettext_lazy("Finishes by itself: components go back, alerts page again")),
    "overrun": ("clock", gettext_lazy("Planned end: waits to be finished by hand; alerts page again")),
}
ENTRIES = {
    "planned": "pencil", "changed": "pencil", "proposed": "clock", "sent_back": "left", "approved": "check",
    "announced": "mega", "reminded": "bell", "held": "clock", "started": "play", "verifying": "eye",
    "extended": "clock", "moved": "calendar", "ending": "bell", "overrun": "triangle", "ask_start": "bell",
    "missed": "triangle", "glass": "triangle", "completed": "checkc", "cancelled": "x",
}  # fmt: skip
NEAR, AROUND = timedelta(days=7), timedelta(hours=24)
LONGER = timedelta(hours=1)
SIZE, MOST = 50, 5


def rows(
    found: Sequence[models.MaintenanceWindow], now: datetime, pages: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """`pages` are titles by id, where they are known already."""
    names = Directory(now)
    names.load_people({p for r in found for p in r.people})
    if pages is None:
        wanted = {p for r in found for p in r.pages}
        pages = (
            dict(models.StatusPage.objects.filter(id__in=wanted).values_list("id", "title")) if wanted else {}
        )
    return [_row(r, names, pages) for r in found]


def _row(r: models.MaintenanceWindow, names: Directory, pages: Mapping[str, str]) -> dict[str, Any]:
    tone, icon, text = MARKS[r.state]
    return {
        "id": r.id, "url": f"/maintenance/{r.id}", "title": r.title, "tone": tone, "icon": icon, "text": text,
        "state": r.state, "when": span(r.starts_at, r.ends_at, r.zone), "starts_at": r.starts_at, "ends_at": r.ends_at,
        "lasts": spoken(r.ends_at - r.starts_at), "services": ", ".join(s.name for s in r.services.all()),
        "pages": ", ".join(pages[p] for p in r.pages if p in pages), "held": r.held_reason,
        "people": ", ".join(names.name(p) for p in r.people), "repeats": bool(r.series),
        "runs": r.state in core.RUNNING, "over": r.state in core.OVER, "struck": r.state == "cancelled",
    }  # fmt: skip


def listing(who: Who, asked: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """`asked`: view (upcoming, running, past), service (key), page (key), part."""
    view = asked.get("view") if asked.get("view") in ("running", "past") else "upcoming"
    part = int(asked["part"]) if asked.get("part", "").isdecimal() and len(asked["part"]) < 4 else 0
    filters = {"service": asked.get("service", "")[:60], "page": asked.get("page", "")[:60]}
    kept = "".join(f"&{urlencode({k: v})}" for k, v in filters.items() if v)
    pages = list(models.StatusPage.objects.values_list("id", "key", "title"))
    page = next((i for i, key, _ in pages if key == filters["page"]), "-")
    chosen = _chosen(maintenance_views.of_view(who, str(view)), filters["service"], filters["page"] and page)
    ordered = chosen.order_by(*maintenance_views.order(str(view))).prefetch_related("services")
    found = list(ordered[part * SIZE : (part + 1) * SIZE + 1])
    inside = maintenance_views.inside(who)
    return {
        "views": _views(who, str(view), kept),
        "view": view,
        "windows": rows(found[:SIZE], now, {i: title for i, _, title in pages}),
        "newer": f"/maintenance?view={view}{kept}&part={part - 1}" if part else "",
        "older": f"/maintenance?view={view}{kept}&part={part + 1}" if len(found) > SIZE else "",
        "filters": filters,
        "filtered": bool(kept),
        "services": list(models.Service.objects.order_by("name").values_list("key", "name"))
        if inside
        else [],
        "pages": [(key, title) for _, key, title in pages],
        "may_edit": may(who, acts.EDIT),
        "inside": inside,
    }


def _views(who: Who, view: str, kept: str) -> list[dict[str, Any]]:
    """The saved views with how many stand in each, whatever else is filtered."""
    states = maintenance_views.seen(who).exclude(state__in=core.OVER).order_by()
    counts = dict(states.values_list("state").annotate(n=Count("id")))
    running = sum(n for state, n in counts.items() if state in core.RUNNING)
    shown = (("upcoming", _("Upcoming"), sum(counts.values()) - running), ("running", _("Running"), running))
    return [
        {"label": text, "href": f"/maintenance?view={key}{kept}", "current": key == view, "count": n}
        for key, text, n in (*shown, ("past", _("Past"), 0))
    ]


def _chosen(
    found: QuerySet[models.MaintenanceWindow], service: str, page: str
) -> QuerySet[models.MaintenanceWindow]:
    if service:
        found = found.filter(services__key=service)
    return found.filter(pages__contains=f'"{page}"') if page else found


def detail(row: models.MaintenanceWindow, doing: Act) -> dict[str, Any]:
    """One window: what it is, what will happen and has happened, what stands against it, what may be done."""
    inside, edits = maintenance_views.inside(doing.who), may(doing.who, acts.EDIT)
    entries = list(row.entries.order_by("id")) if inside else []
    names = Directory(doing.at)
    names.load_people(
        {e.actor for e in entries if e.actor != "engine"} | {row.planned_by, row.approved_by, *row.people}
    )
    shown = rows([row], doing.at)[0]
    over = row.state in core.OVER
    return {
        "window": shown
        | {
            "body": row.text, "notes": row.notes if inside else "", "reason": row.reason, "zone": row.zone,
            "wall_start": _wall(row, row.starts_at), "wall_end": _wall(row, row.ends_at),
            "wall_later": _wall(row, max(row.ends_at, doing.at) + LONGER),
            "text_started": row.text_started, "text_finished": row.text_finished,
            "planned_by": names.name(row.planned_by), "version": row.version, "rule": row.rule,
            "approved_by": names.name(row.approved_by) if row.approved_by else "", "approved_at": row.approved_at,
            "extended": row.ends_at != row.planned_end, "planned_end": row.planned_end,
            "started_at": row.started_at, "ended_at": row.ended_at,
        },
        "inside": inside,
        "steps": [] if over else [_step(s, row) for s in core.ahead(maintenance_rows.course(row), doing.at)],
        "entries": [
            {
                "at": e.at, "icon": ENTRIES.get(e.kind, "info"), "text": e.text,
                "by": "Quarterdeck" if e.actor == "engine" else names.name(e.actor),
            }
            for e in reversed(entries)
        ],
        "components": _components(row),
        "services": _services(row) if inside else [],
        "spared": row.spared,
        "on_call": [p.name for p in maintenance_notices.on_call(row, max(row.starts_at, doing.at))]
        if inside and not over
        else [],
        "conflicts": maintenance_conflicts.found(row, doing.at) if inside and not over else [],
        "series": _series(row),
        "may": _may(row, doing) if edits else {},
        "closed": sorted({i for page in row.pages for i in page_rights.closed_to(page, doing.who)}) if edits else [],
    }  # fmt: skip


def _wall(row: models.MaintenanceWindow, at: datetime) -> str:
    """As the fields of a form take it, on the clocks of its zone."""
    return f"{wall(at, zone(row.zone)):%Y-%m-%dT%H:%M}"


def _step(step: core.Step, row: models.MaintenanceWindow) -> dict[str, Any]:
    icon, text = STEPS[step.what]
    lead = ""
    if step.reminder is not None:
        lead = f"{spoken(step.reminder)} before the start"
    if row.state in core.PLANNING:
        lead = "once it is approved" if step.what == "announce" else lead
    return {"at": step.at, "icon": icon, "text": text, "lead": lead}


def _components(row: models.MaintenanceWindow) -> list[dict[str, str]]:
    found = models.Component.objects.filter(id__in=row.components).select_related("page")
    return [
        {"name": c.name, "page": c.page.title, "href": f"/status-pages/{c.page.key}",
         "state": label(row.components[c.id]), "now": label(c.state)}
        for c in found.order_by("page__title", "position", "name")
    ]  # fmt: skip


def _services(row: models.MaintenanceWindow) -> list[dict[str, Any]]:
    return [
        {"name": s.name, "href": f"/catalog/services/{s.key}", "pages": s.id in row.spared_services}
        for s in row.services.order_by("name")
    ]


def _series(row: models.MaintenanceWindow) -> list[dict[str, Any]]:
    if not row.series:
        return []
    found = maintenance_rows.windows().filter(series=row.series).prefetch_related("services")
    return [r | {"current": r["id"] == row.id} for r in rows(list(found[:60]), row.starts_at)]


def _may(row: models.MaintenanceWindow, doing: Act) -> dict[str, bool]:
    """What is offered: what would be refused is not."""
    state = row.state
    return {
        "edit": state in core.PLANNING | {"approved"},
        "propose": state == "draft",
        "approve": state == "proposed" and acts.may_approve(doing, row),
        "wait": state == "proposed" and not acts.may_approve(doing, row),
        "send_back": state == "proposed" and acts.may_send_back(doing, row),
        "announce": state == "approved",
        "move": state in core.AHEAD,
        "start": state in core.AHEAD and doing.at < row.ends_at,
        "resume": state == "verifying",
        "verify": state == "in_progress",
        "extend": state in core.RUNNING,
        "finish": state in core.RUNNING,
        "cancel": core.may_become(state, "cancelled"),
        "reason": row.announced_at is not None,
        "series": bool(row.series),
    }


def near(who: Who, now: datetime) -> list[dict[str, Any]]:
    """What runs, and what is agreed to and starts within a week."""
    found = maintenance_views.seen(who).filter(_near(now))
    kept = list(found.order_by("starts_at").prefetch_related("services")[:MOST])
    return rows(kept, now) if kept else []


def around(services: Iterable[str], who: Who, now: datetime) -> list[dict[str, Any]]:
    """What touches these services (by key) about now: it runs, starts within a day, or ended within one."""
    keys = list(services)
    if not keys:
        return []
    found = maintenance_views.seen(who).filter(services__key__in=keys)
    found = found.exclude(state__in=("draft", "proposed", "cancelled"))
    soon = Q(starts_at__lt=now + AROUND, ends_at__gt=now - AROUND)
    found = found.filter(soon | Q(state__in=core.RUNNING)).distinct()
    kept = list(found.order_by("starts_at").prefetch_related("services")[:MOST])
    return rows(kept, now) if kept else []


def of_schedule(schedule_id: str, who: Who, now: datetime) -> list[dict[str, Any]]:
    """What runs or starts within a week on services whose policy calls this schedule."""
    policies = models.EscalationPolicy.objects.filter(definition__contains=f'"{schedule_id}"')
    keys = models.Service.objects.filter(policy__in=policies).values_list("key", flat=True)
    found = maintenance_views.seen(who).filter(services__key__in=list(keys))
    found = found.filter(_near(now)).distinct()
    kept = list(found.order_by("starts_at").prefetch_related("services")[:MOST])
    return rows(kept, now) if kept else []


def _near(now: datetime) -> Q:
    return Q(state__in=core.RUNNING) | Q(state__in=core.AHEAD, starts_at__lt=now + NEAR)
