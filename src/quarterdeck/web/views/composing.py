"""While a message is written: what the linter says of it as it stands, and the acts on its way after release."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.comms import message_steps
from quarterdeck.core.incidents import Content
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.present import composing as shown
from quarterdeck.web.present import voices
from quarterdeck.web.routes import route

_FIELDS = {"headline": 400, "customer_effect": 4000, "action": 4000, "body": 10_000}


def lint(request: HttpRequest, incident_id: str) -> HttpResponse:
    """The text in the form, read as its readers will; nothing is saved."""
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    content = _content(request)
    context = {"lint": shown.found(case, content, doing.at)}
    return render(request, "incidents/message_lint.html", context)


@posts
def carry_out(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    post = request.POST
    message_steps.carry_out(
        act(request), incident_id, message_id, post.get("step", ""), post.get("proof", "")
    )
    return done(request, _at(incident_id, message_id), "It is on record.", f"carry:{message_id}")


@posts
def still_right(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    message_steps.still_right(act(request), incident_id, message_id, request.POST.get("reason", ""))
    return done(request, _at(incident_id, message_id), "Noted: it is still right.", f"look:{message_id}")


def _content(request: HttpRequest) -> Content:
    post = request.POST
    said = {name: post.get(name, "")[:most] for name, most in _FIELDS.items()}
    return Content(
        audience=post.get("audience", "")[:60],
        next_update_at=_time(post.get("next_update", "")),
        final=post.get("final") == "1",
        status_word=post.get("status_word", "")[:30],
        pages=tuple(post.getlist("page")[:20]),
        **voices.read(post.get("voice", "")),
        **said,
    )


def _time(typed: str) -> datetime | None:
    """Half a time is no time yet, and nothing to complain about while somebody types."""
    try:
        return local_time(typed, "next_update_at")
    except Refused:
        return None


def _at(incident_id: str, message_id: str) -> str:
    return f"/incidents/{incident_id}/communication?message={message_id}#message"


_I = "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_I}parts-lint", lint, name="message-lint", permission="incident.act"),
    route(f"{_I}messages/<str:message_id>/carry", carry_out, name="message-carry", permission="incident.act"),
    route(
        f"{_I}messages/<str:message_id>/still-right",
        still_right,
        name="message-still-right",
        permission="incident.act",
    ),
]
