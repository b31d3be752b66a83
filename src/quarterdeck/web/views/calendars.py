"""Calendars that lead out, by secret addresses, and in: absences from one's own calendar, a schedule from a file."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

from quarterdeck.app.oncall import (
    absence_calendars,
    calendar_feeds,
    calendar_files,
    calendar_import,
    calendars,
    schedules,
)
from quarterdeck.core.kernel.moments import parse
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import counted
from quarterdeck.core.oncall import FixedShift
from quarterdeck.store import models
from quarterdeck.web import once
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import oncall
from quarterdeck.web.routes import PUBLIC, route

PAGE = "/on-call/calendars"
MINE = "/on-call/mine"
FRESH_SECONDS = 300
MOST_SHOWN = 200
MOST_NAMES = 100
LEAVE_OUT = "-"
_ABOUT = {
    "person": "my shifts in every schedule",
    "prevention": "preventive work",
    "maintenance": "maintenance",
}


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a secret, for programs: nobody is signed in. What is not there and what was revoked answer
    alike.
    """
    row = calendars.opened(token[:100])
    if row is None:
        text = (
            "There is no calendar at this address, or it has been revoked. Make a new one in Quarterdeck.\n"
        )
        return HttpResponseNotFound(text, content_type="text/plain; charset=utf-8")
    found = calendar_feeds.content(row, now())
    etag, changed = f'"{found.digest}"', int(found.changed_at.timestamp())
    if _known(request, etag, changed):
        answer = HttpResponse(status=304)
    else:
        body = calendar_files.written(found, settings.QUARTERDECK_PUBLIC_URL)
        answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        answer["Content-Disposition"] = 'inline; filename="on-call.ics"'
    answer["ETag"] = etag
    answer["Last-Modified"] = http_date(changed)
    answer["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _known(request: HttpRequest, etag: str, changed: int) -> bool:
    """Whether the reader has it already; an ETag counts before a date."""
    given = request.headers.get("If-None-Match")
    if given is not None:
        return given.strip() == "*" or etag in [g.strip().removeprefix("W/") for g in given.split(",")]
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and since >= changed


def index(request: HttpRequest) -> HttpResponse:
    """One's own calendar addresses, and making one."""
    doing, message = act(request), ""
    if request.method == "POST":
        kind, _, subject = request.POST.get("what", "").partition(":")
        try:
            row, token = calendars.create(doing, kind, subject[:60], request.POST.get("name", ""))
        except Refused as refused:
            message = refused.message
        else:
            once.keep(request, "calendar", f"{row.name}\n{calendars.address(token)}")
            return done(request, PAGE, f"{row.name}: made.")
    chosen = request.POST.get("what") or _asked(request)
    name, _, secret = once.take(request, "calendar").partition("\n")
    context = {
        "tab": "calendars",
        "fresh": {"name": name, "https": secret, "webcal": webcal(secret)} if secret else None,
        "feeds": _feeds(doing.person),
        "choices": _choices(),
        "chosen": chosen,
        "name": request.POST.get("name", "")[:120],
        "message": message,
        "zone": str(models.Person.objects.get(id=doing.person).timezone),
    }
    return render(request, "oncall/calendars.html", context, status=422 if message else 200)


def _asked(request: HttpRequest) -> str:
    key = request.GET.get("schedule", "")[:60]
    if request.GET.get("what") in ("prevention", "maintenance"):
        return f"{request.GET['what']}:"
    return f"schedule:{key}" if key else "person:"


def webcal(https: str) -> str:
    """The same address as calendar programs are started by."""
    return f"webcal://{urlsplit(https).netloc}{urlsplit(https).path}" if https else ""


def _feeds(person: str) -> list[dict[str, Any]]:
    names = dict(models.Schedule.objects.values_list("id", "name"))
    names |= {i: f"the schedules of {n}" for i, n in models.Team.objects.values_list("id", "name")}
    return [
        {
            "id": row.id,
            "name": row.name,
            "about": _ABOUT.get(row.kind) or names.get(row.subject_id, "gone"),
            "hint": row.hint,
            "created_at": row.created_at,
            "read_at": row.last_read_at,
        }
        for row in calendars.standing(person)
    ]


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    rows = models.Schedule.objects.select_related("team")[:500]
    teams = models.Team.objects.filter(schedules__isnull=False).distinct()[:200]
    found = [
        ("Me", [("person:", "My shifts in every schedule, and my training")]),
        (
            "Everybody",
            [("prevention:", "Preventive work, risks and training"), ("maintenance:", "Maintenance")],
        ),
        ("A schedule, everybody in it", [(f"schedule:{r.key}", r.name) for r in rows]),
    ]
    if teams:
        found.append(
            ("All schedules of a team, everybody in them", [(f"team:{t.key}", t.name) for t in teams])
        )
    return found


@posts
def renew(request: HttpRequest, feed_id: str) -> HttpResponse:
    row, token = calendars.renew(act(request), feed_id)
    once.keep(request, "calendar", f"{row.name}\n{calendars.address(token)}")
    return done(request, PAGE, "Renewed. The old address answers nothing any more.")


@posts
def revoke(request: HttpRequest, feed_id: str) -> HttpResponse:
    calendars.revoke(act(request), feed_id)
    return done(request, PAGE, "Revoked. Whoever has the address reads nothing any more.")


@posts
def add_absences(request: HttpRequest) -> HttpResponse:
    """A file at once; an address within a minute, by the engine."""
    doing, post = act(request), request.POST
    sent, url = request.FILES.get("file"), post.get("url", "").strip()
    if sent is None and not url:
        raise bad("ical.missing", "Choose an .ics file, or give the address of a calendar.", file="missing")
    if sent is None:
        absence_calendars.subscribe(doing, doing.person, url, post.get("name", ""))
        return done(
            request, f"{MINE}#calendars", "Subscribed. It is read within a minute, then once an hour."
        )
    taken = absence_calendars.upload(
        doing, doing.person, sent.read(), post.get("name", "") or sent.name or ""
    )
    said = f"{counted(taken.added, 'absence')} added, {taken.changed} changed, {taken.ended} taken back."
    if taken.faults:
        said += f" Not read: {taken.faults[0].text}"
        said += f" And {len(taken.faults) - 1} more." if len(taken.faults) > 1 else ""
    return done(request, f"{MINE}#calendars", said)


@posts
def remove_absences(request: HttpRequest, calendar_id: str) -> HttpResponse:
    absence_calendars.remove(act(request), calendar_id)
    return done(request, f"{MINE}#calendars", "Removed, with the absences to come from it.")


def bring(request: HttpRequest, key: str) -> HttpResponse:
    """A schedule from a file: what it would give, then, once confirmed, the layer."""
    row, doing, post = schedules.find(key), act(request), request.POST
    context: dict[str, Any] = {"row": {"key": row.key, "name": row.name, "zone": row.timezone}, "message": ""}
    context |= {"text": post.get("text", ""), "name": post.get("name", "")[:120], "preview": None}
    try:
        if post.get("act") == "keep":
            made = calendar_import.put(doing, key, post.get("name", ""), _sent(post.get("shifts", "")))
            return done(request, f"/on-call/schedules/{row.key}", f"{made.name}: it counts from now on.")
        if request.method == "POST":
            sent = request.FILES.get("file")
            data = sent.read() if sent is not None else post.get("text", "").encode()
            meant = _meant(request)
            context["preview"] = _preview(calendar_import.preview(doing, key, data, meant), doing.person)
            asked = len(context["preview"]["names"])
            context["preview"] |= {
                "text": data.decode(errors="replace"),
                "kept": [(asked + n, said, p or LEAVE_OUT) for n, (said, p) in enumerate(meant.items())],
            }
            context["name"] = context["name"] or context["preview"]["name"]
    except Refused as refused:
        context["message"] = refused.message
    wrong = context["message"] or (context["preview"] and not context["preview"]["ready"])
    return render(request, "oncall/import.html", context, status=422 if wrong else 200)


def _meant(request: HttpRequest) -> dict[str, str]:
    """Who is meant by which name of the file, as chosen so far: a person's id, or "" to leave its events out."""
    post, found = request.POST, {}
    for n in range(MOST_NAMES):
        said, person = post.get(f"said_{n}", "")[:500], post.get(f"meant_{n}", "")[:40]
        if said and person:
            found[said] = "" if person == LEAVE_OUT else person
    return found


def _preview(found: calendar_import.Preview, viewer: str) -> dict[str, Any]:
    names = oncall.Names(viewer)
    known = [f for f in found.found if f.people]
    return {
        "name": found.name,
        "ready": found.ready,
        "count": len(found.shifts),
        "shifts": [
            {
                "person": names.someone(f.people[0]),
                "who": ", ".join(names.full(p) for p in f.people),
                "title": f.event.title,
                "when": f"{oncall.day_time(f.event.starts_at)} to {oncall.day_time(f.event.ends_at)}",
            }
            for f in known[:MOST_SHOWN]
        ],
        "more": max(0, len(known) - MOST_SHOWN),
        "faults": [
            *({"row": f.row, "text": f.text} for f in found.faults),
            *(
                {
                    "row": f.event.row,
                    "text": f"“{f.event.title}”, {oncall.day_time(f.event.starts_at)}: {f.why}.",
                }
                for f in found.unknown[:MOST_SHOWN]
            ),
        ],
        "names": list(found.names[:MOST_NAMES]),
        "people": list(
            models.Person.objects.filter(is_active=True)
            .exclude(role__in=("executive", "guest"))
            .order_by("name")
            .values_list("id", "name")
        )
        if found.unknown
        else [],
        "data": json.dumps(calendar_import.shifts_data(found.shifts)) if found.ready else "",
    }


def _sent(text: str) -> list[FixedShift]:
    """The shifts as the page before had them; whatever else was sent is refused."""
    try:
        return [
            FixedShift(str(p), _moment(a), _moment(b), str(ref)[:120]) for p, a, b, ref in json.loads(text)
        ]
    except (ValueError, TypeError, RecursionError):
        raise bad("layer.fixed", "What was shown has been lost on the way. Choose the file again.") from None


def _moment(text: Any) -> datetime:
    found = parse(str(text)[:40])
    if found is None:
        raise ValueError(text)
    return found


_READ, _EDIT = "schedule.read", "schedule.edit"
ROUTES = [
    route("calendars/<str:token>.ics", feed, name="calendar-feed", permission=PUBLIC),
    route("on-call/calendars", index, name="calendars", permission=_READ),
    route("on-call/calendars/<str:feed_id>/renewal", renew, name="calendar-renew", permission=_READ),
    route("on-call/calendars/<str:feed_id>/removal", revoke, name="calendar-revoke", permission=_READ),
    route("on-call/absence-calendars", add_absences, name="absence-calendar-add", permission=_READ),
    route(
        "on-call/absence-calendars/<str:calendar_id>/removal",
        remove_absences,
        name="absence-calendar-remove",
        permission=_READ,
    ),
    route("on-call/schedules/<str:key>/import", bring, name="schedule-import", permission=_EDIT),
]
