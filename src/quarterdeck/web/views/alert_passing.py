"""Snoozing an alert and passing it on, from its own page."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from quarterdeck.app.alerts import reassigning, snoozes
from quarterdeck.web.acting import act, done, local_time, number, posts
from quarterdeck.web.present.oncall import day_time
from quarterdeck.web.routes import route


@posts
def snooze(request: HttpRequest, alert_id: str) -> HttpResponse:
    """For so many minutes, or until a moment on the viewer's clock where one is given."""
    doing, post = act(request), request.POST
    until = local_time(post.get("until", ""), "until")
    length = timedelta(0) if until else timedelta(minutes=number(post.get("minutes"), "minutes", 1, 1_440))
    row = snoozes.snooze(doing, alert_id, until or length, post.get("reason", ""))
    said = f"It sleeps until {day_time(row.until)}. If it still fires then, paging starts again."
    return done(request, f"/alerts/{alert_id}", said, f"snooze:{alert_id}")


@posts
def wake(request: HttpRequest, alert_id: str) -> HttpResponse:
    snoozes.wake(act(request), alert_id)
    return done(request, f"/alerts/{alert_id}", "The snooze is over: paging starts again.")


@posts
def reassign(request: HttpRequest, alert_id: str) -> HttpResponse:
    kind, _, ref = request.POST.get("to", "")[:120].partition(":")
    reassigning.reassign(
        act(request),
        alert_id,
        person=ref if kind == "person" else "",
        policy=ref if kind == "policy" else "",
        reason=request.POST.get("reason", ""),
    )
    return done(request, f"/alerts/{alert_id}", "Passed on. They are called now.")


@posts
def escalate(request: HttpRequest, alert_id: str) -> HttpResponse:
    reassigning.escalate(act(request), alert_id)
    return done(request, f"/alerts/{alert_id}", "The next step is called now.")


_ONE = "alerts/<str:alert_id>"
ROUTES = [
    route(f"{_ONE}/snooze", snooze, name="alert-snooze", permission="alert.act"),
    route(f"{_ONE}/snooze/end", wake, name="alert-wake", permission="alert.act"),
    route(f"{_ONE}/assignment", reassign, name="alert-reassign", permission="alert.act"),
    route(f"{_ONE}/escalation", escalate, name="alert-escalate", permission="alert.act"),
]
