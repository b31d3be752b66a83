"""Silences: which alerts page nobody for a while, who said so and why; making one, and ending it early."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import search
from quarterdeck.app.alerts import silences
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import may
from quarterdeck.core.alerts.silence import Matcher, Silence, matches
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, number, posts
from quarterdeck.web.routes import route

OPS = {"=": "is", "!=": "is not", "in": "is one of", "glob": "looks like"}
LENGTHS = (
    (30, "30 minutes"),
    (60, "1 hour"),
    (120, "2 hours"),
    (240, "4 hours"),
    (480, "8 hours"),
    (1440, "24 hours"),
)
ROWS = 5  # conditions in the form, some of them empty
LOOKED_AT = 1_000


def listing(request: HttpRequest) -> HttpResponse:
    """Those that hold, then the last fifty that are over."""
    doing = act(request)
    rows = models.Silence.objects.order_by("-created_at")
    standing = list(rows.filter(ends_at__gt=doing.at, ended_at=None)[:200])
    over = list(rows.exclude(id__in=[r.id for r in standing])[:50])
    directory = Directory(doing.at)
    directory.load_people({r.created_by for r in [*standing, *over]})
    context = {
        "standing": [_shown(r, directory) for r in standing],
        "over": [_shown(r, directory) for r in over],
        "may_act": may(doing.who, "alert.act"),
    }
    return render(request, "alerts/silences.html", context)


def _shown(row: models.Silence, directory: Directory) -> dict[str, Any]:
    return {
        "id": row.id,
        "matchers": [f"{m['name']} {OPS.get(m['op'], m['op'])} {m['value']}" for m in row.matchers],
        "comment": row.comment,
        "by": directory.name(row.created_by),
        "starts_at": row.starts_at,
        "ends_at": row.ended_at or row.ends_at,
        "early": row.ended_at is not None,
    }


def new(request: HttpRequest) -> HttpResponse:
    """The form, filled with what the alerts named in the URL have in common."""
    if request.method != "POST":
        return _form(request, _common(request.GET.getlist("alert")[:50]), 60, "", "")
    wanted = _matchers(request)
    comment, minutes = request.POST.get("comment", ""), request.POST.get("minutes", "")
    try:
        length = timedelta(minutes=number(minutes, "minutes", 1, 1440))
        doing = act(request)
        silences.add_silence(doing, wanted, doing.at + length, comment)
    except Refused as refused:
        return _form(
            request, wanted, int(minutes[:9]) if minutes.isdecimal() else 60, comment, refused.message
        )
    return done(
        request,
        "/alerts/silences",
        "Silenced. It ends by itself; alerts that still fire then page.",
        "silence",
    )


def _matchers(request: HttpRequest) -> list[Matcher]:
    post = request.POST
    rows = zip(post.getlist("name"), post.getlist("op"), post.getlist("value"), strict=False)
    return [
        Matcher(name.strip()[:120], op, value.strip()[:300])  # type: ignore[arg-type]
        for name, op, value in rows
        if name.strip() and op in OPS
    ][:20]


def _common(alert_ids: list[str]) -> list[Matcher]:
    """Labels that all these alerts carry with one value; the service where there is one."""
    alerts = list(models.Alert.objects.select_related("service").filter(id__in=alert_ids))
    if not alerts:
        return []
    labels = [{str(k): str(v) for k, v in a.labels.items()} for a in alerts]
    shared = {
        k: v for k, v in labels[0].items() if v and len(v) <= 300 and all(x.get(k) == v for x in labels[1:])
    }
    if not shared:
        return _either(labels)
    services = {a.service.key if a.service else "" for a in alerts}
    if len(services) == 1 and "" not in services:
        shared.setdefault("service", services.pop())
    # The names people know first; a long tail of labels is left to whoever wants to narrow it.
    order = sorted(shared, key=lambda k: (k not in ("alertname", "service"), k))
    return [Matcher(k, "=", shared[k]) for k in order[:8]]


def _either(labels: list[dict[str, str]]) -> list[Matcher]:
    """Alerts with nothing in common: by their names, where each has one."""
    names = sorted({x.get("alertname", "") for x in labels})
    if "" in names or any("," in n for n in names):
        return []
    return [Matcher("alertname", "in", ", ".join(names))]


def _form(
    request: HttpRequest, wanted: list[Matcher], minutes: int, comment: str, refused: str
) -> HttpResponse:
    empty = max(2, ROWS - len(wanted))
    rows = [{"name": m.name, "op": m.op, "value": m.value} for m in wanted]
    context = {
        "rows": [*rows, *({"name": "", "op": "=", "value": ""} for _ in range(empty))],
        "ops": list(OPS.items()),
        "lengths": LENGTHS,
        "minutes": minutes,
        "comment": comment,
        "refused": {"message": refused} if refused else None,
        "fitting": _fitting(wanted, now()),
    }
    return render(request, "alerts/silence_form.html", context, status=422 if refused else 200)


def _fitting(wanted: list[Matcher], at: datetime) -> list[dict[str, str]] | None:
    """Alerts that fire now and would fall silent; None while there is no condition."""
    if not wanted:
        return None
    silence = Silence("", tuple(wanted), at, at + timedelta(minutes=1))
    rows = search.alerts().filter(status__in=search.LIVE_STATES).order_by("-id")[:LOOKED_AT]
    return [
        {"name": a.summary, "href": f"/alerts/{a.id}"}
        for a in rows
        if matches(silence, {"severity": a.severity, **a.labels}, a.service.key if a.service else "", at)
    ]


@posts
def end(request: HttpRequest, silence_id: str) -> HttpResponse:
    silences.end_silence(act(request), silence_id)
    return done(request, "/alerts/silences", "Ended. What it held back and still fires is paged now.")


ROUTES = [
    route("alerts/silences", listing, name="silences", permission="alert.read"),
    route("alerts/silences/new", new, name="silence-new", permission="alert.act"),
    route("alerts/silences/<str:silence_id>/end", end, name="silence-end", permission="alert.act"),
]
