"""Whether on-call is covered and fair; who was, is and will be called at a moment; what was changed and by whom."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from quarterdeck.app.act import Act
from quarterdeck.app.oncall import absences, coverage, fairness, pay, roster, schedules
from quarterdeck.app.paging import rehearsals
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.paging.escalation_preview import ladder
from quarterdeck.app.people import competence
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.present import (
    alerts,
    drill_readiness,
    escalation,
    executive_roster,
    load,
    oncall,
    schedule_story,
)
from quarterdeck.web.present import fair_panel as fair_panels
from quarterdeck.web.routes import route

SPANS = {
    "28": ("the last 4 weeks", -28),
    "91": ("the last 13 weeks", -91),
    "364": ("the last 52 weeks", -364),
    "ahead": ("the next 13 weeks", 91),
}
USUAL = "91"
PAGE = 50
INSTALLATION = "installation"
KINDS = (
    "ScheduleCreated", "ScheduleChanged", "LayerSet", "LayerRemoved", "OverrideAdded", "OverrideRemoved",
    "SwapOffered", "SwapAccepted", "SwapDeclined", "SwapWithdrawn", "SwapExpired",
    "CoverWanted", "CoverAsked", "CoverDeclined", "CoverTaken", "CoverFailed", "CoverWithdrawn",
)  # fmt: skip


@require_safe
def covered(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    rehearses = rehearsals.is_on()
    context = {
        "tab": "coverage",
        "found": load.covered(coverage.report(doing.at), oncall.Names(doing.person), doing.at),
        "may_edit": may(doing.who, "schedule.edit"),
        "rehearsals": load.rehearsals(rehearsals.unconfirmed(doing.at) if rehearses else [], doing.person),
        "rehearses": rehearses,
        "may_set": may(doing.who, "settings.edit"),
        "roles": load.roles(competence.matrix(doing.at)),
        "drills": drill_readiness.rows(doing.who, doing.at),
        "executives": executive_roster.rows(doing.at, oncall.Names(doing.person)),
        "uncertified": load.uncertified(competence.uncertified(doing.at), oncall.Names(doing.person)),
    }
    return render(request, "oncall/coverage.html", context)


@require_safe
def fair(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    chosen, key, since, until = _span(request, doing.at)
    found = fairness.read(since, until, doing.at, key, doing.who)
    context = {
        "tab": "fairness",
        "found": load.fair(found, oncall.Names(doing.person), request.GET.get("part", "")),
        "filters": {"span": chosen, "schedule": key},
        "choices": {
            "span": [(value, label) for value, (label, _) in SPANS.items()],
            "schedule": list(models.Schedule.objects.values_list("key", "name")[:200]),
        },
        "csv": _csv(doing, chosen, key),
        "may_pay": may(doing.who, "settings.edit"),
        "since": since,
        "until": until,
        "may_relieve": may(doing.who, "person.edit"),
        "me": doing.person,
    }
    return render(request, "oncall/fairness.html", context)


@require_safe
def fair_panel(request: HttpRequest, key: str) -> HttpResponse:
    """How the duty of one schedule was spread, for its own page."""
    doing, row = act(request), schedules.find(key)
    found = fairness.read(doing.at + timedelta(days=SPANS[USUAL][1]), doing.at, doing.at, row.key, doing.who)
    context = {"fair": fair_panels.panel(found, row.key, oncall.Names(doing.person))}
    return render(request, "oncall/fair_panel.html", context)


def _csv(doing: Act, span: str, key: str) -> tuple[str, str]:
    """The table of hours that this person may see: where, and what it is called."""
    seen = pay.schedules_seen(doing)
    if seen is None:
        return f"/on-call/hours.csv?span={span}&schedule={key}", "Hours as CSV"
    if key and schedules.find(key).id in seen:
        return f"/on-call/schedules/{key}/hours.csv?span={span}", "Hours as CSV"
    return f"{pay.OWN}?span={span}&schedule={key}", "My hours as CSV"


@posts
def relieve(request: HttpRequest) -> HttpResponse:
    """Somebody who was woken too often rests from now on."""
    doing = act(request)
    row = fairness.relieve(doing, request.POST.get("person", "")[:40])
    hit = absences.hits(row.person_id, row.starts_at, row.ends_at)
    text = f"{row.person.name} rests until {oncall.until(row.ends_at, doing.at)}."
    if hit:
        text += f" Still theirs: {hit[0].schedule.name}. Take that shift, or find somebody."
    return done(request, "/on-call/fairness", text)


@require_safe
def hours(request: HttpRequest) -> HttpResponse:
    """Everybody's hours on call for each day, for a payroll; `from` and `to` are days, else the chosen span."""
    return _hours(request, request.GET.get("schedule", "")[:60])


@require_safe
def schedule_hours(request: HttpRequest, key: str) -> HttpResponse:
    """Those of one schedule, for the lead of its team as well."""
    return _hours(request, schedules.find(key).key)


@require_safe
def own_hours(request: HttpRequest) -> HttpResponse:
    return _hours(request, request.GET.get("schedule", "")[:60], mine=True)


def _hours(request: HttpRequest, key: str, *, mine: bool = False) -> HttpResponse:
    doing = act(request)
    since, until = (_midnight(at) for at in _span(request, doing.at)[2:])
    if "from" in request.GET or "to" in request.GET:
        since, until = _day(request.GET.get("from", ""), "from"), _day(request.GET.get("to", ""), "to")
    rows = pay.hours(doing, since, until, key, mine=mine)
    table = io.StringIO(newline="")
    csv.writer(table).writerows(load.payroll(rows, pay.rules(), oncall.Names(doing.person)))
    answer = HttpResponse(table.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="quarterdeck-on-call-hours.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _span(request: HttpRequest, now: datetime) -> tuple[str, str, datetime, datetime]:
    """The span chosen, the schedule's key, and from when to when: whole days that are over, or from now on."""
    chosen = request.GET.get("span", USUAL)
    chosen = chosen if chosen in SPANS else USUAL
    key, days = request.GET.get("schedule", "")[:60], SPANS[chosen][1]
    if key:
        schedules.find(key)
    other = now + timedelta(days=days)
    return chosen, key, min(now, other), max(now, other)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _day(text: str, field: str) -> datetime:
    try:
        found = local_time(text[:10], field)
    except Refused:
        found = None
    if found is None:
        raise bad(
            f"{field}.day", "Give both days such as from=2026-11-01 and to=2026-12-01.", **{field: "no day"}
        )
    return found


@require_safe
def who(request: HttpRequest) -> HttpResponse:
    """Who was, is or will be on call at a moment, and whom an alert of a service would call then, step by step."""
    doing, asked = act(request), request.GET
    try:
        at, wrong = local_time(asked.get("at", ""), "at") or doing.at, ""
    except Refused as refused:
        at, wrong = doing.at, refused.message
    services = list(models.Service.objects.values_list("key", "name")[:500])
    key = asked.get("service", services[0][0] if services else "")[:60]
    service = models.Service.objects.select_related("policy").filter(key=key).first()
    severity = asked.get("severity", "critical")
    severity = severity if severity in alerts.SEVERITIES else "critical"
    names = oncall.Names(doing.person)
    context = {
        "tab": "who",
        "at": timezone.localtime(at),
        "wrong": wrong,
        "when": oncall.day_time(at),
        "duties": [
            {
                "name": d.schedule.name,
                "href": f"/on-call/schedules/{d.schedule.key}",
                "people": [names.someone(p.id) for p in d.people],
                "reason": d.held.reason.rsplit(", until ", 1)[0],
                "until": oncall.day_time(d.held.until) if d.held.until else "",
            }
            for d in roster.duties(at)
        ],
        "services": [*services, ("", "Any other service")],
        "severities": [(k, v[2]) for k, v in alerts.SEVERITIES.items()],
        "service": key,
        "severity": severity,
        "result": escalation.sequence(ladder(service, at, severity)),
    }
    return render(request, "oncall/who.html", context, status=422 if wrong else 200)


@require_safe
def history(request: HttpRequest, key: str) -> HttpResponse:
    """Every change of one schedule from the audit trail, the newest first."""
    row, before = schedules.find(key), request.GET.get("after", "")
    rows = models.Event.objects.filter(stream=INSTALLATION, kind__in=KINDS, data__contains=f'"{row.id}"')
    if before.isdecimal() and len(before) < 12:
        rows = rows.filter(seq__lt=int(before))
    found = list(rows.order_by("-seq")[: PAGE + 1])
    shown = found[:PAGE]
    context = {
        "tab": "calendar",
        "schedule": {"name": row.name, "url": f"/on-call/schedules/{row.key}"},
        "events": schedule_story.told(shown, row.timezone, Directory(act(request).at)),
        "page": {"newer": "", "older": shown[-1].seq if len(found) > PAGE else "", "shown": len(shown)},
    }
    return render(request, "oncall/history.html", context)


_READ = "schedule.read"
ROUTES = [
    route("on-call/coverage", covered, name="on-call-coverage", permission=_READ),
    route("on-call/fairness", fair, name="on-call-fairness", permission=_READ),
    route("on-call/schedules/<str:key>/fairness", fair_panel, name="schedule-fairness", permission=_READ),
    route("on-call/reliefs", relieve, name="on-call-relief", permission=_READ),
    route("on-call/hours.csv", hours, name="on-call-hours", permission="payroll.read"),
    route("on-call/mine/hours.csv", own_hours, name="on-call-own-hours", permission=_READ),
    route("on-call/schedules/<str:key>/hours.csv", schedule_hours, name="schedule-hours", permission=_READ),
    route("on-call/who", who, name="on-call-who", permission=_READ),
    route("on-call/schedules/<str:key>/history", history, name="schedule-history", permission=_READ),
]
