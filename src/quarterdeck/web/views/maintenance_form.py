"""The form of a maintenance: planned anew or changed. What was typed survives every refusal, without a script too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.act import Act, need
from quarterdeck.app.maintenance import maintenance as acts
from quarterdeck.app.maintenance import maintenance_drafts, maintenance_repeats, maintenance_rows
from quarterdeck.app.maintenance.maintenance_drafts import Draft
from quarterdeck.core.alerts.signal import SEVERITIES
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.oncall.wall import wall
from quarterdeck.core.oncall.wall import zone as tz
from quarterdeck.core.status.maintenance_plan import at_wall
from quarterdeck.core.status.words import COMPONENT_STATES, label
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, number
from quarterdeck.web.present.problems import people
from quarterdeck.web.widgets import LongSelect

from .schedule_setup import zones

TEXTS = (
    "title",
    "text",
    "text_started",
    "text_finished",
    "notes",
    "zone",
    "starts_at",
    "ends_at",
    "every",
    "times",
    "rule",
)
LISTS = ("services", "pages", "people", "reminders", "spared", "spared_services")
SWITCHES = ("auto_start", "auto_finish", "hold")
_DAY = 24 * 60
LEADS = (0, 60, 4 * 60, _DAY, 2 * _DAY, 3 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY)
REMINDERS = (15, 60, 4 * 60, _DAY, 3 * _DAY, 7 * _DAY)
Typed = dict[str, Any]


def new(request: HttpRequest) -> HttpResponse:
    """Plan one; `service` in the address covers it to begin with, `page` announces it there."""
    doing = act(request)
    need(doing, acts.EDIT)
    if request.method != "POST":
        return _page(request, _first(request, doing), None)
    typed = _typed(request)
    try:
        made = acts.plan(doing, _draft(request, typed))
        if request.POST.get("then") == "propose":
            acts.propose(doing, made[0].id, series=len(made) > 1)
    except Refused as refused:
        return _page(request, typed, refused)
    said = "Planned." if len(made) == 1 else f"Planned {len(made)} times."
    return done(request, f"/maintenance/{made[0].id}", said, "maintenance:new")


def change(request: HttpRequest, window_id: str) -> HttpResponse:
    doing, row = act(request), maintenance_rows.find(window_id)
    need(doing, acts.EDIT)
    if request.method != "POST":
        return _page(request, _of_row(row), None, row)
    typed = _typed(request)
    try:
        seen = number(request.POST.get("version"), "version", 1, 10**9)
        acts.change(doing, window_id, _draft(request, typed), seen)
        if request.POST.get("then") == "propose":
            acts.propose(doing, window_id)
    except Refused as refused:
        return _page(request, typed, refused, row)
    return done(request, f"/maintenance/{window_id}", "Saved.", f"maintenance:{window_id}")


def wall_time(request: HttpRequest, name: str, zone: str) -> datetime:
    """A time of a form, on the wall of the window's zone."""
    text = request.POST.get(name, "").strip()
    try:
        shown = datetime.fromisoformat(text)
        fits = 1971 < shown.year < 2200 and shown.tzinfo is None
    except ValueError:
        fits = False
    if not fits:
        message = "Give a date and time such as 2026-11-30 22:00."
        raise bad(f"maintenance.{name}", message, **{name: message})
    return at_wall(shown, zone, name)


def _draft(request: HttpRequest, typed: Typed) -> Draft:
    starts, ends = (wall_time(request, name, typed["zone"]) for name in ("starts_at", "ends_at"))
    return Draft(
        starts_at=starts, ends_at=ends, components=typed["components"], rule=_rule(typed),
        announce_minutes=number(typed["announce_minutes"], "announce_minutes"),
        reminders=[number(r, "reminders") for r in typed["reminders"]],
        **{name: typed[name] for name in TEXTS if name not in ("starts_at", "ends_at", "every", "times", "rule")},
        **{name: typed[name] for name in LISTS if name != "reminders"},
        **{name: typed[name] for name in SWITCHES},
    )  # fmt: skip


def _rule(typed: Typed) -> str:
    """The rule as it was written, or the one that was chosen."""
    if typed["rule"].strip() or not typed["every"]:
        return str(typed["rule"])
    times = number(typed["times"], "times", 2, maintenance_repeats.MOST)
    return f"FREQ={typed['every']};COUNT={times}"


def _typed(request: HttpRequest) -> Typed:
    """What was typed, as the form shows it again."""
    post = request.POST
    typed: Typed = {name: post.get(name, "")[:5000] for name in (*TEXTS, "announce_minutes")}
    typed |= {name: [v[:60] for v in post.getlist(name)[:600]] for name in LISTS}
    typed |= {name: post.get(name) == "1" for name in SWITCHES}
    states = {k.partition(".")[2]: v for k, v in post.items() if k.startswith("component.")}
    return typed | {"components": {c[:40]: v[:40] for c, v in states.items() if v}}


def _first(request: HttpRequest, doing: Act) -> Typed:
    """Tomorrow week at ten in the evening, for two hours."""
    person = models.Person.objects.get(id=doing.person)
    zone = person.timezone or "UTC"
    day = wall(doing.at, tz(zone)).replace(hour=22, minute=0, second=0, microsecond=0) + timedelta(days=7)
    service = request.GET.get("service", "")[:60]
    shown = (
        models.Component.objects.filter(services__key=service) if service else models.Component.objects.none()
    )
    pages = models.StatusPage.objects.filter(key=request.GET.get("page", "")[:60]).values_list(
        "key", flat=True
    )
    return {
        **dict.fromkeys(TEXTS, ""), **{name: [] for name in LISTS}, **dict.fromkeys(SWITCHES, True),
        "zone": zone, "starts_at": _minute(day), "ends_at": _minute(day + timedelta(hours=2)), "times": "4",
        "announce_minutes": str(maintenance_drafts.USUAL_ANNOUNCE), "services": [service] if service else [],
        "reminders": [str(r) for r in maintenance_drafts.USUAL_REMINDERS], "people": [doing.person],
        "components": {c.id: "under_maintenance" for c in shown}, "pages": list(pages),
    }  # fmt: skip


def _of_row(row: models.MaintenanceWindow) -> Typed:
    draft, zone = maintenance_drafts.of_row(row), tz(row.zone)
    return {
        **{name: getattr(draft, name) for name in ("title", "text", "text_started", "text_finished", "notes", "zone")},
        **{name: list(getattr(draft, name)) for name in LISTS}, **{name: getattr(draft, name) for name in SWITCHES},
        "starts_at": _minute(wall(row.starts_at, zone)), "ends_at": _minute(wall(row.ends_at, zone)),
        "pages": list(models.StatusPage.objects.filter(id__in=row.pages).values_list("key", flat=True)),
        "reminders": [str(r) for r in row.reminders], "announce_minutes": str(row.announce_minutes),
        "components": dict(row.components), "every": "", "times": "", "rule": "",
    }  # fmt: skip


def _page(
    request: HttpRequest, typed: Typed, refused: Refused | None, row: models.MaintenanceWindow | None = None
) -> HttpResponse:
    """A lead of its own that was kept by a program is among those that can be chosen."""
    leads = sorted({*LEADS, *(int(m) for m in [typed["announce_minutes"]] if m.isdecimal() and len(m) < 6)})
    reminders = sorted({*REMINDERS, *(int(m) for m in typed["reminders"] if m.isdecimal() and len(m) < 6)})
    zone_box = LongSelect(choices=zones()).render("zone", typed["zone"], {"id": "mw-zone", "class": "input"})
    context = {
        "typed": typed, "refused": refused, "row": row, "version": row.version if row else "",
        "action": f"/maintenance/{row.id}/plan" if row else "/maintenance/new",
        "back": f"/maintenance/{row.id}" if row else "/maintenance",
        "leads": [(str(m), _lead(m)) for m in leads], "all_reminders": [(str(m), _lead(m)) for m in reminders],
        "zone_box": zone_box, "everything": list(maintenance_repeats.EVERY.items()),
        "all_services": list(models.Service.objects.order_by("name").values_list("key", "name")),
        "all_people": people(), "all_pages": _pages(typed["components"]), "severities": SEVERITIES,
        "states": [(s, label(s)) for s in COMPONENT_STATES if s != "operational"],
        "again": row is not None and row.state != "draft",
    }  # fmt: skip
    return render(request, "maintenance/form.html", context, status=422 if refused else 200)


def _pages(chosen: dict[str, str]) -> list[dict[str, Any]]:
    """Each page with its components; those of one page alone stand open, and where one of them is affected."""
    found = models.StatusPage.objects.prefetch_related("components")[:100]
    return [
        {
            "key": page.key, "title": page.title,
            "open": len(found) == 1 or any(c.id in chosen for c in page.components.all()),
            "components": [{"id": c.id, "name": c.name, "state": chosen.get(c.id, "")} for c in page.components.all()],
        }
        for page in found
    ]  # fmt: skip


def _lead(minutes: int) -> str:
    return spoken(timedelta(minutes=minutes)) if minutes else "at its start"


def _minute(shown: datetime) -> str:
    return f"{shown:%Y-%m-%dT%H:%M}"
