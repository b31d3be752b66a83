"""Preventive work as pages show it: tasks and plans, one task, the month, and what is overdue. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.app.learning import overdue, prevention, prevention_days
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.store import models

from . import month
from .paging import part
from .problems import people
from .reviews import end_of

STATES = {"open": "open", "done": "done", "dropped": "superseded"}
WORDS = {"open": gettext_lazy("Open"), "done": gettext_lazy("Done"), "dropped": gettext_lazy("Not done")}
CADENCES = {
    "once": gettext_lazy("Once"), "weekly": gettext_lazy("Every week"), "monthly": gettext_lazy("Every month"),
    "quarterly": gettext_lazy("Every quarter"), "half_yearly": gettext_lazy("Every half year"),
    "yearly": gettext_lazy("Every year"),
}  # fmt: skip
SIZE, MOST, A_DAY = 50, 1000, 4


def tasks(found: Sequence[models.PreventiveTask], now: datetime) -> list[dict[str, Any]]:
    names = Directory(now)
    names.load_people({p for t in found for p in (t.owner, t.ended_by) if p})
    services = dict(
        models.Service.objects.filter(key__in={t.service for t in found if t.service}).values_list(
            "key", "name"
        )
    )
    today = timezone.localdate(now).isoformat()
    return [
        {
            "id": t.id, "title": t.title, "url": f"/prevention/tasks/{t.id}",
            "kind": prevention.KINDS.get(t.kind, t.kind), "owner": names.name(t.owner), "owner_id": t.owner,
            "service": t.service, "service_name": services.get(t.service, t.service), "due_on": t.due_on,
            "due_at": end_of(t.due_on),
            "is_open": t.state == prevention.OPEN, "state": "late" if prevention.is_late(t, today) else STATES[t.state],
            "state_text": _("Overdue") if prevention.is_late(t, today) else WORDS[t.state],
            "instructions": t.instructions, "evidence": t.evidence,
            "evidence_url": safe_url(t.evidence_url) if t.evidence_url else "",
            "ended_by": names.name(t.ended_by) if t.ended_by else "", "ended_at": t.ended_at, "source": t.source,
            "source_ref": t.source_ref, "plan": t.plan_id or "",
        }
        for t in found
    ]  # fmt: skip


def listing(who: Who, asked: Mapping[str, str], now: datetime) -> dict[str, Any]:
    today = timezone.localdate(now).isoformat()
    rows = models.PreventiveTask.objects.all()
    live = rows.filter(state=prevention.OPEN)
    views = {
        "open": (_("Open"), live),
        "late": (_("Overdue"), live.filter(due_on__lt=today)),
        "over": (_("Over"), rows.exclude(state=prevention.OPEN)),
    }
    show = asked.get("show", "open")
    show = show if show in views else "open"
    order = ("-ended_at", "-id") if show == "over" else ("due_on", "id")
    page, parts = part(list(views[show][1].order_by(*order)[:MOST]), asked.get("part", ""), SIZE)
    return {
        "tab": "tasks", "show": show, "tasks": tasks(page, now), "part": parts,
        "views": [
            {"label": label, "current": key == show, "href": f"/prevention/tasks?show={key}",
             "count": None if key == "over" else found.count()}
            for key, (label, found) in views.items()
        ],
        "plans": plans(who, now),
    } | form(who, now)  # fmt: skip


def form(who: Who, now: datetime) -> dict[str, Any]:
    """What the form of a task chooses from."""
    edits = may(who, "service.edit")
    if not edits:
        return {"may_edit": False}
    return {
        "may_edit": True,
        "people": people(),
        "kinds": list(prevention.KINDS.items()),
        "cadences": list(CADENCES.items()),
        "services": list(models.Service.objects.order_by("name").values_list("key", "name")[:500]),
        "first": {
            "owner": who.person, "due_on": (timezone.localdate(now) + timedelta(days=14)).isoformat(),
            "cadence": "once", "kind": "certificate", "lead_days": 7,
        },
    }  # fmt: skip


def plans(who: Who, now: datetime) -> list[dict[str, Any]]:
    found = list(models.PreventivePlan.objects.filter(ended_at=None).order_by("next_on", "id")[:200])
    names = Directory(now)
    names.load_people({p.owner for p in found})
    edits = may(who, "service.edit")
    return [
        {
            "id": p.id, "title": p.title, "kind": prevention.KINDS.get(p.kind, p.kind), "owner": names.name(p.owner),
            "cadence": CADENCES[p.cadence], "lead_days": p.lead_days,
            "next_on": date_format(date.fromisoformat(p.next_on), "j M Y"),
            "may_end": edits or p.owner == who.person,
        }
        for p in found
    ]  # fmt: skip


def detail(row: models.PreventiveTask, who: Who, now: datetime) -> dict[str, Any]:
    one = tasks([row], now)[0]
    origin = {
        "trend": ("/patterns", _("what keeps coming back")), "alert": (f"/alerts/{row.source_ref}", _("an alert")),
        "plan": (f"/prevention/tasks#plan-{row.source_ref}", _("a plan")),
    }.get(row.source)  # fmt: skip
    edits = row.state == prevention.OPEN and (row.owner == who.person or may(who, "service.edit"))
    return {
        "tab": "tasks", "task": one, "origin": origin, "may_edit": edits, "people": people() if edits else [],
    }  # fmt: skip


def calendar(who: Who, asked: str, now: datetime) -> dict[str, Any]:
    """A month as weeks of days, and the same as a list for phones."""
    first = month.first_of(asked, now)
    low, high = month.span(first)
    found = prevention_days.between(who, low, high)
    today = timezone.localdate(now)
    names = Directory(now)
    names.load_people({d.owner for d in found})
    told = [_line(d, names, today) for d in found]
    days = [low + timedelta(days=n) for n in range((high - low).days + 1)]
    grid = [_cell(day, first, today, [t for t in told if t["day"] == day]) for day in days]
    before, after = first - timedelta(days=1), (first + timedelta(days=31)).replace(day=1)
    return {
        "tab": "calendar",
        "title": date_format(first, "F Y"),
        "weekdays": [date_format(day, "D") for day in days[:7]],
        "weeks": [grid[n : n + 7] for n in range(0, len(grid), 7)],
        "agenda": [t for t in told if (t["day"].year, t["day"].month) == (first.year, first.month)],
        "before_href": f"/prevention/calendar?month={before:%Y-%m}",
        "after_href": f"/prevention/calendar?month={after:%Y-%m}",
        "may_edit": may(who, "service.edit"),
    }


def _line(d: prevention_days.Day, names: Directory, today: date) -> dict[str, Any]:
    late = d.state == "open" and d.day < today and d.kind != "training"
    return {
        "day": d.day, "label": d.label, "title": d.title, "href": d.path, "owner": names.name(d.owner),
        "tone": "late" if late else d.state if d.state in ("done", "planned") else "",
        "when": date_format(d.day, "D j"), "late": late, "state": d.state,
    }  # fmt: skip


def _cell(day: date, first: date, today: date, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "number": day.day, "full": date_format(day, "l j F"), "today": day == today,
        "outside": (day.year, day.month) != (first.year, first.month),
        "lines": lines[:A_DAY], "more": max(0, len(lines) - A_DAY),
    }  # fmt: skip


def late(who: Who, asked: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The page of what is overdue, as the digest says it: everybody's, or mine."""
    today = timezone.localdate(now).isoformat()
    mine = asked.get("mine") == "1"
    found = overdue.of_person(who, today, now) if mine else overdue.found(who, today)
    page, parts = part(found, asked.get("part", ""), SIZE)
    names = Directory(now)
    names.load_people({o.owner for o in page})
    return {
        "tab": "overdue", "mine": mine, "part": parts,
        "late": [
            {"kind": overdue.KINDS[o.kind], "title": o.title, "owner": names.name(o.owner), "href": o.path,
             "since_at": end_of(o.since), "id": f"{o.kind}-{o.id}"}
            for o in page
        ],
        "views": [
            {"label": _("Everybody's"), "href": "/prevention/overdue", "current": not mine},
            {"label": _("Mine"), "href": "/prevention/overdue?mine=1", "current": mine},
        ],
    }  # fmt: skip
