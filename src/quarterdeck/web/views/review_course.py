"""The course of a review through its page, the debrief and its lessons, and contributions. What somebody may do is
decided in `app`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.learning import contributions, debriefs, reviews
from quarterdeck.app.technical import article_picker
from quarterdeck.core.incidents.debrief import KINDS, TEXT_LIMIT
from quarterdeck.core.incidents.debrief import task as owed
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.web.acting import act, done, local_time, now, posts
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import review_course as shown
from quarterdeck.web.routes import route

LINES = 6  # of the form: one lesson each


def _page(incident_id: str) -> str:
    return f"/reviews/{incident_id}"


def _when(request: HttpRequest) -> datetime | None:
    return local_time(request.POST.get("meets_at", ""), "meets_at")


@posts
def submit(request: HttpRequest, incident_id: str) -> HttpResponse:
    said = request.POST
    reviews.submit(
        act(request), incident_id, meets_at=_when(request), place=said.get("place", ""),
        short_notice=said.get("short_notice", ""),
    )  # fmt: skip
    return done(request, _page(incident_id), "It is open to be read. Everybody invited is told.")


@posts
def meeting(request: HttpRequest, incident_id: str) -> HttpResponse:
    at, said = _when(request), request.POST
    if at is None:
        message = "Give the day and time of the meeting."
        raise bad("meets_at.missing", message, meets_at=message)
    reviews.set_meeting(
        act(request), incident_id, at, place=said.get("place", ""), short_notice=said.get("short_notice", "")
    )
    return done(request, _page(incident_id), "Everybody invited is told.")


@posts
def send_back(request: HttpRequest, incident_id: str) -> HttpResponse:
    reviews.send_back(act(request), incident_id, request.POST.get("reason", ""))
    return done(request, _page(incident_id), "It is a draft again; its owner is told.")


@posts
def assign(request: HttpRequest, incident_id: str) -> HttpResponse:
    reviews.assign(
        act(request), incident_id, request.POST.get("owner", ""), request.POST.get("facilitator", "")
    )
    return done(request, _page(incident_id), "Named, and told.")


@posts
def close(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    reviews.close(act(request), incident_id, post.get("note", ""), post.get("untold_reason", ""))
    return done(request, _page(incident_id), "The review is closed.", f"close:{incident_id}")


@posts
def ask(request: HttpRequest, incident_id: str) -> HttpResponse:
    said = request.POST
    contributions.ask(
        act(request), incident_id, said.get("person", ""), said.get("due_on", ""), said.get("why", "")
    )
    return done(request, f"{_page(incident_id)}#contributions", "Asked.", f"ask:{incident_id}")


@posts
def give(request: HttpRequest, incident_id: str, ask_id: str) -> HttpResponse:
    said, doing = request.POST, act(request)
    article = article_picker.chosen(doing.who, said.get("article", ""))
    contributions.give(doing, incident_id, ask_id, said.get("text", ""), article)
    return done(request, f"{_page(incident_id)}#contributions", "Thank you, it is kept.", f"give:{ask_id}")


@posts
def lesson(request: HttpRequest, incident_id: str) -> HttpResponse:
    debriefs.add_lesson(
        act(request), incident_id, request.POST.get("kind", "change"), request.POST.get("text", "")
    )
    return done(request, f"{_page(incident_id)}#lessons", "Kept.", f"lesson:{incident_id}")


@require_safe
def debrief(request: HttpRequest, incident_id: str) -> HttpResponse:
    return render(request, "incidents/debrief.html", _form(request, incident_id))


@posts
def hold(request: HttpRequest, incident_id: str) -> HttpResponse:
    """A refusal shows the form again with everything that was typed."""
    said = request.POST
    lessons = list(zip(said.getlist("kind"), said.getlist("lesson"), strict=False))[:LINES]
    try:
        debriefs.hold(
            act(request), incident_id, went_well=said.get("went_well", ""), went_badly=said.get("went_badly", ""),
            lessons=lessons, attendees=said.getlist("attendees"),
        )  # fmt: skip
    except Refused as refused:
        if refused.kind == "missing":
            raise
        context = _form(request, incident_id) | {"refused": refused}
        return render(request, "incidents/debrief.html", context, status=422)
    return done(
        request, f"/incidents/{incident_id}/debrief", "The debrief is kept.", f"debrief:{incident_id}"
    )


def _form(request: HttpRequest, incident_id: str) -> dict[str, Any]:
    who, at = act(request).who, now()
    case = casebook.load(incident_id, who)
    names = case.directory(at)
    left = case.incident.aftermath
    names.load_people({p for d in left.debriefs.values() for p in (d.held_by, *d.attendees)})
    waiting = owed(case.incident)
    typed = request.POST
    lessons = list(zip(typed.getlist("kind"), typed.getlist("lesson"), strict=False))
    chosen = set(typed.getlist("attendees"))
    people = dict.fromkeys(a.person for a in case.incident.assignments.values())
    return header.base(case, who, at, "debrief") | {
        "owed_by": names.name(waiting.assignee) if waiting else "",
        "held": [
            {"who": names.name(d.held_by), "at": d.held_at, "well": d.went_well, "badly": d.went_badly,
             "there": [names.name(p) for p in d.attendees]}
            for d in left.debriefs.values()
        ],
        "lessons": [{"kind": shown.LESSONS.get(one.kind, one.kind), "text": one.text} for one in left.lessons.values()],
        "may_hold": shown.may_debrief(case.incident, case.template, who),
        "typed": {"went_well": typed.get("went_well", ""), "went_badly": typed.get("went_badly", "")},
        "lines": [lessons[n] if n < len(lessons) else (KINDS[1], "") for n in range(LINES)],
        "kinds": list(shown.LESSONS.items()),
        "people": [{"id": p, "name": names.name(p), "there": p in chosen or not chosen} for p in people],
        "limit": TEXT_LIMIT,
    }  # fmt: skip


_READ = "review.read"
_ONE = "reviews/<str:incident_id>"
_AT = "incidents/<str:incident_id>/debrief"
ROUTES = [
    route(f"{_ONE}/submit", submit, name="review-submit", permission=_READ),
    route(f"{_ONE}/meeting", meeting, name="review-meeting", permission=_READ),
    route(f"{_ONE}/return", send_back, name="review-return", permission=_READ),
    route(f"{_ONE}/owner", assign, name="review-owner", permission=_READ),
    route(f"{_ONE}/close", close, name="review-close", permission=_READ),
    route(f"{_ONE}/contributions", ask, name="review-contributions", permission=_READ),
    route(f"{_ONE}/contributions/<str:ask_id>", give, name="review-contribution", permission=_READ),
    route(f"{_ONE}/lessons", lesson, name="review-lessons", permission=_READ),
    route(_AT, debrief, name="incident-debrief", permission="incident.read"),
    route(f"{_AT}/hold", hold, name="incident-debrief-hold", permission="incident.read"),
]
