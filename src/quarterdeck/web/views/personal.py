"""What somebody sets about their own pages: quiet hours, and a test page over one contact."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from quarterdeck.app.paging import paging, quiet_hours, rehearsals
from quarterdeck.core.escalation.quiet import SEVERITIES, USUAL_THROUGH
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.present import oncall
from quarterdeck.web.routes import LOGIN, route

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def quiet(row: models.Person) -> dict[str, Any]:
    """Somebody's quiet hours as the form shows them; without any, what is usual."""
    kept = models.QuietHours.objects.filter(person=row).first()
    days = kept.days if kept else list(range(7))
    through = kept.through if kept else sorted(USUAL_THROUGH)
    return {
        "on": kept is not None,
        "starts": kept.starts if kept else "22:00",
        "ends": kept.ends if kept else "07:00",
        "zone": kept.zone if kept else "",
        "own_zone": row.timezone,
        "days": [(n, name, n in days) for n, name in enumerate(DAYS)],
        "through": [(s, s.capitalize(), s in through) for s in SEVERITIES],
    }


def _home(request: HttpRequest, person_id: str) -> str:
    mine = person_id == act(request).person
    return ("/settings/me" if mine else f"/catalog/people/{person_id}/edit") + "#quiet"


@posts
def set_quiet(request: HttpRequest, person_id: str) -> HttpResponse:
    doing, post = act(request), request.POST
    if post.get("act") == "clear":
        quiet_hours.clear(doing, person_id)
        return done(request, _home(request, person_id), "No quiet hours: every page rings at once.")
    days = [number(day, "days", 0, 6) for day in post.getlist("day")[:7]]
    found = quiet_hours.put(
        doing, person_id, post.get("starts", ""), post.get("ends", ""), days,
        zone=post.get("zone", ""), through=post.getlist("through")[:8],
    )  # fmt: skip
    text = (
        f"Quiet pages wait from {found.starts:%H:%M} to {found.ends:%H:%M}. Urgent ones always come through."
    )
    return done(request, _home(request, person_id), text)


def rehearsal(person_id: str) -> dict[str, Any] | None:
    """One's newest rehearsal; None while there is none."""
    row = rehearsals.newest(person_id) if rehearsals.is_on() else None
    if row is None:
        return None
    return {
        "due_at": row.due_at, "sent_at": row.sent_at, "confirmed_at": rehearsals.confirmed_at(row),
        "may_postpone": row.sent_at is None and row.postponed < rehearsals.MOST_POSTPONED,
        "ways": [
            {"name": t.way, "url": f"/callouts/{t.callout.id}", "confirmed_at": t.callout.acknowledged_at,
             "failed": t.callout.state == "unreachable"}
            for t in rehearsals.tried(row)
        ],
    }  # fmt: skip


@posts
def postpone(request: HttpRequest) -> HttpResponse:
    row = rehearsals.postpone(
        act(request), number(request.POST.get("days"), "days", 1, rehearsals.LONGEST_DAYS)
    )
    return done(request, rehearsals.PAGE, f"Postponed to {oncall.day_time(row.due_at)}.")


@posts
def switch_rehearsals(request: HttpRequest) -> HttpResponse:
    on = request.POST.get("on") == "1"
    rehearsals.switch(act(request), on)
    said = "Rehearsals are on: each month in working hours." if on else "Rehearsals are off."
    return done(request, "/on-call/coverage#rehearsals", said)


@posts
def test_contact(request: HttpRequest, contact_id: str) -> HttpResponse:
    """A real page to oneself over one contact."""
    made = paging.page_contact(act(request), contact_id)
    return done(
        request, f"/callouts/{made.id}", "Queued. This page shows when it goes out, and what becomes of it."
    )


ROUTES = [
    route("settings/me/rehearsal", postpone, name="rehearsal-postpone", permission=LOGIN),
    route("on-call/rehearsals", switch_rehearsals, name="rehearsals-switch", permission="settings.edit"),
    route("people/<str:person_id>/quiet-hours", set_quiet, name="quiet-hours", permission=LOGIN),
    route(
        "settings/me/contacts/<str:contact_id>/test",
        test_contact,
        name="contact-test",
        permission="page.send",
    ),
]
