"""Who is on call, this week and at any moment; standing in for somebody; whom a policy would call."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from quarterdeck.app.act import Act
from quarterdeck.app.oncall import coverage, schedules
from quarterdeck.app.oncall.duty_rows import manages
from quarterdeck.app.paging.directory import schedule_from
from quarterdeck.app.paging.escalation_preview import ladder
from quarterdeck.core.access import may
from quarterdeck.core.kernel.moments import parse
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.oncall import Schedule, gaps, on_call
from quarterdeck.store import models
from quarterdeck.web.acting import act, back, done, local_time, now, posts
from quarterdeck.web.middleware import is_fragment
from quarterdeck.web.present import alerts, calendars_around, escalation, maintenance, month, oncall, week
from quarterdeck.web.routes import route

MOST = 100


def index(request: HttpRequest) -> HttpResponse:
    """The schedule asked for, the first in which the viewer has a part, or the first by name."""
    rows, asked = _all(), request.GET.get("schedule", "")
    chosen = next((r for r in rows if r.key == asked), None)
    mine = next((r for r in rows if _names(r, act(request).person)), None)
    return _screen(request, rows, chosen or mine or (rows[0] if rows else None))


def schedule(request: HttpRequest, key: str) -> HttpResponse:
    rows = _all()
    found = next((r for r in rows if r.key == key), None)
    if found is None:
        raise missing("schedule.unknown", "There is no such schedule. Choose one from the list.")
    return _screen(request, rows, found)


def _all() -> list[models.Schedule]:
    return list(models.Schedule.objects.prefetch_related("layers", "overrides")[:MOST])


def _names(row: models.Schedule, person: str) -> bool:
    return any(f'"{person}"' in json.dumps(layer.definition) for layer in row.layers.all())


def _screen(
    request: HttpRequest,
    rows: list[models.Schedule],
    row: models.Schedule | None,
    draft: dict[str, str] | None = None,
) -> HttpResponse:
    doing = act(request)
    edits = may(doing.who, "schedule.edit")
    if row is None:
        return render(request, "oncall/index.html", {"schedule": None, "may_edit": edits})
    names, url = oncall.Names(doing.person), f"/on-call/schedules/{row.key}"
    core = schedule_from(row)
    policies, known = _policies(row.id), _responders()
    context = {
        "schedule": {
            "key": row.key,
            "name": row.name,
            "url": url,
            "summary": oncall.summary(core, names, doing.at),
            "zone": _zone(),
            "fair_url": f"{url}/fairness",
        },
        "schedules": (switch := _switcher(rows, row, doing.at)),
        "gaps": sum(s["gap"] for s in switch),
        "whois": _whois(request, core, names, doing.at),
        **_calendar(request, core, doing.at, names, week.Links(url, edits, _kept(request))),
        "gap": oncall.gap(core, doing.at, edits and doing.person in known),
        "overrides": oncall.overrides(row, doing.at, names),
        "policy": escalation.ladder(policies[0], doing.at, names) if policies else None,
        "policies": [{"name": p.name, "href": f"/on-call/policies/{p.key}"} for p in policies],
        "whatif": _whatif(request, doing.at),
        "mine": oncall.mine(rows, doing.person, doing.at),
        "people": list(known.items()),
        "may_edit": edits,
        "me": doing.person,
        "maintenance": maintenance.of_schedule(row.id, doing.who, doing.at),
        "take": oncall.take(core, doing.person, doing.at) if edits and doing.person in known else None,
        "effects": oncall.effects(core, names),
        "draft": draft or (_chosen(request, row, doing) if edits else None),
    }
    return render(request, "oncall/index.html", context, status=422 if draft else 200)


def _calendar(
    request: HttpRequest, core: Schedule, at: datetime, names: oncall.Names, links: week.Links
) -> dict[str, Any]:
    """The week asked for, four from it on, or a month: `week` or `month` for the template, the other None."""
    asked = request.GET
    if asked.get("span") == month.KEY:
        first = month.first_of(asked.get("month", ""), at)
        shown = month.span(first)
        away = calendars_around.absences(core, *month.midnights(shown))
        around = month.Around(calendars_around.holidays(core, *shown), away)
        return {"week": None, "month": month.month(core, first, at, names, links, around)}
    scale = week.SCALES.get(asked.get("span", ""), week.WEEK)
    start = oncall.monday(asked.get("week", ""), at)
    first = oncall.wall(start).date()
    known = calendars_around.holidays(core, first, first + timedelta(days=scale.days))
    absences = calendars_around.absences(core, start, start + timedelta(days=scale.days + 1))
    return {"week": week.week(core, start, at, names, links, scale, known, absences), "month": None}


def _kept(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """Which part of the calendar is looked at, for the links that come back to it."""
    asked = request.GET
    return tuple((name, asked[name][:20]) for name in ("span", "week", "month") if name in asked)


def _chosen(request: HttpRequest, row: models.Schedule, doing: Act) -> dict[str, str] | None:
    """The shift that was chosen in the calendar, as the first values of the dialog; None without one."""
    try:
        start, end = (parse(request.GET.get(name, "")[:40]) for name in ("from", "to"))
    except ValueError:
        return None
    if start is None or end is None or end <= start:
        return None
    who, begins = request.GET.get("who", "")[:40], max(start, doing.at)
    asked = {"schedule": row.key, "start": start.isoformat(), "end": end.isoformat(), "person": who}
    swappable = who and start > doing.at and (who == doing.person or manages(doing, [row]))
    return {
        "person": doing.person, "effect": "all", "reason": "", "message": "",
        "start": f"{oncall.wall(begins):%Y-%m-%dT%H:%M}", "end": f"{oncall.wall(end):%Y-%m-%dT%H:%M}",
        "swap": f"/on-call/swaps/new?{urlencode(asked)}" if swappable else "",
    }  # fmt: skip


def _zone() -> str:
    return f"{timezone.localtime():%Z}"


def _responders() -> dict[str, str]:
    rows = models.Person.objects.filter(is_active=True).exclude(role__in=("executive", "guest"))
    return dict(rows.order_by("name").values_list("id", "name"))


def _switcher(rows: list[models.Schedule], present: models.Schedule, at: datetime) -> list[dict[str, Any]]:
    if len(rows) < 2:
        return []
    return [
        {
            "key": r.key,
            "name": r.name,
            "href": f"/on-call/schedules/{r.key}",
            "current": r.id == present.id,
            "gap": bool(gaps(schedule_from(r), at, at + oncall.AHEAD)),
        }
        # The one that is looked at comes first: in a long row it would be out of sight.
        for r in sorted(rows, key=lambda r: r.id != present.id)
    ]


def _policies(schedule_id: str) -> list[models.EscalationPolicy]:
    """The policies that call this schedule."""
    return [
        p
        for p in models.EscalationPolicy.objects.all()[:200]
        if any(t["ref"] == schedule_id for s in p.definition.get("steps", []) for t in s["targets"])
    ]


def _whois(request: HttpRequest, core: Any, names: oncall.Names, at: datetime) -> dict[str, Any]:
    """Who is on call at a chosen moment; now without one."""
    try:
        asked = local_time(request.GET.get("at", ""), "at") or at
    except Refused:
        asked = at
    held = on_call(core, asked)
    return {"at": timezone.localtime(asked), "answer": names.all(held.people) if held.people else "nobody",
            "tone": "" if held.person else "red", "reason": held.reason}  # fmt: skip


def whatif(request: HttpRequest) -> HttpResponse:
    return render(request, "oncall/whatif.html", {"whatif": _whatif(request, now())})


def _whatif(request: HttpRequest, at: datetime) -> dict[str, Any]:
    asked = request.GET
    services = list(models.Service.objects.values_list("key", "name")[:500])
    chosen = asked.get("whatif.service", "")
    severity = asked.get("whatif.severity", "critical")
    severity = severity if severity in alerts.SEVERITIES else "critical"
    try:
        moment = local_time(asked.get("whatif.at", ""), "when") or at
    except Refused:
        moment = at
    result = None
    if "whatif.service" in asked:
        service = models.Service.objects.select_related("policy").filter(key=chosen).first()
        result = escalation.sequence(ladder(service, moment, severity))
    return {
        "services": [*services, ("", "Any other service")],
        "severities": [(k, v[2]) for k, v in alerts.SEVERITIES.items()],
        "service": chosen or (services[0][0] if services and "whatif.service" not in asked else ""),
        "severity": severity,
        "at": timezone.localtime(moment),
        "result": result,
    }


@posts
def add_override(request: HttpRequest, key: str) -> HttpResponse:
    try:
        return _add_override(request, key)
    except Refused as refused:
        if refused.kind == "missing" or is_fragment(request):
            raise
        # Back to the form as it was filled in, with the reason.
        typed = {
            name: request.POST.get(name, "")[:300] for name in ("person", "effect", "start", "end", "reason")
        }
        draft = typed | {"message": refused.message}
        rows = _all()
        return _screen(request, rows, next((r for r in rows if r.key == key), None), draft)


def _add_override(request: HttpRequest, key: str) -> HttpResponse:
    doing, post = act(request), request.POST
    start, end = local_time(post.get("start", ""), "start"), local_time(post.get("end", ""), "end")
    if start is None or end is None:
        raise bad("override.times", "Say from when to when somebody else is on call.", start="missing")
    # A start that has just passed means "from now on".
    start = max(start, doing.at) if start > doing.at - schedules.LENIENCE * 12 else start
    effect, _, instead_of = post.get("effect", "all").partition(":")
    if effect not in ("all", "one", "add", "remove"):
        raise bad("override.effect", "Choose whom this override replaces from the list.", effect="unknown")
    row = schedules.add_override(
        doing, key, post.get("person", ""), start, end, post.get("reason", ""),
        effect=effect, instead_of=instead_of[:40],
    )  # fmt: skip
    return done(
        request,
        f"/on-call/schedules/{key}",
        f"{row.person.name} is not on call then." if effect == "remove" else f"{row.person.name} takes over.",
        f"/on-call/schedules/{key}/overrides",
    )


@posts
def remove_override(request: HttpRequest, override_id: str) -> HttpResponse:
    doing = act(request)
    row = schedules.remove_override(doing, override_id)
    missing = coverage.after_saving(row.schedule_id, doing.at)
    return done(request, back(request, "/on-call"), f"Taken back. The layers count again. {missing}".strip())


ROUTES = [
    route("on-call", index, name="on-call", permission="schedule.read"),
    route("on-call/whatif", whatif, name="on-call-whatif", permission="schedule.read"),
    route("on-call/schedules/<str:key>", schedule, name="schedule", permission="schedule.read"),
    route(
        "on-call/schedules/<str:key>/overrides", add_override, name="override-add", permission="schedule.edit"
    ),
    route(
        "on-call/overrides/<str:override_id>/removal",
        remove_override,
        name="override-remove",
        permission="schedule.edit",
    ),
]
