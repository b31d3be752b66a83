"""The people of an incident in the war room: who is here, the roll call, sub-teams, reliefs, safety stops, guests. Each
act is one POST.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.incidents import command, crew, guests, reserve
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.web import once
from quarterdeck.web.acting import act, done, local_time, now, number, posts
from quarterdeck.web.present import crew as present
from quarterdeck.web.present import incident as header
from quarterdeck.web.routes import route

from .agencies import is_guest
from .war_room import people


def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    skill = line(request.GET.get("skill", ""), 60)
    context: dict[str, Any] = header.base(case, doing.who, at, "people")
    context |= present.page(case, doing.who, at, skill)
    if context["may"]["assign"]:
        context["people"] = people(case, at, doing.who)
        context["invitation"] = once.take(request, f"guest:{incident_id}")
    return render(request, "incidents/crew.html", context)


def check_in_page(request: HttpRequest, incident_id: str) -> HttpResponse:
    """The link that is handed round: who I am here, how we talk, one tap to be counted."""
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    if request.method == "POST":
        return check_in(request, incident_id)
    titles = {r.key: r for r in case.template.roles}
    mine = [titles[r] for r in case.incident.roles_of(doing.person) if r in titles]
    context = header.base(case, doing.who, at, "people") | {
        "mine": [
            {"title": r.title, "purpose": r.purpose, "steps": r.checklist.get(case.incident.phase, ())[:5]}
            for r in mine
        ],
        "here": doing.person in case.incident.crew.presence,
        "commander_name": case.directory(at).name(case.incident.commander.person)
        if case.incident.commander
        else "",
    }
    return render(request, "incidents/check_in.html", context)


@posts
def check_in(request: HttpRequest, incident_id: str) -> HttpResponse:
    crew.check_in(act(request), incident_id, request.POST.get("doing", ""))
    return done(request, f"/incidents/{incident_id}", "You are checked in.", f"check-in:{incident_id}")


@posts
def person(request: HttpRequest, incident_id: str, person_id: str, step: str) -> HttpResponse:
    """Let somebody go, or call them back."""
    doing, post = act(request), request.POST
    if step == "release":
        crew.release(doing, incident_id, person_id, post.get("reason", ""), post.get("override_reason", ""))
        return done(request, _at(incident_id), "Released. Nobody asks them for anything any more.")
    if step != "recall":
        raise bad("person.step", "Choose release or recall.")
    crew.recall(doing, incident_id, person_id, post.get("reason", ""))
    return done(request, _at(incident_id), "Called back.")


@posts
def roll_call(request: HttpRequest, incident_id: str) -> HttpResponse:
    crew.start_roll_call(act(request), incident_id)
    return done(request, _at(incident_id) + "#roll")


@posts
def roll_answer(request: HttpRequest, incident_id: str, roll_id: str) -> HttpResponse:
    crew.answer_roll_call(act(request), incident_id, roll_id, request.POST.get("answer", "here"))
    home = f"/incidents/{incident_id}" if is_guest(request) else _at(incident_id) + "#roll"
    return done(request, home)


@posts
def roll_end(request: HttpRequest, incident_id: str, roll_id: str) -> HttpResponse:
    crew.end_roll_call(act(request), incident_id, roll_id)
    return done(request, _at(incident_id) + "#roll")


@posts
def stream_new(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    every = number(post.get("every_minutes") or "0", "every_minutes", 0, 1440)
    crew.open_workstream(
        act(request), incident_id, post.get("title", ""), post.get("leader", ""), post.get("room", ""), every
    )
    return done(request, _at(incident_id) + "#streams", "Workstream opened.", f"stream:{incident_id}")


@posts
def stream(request: HttpRequest, incident_id: str, workstream_id: str, step: str) -> HttpResponse:
    doing, post = act(request), request.POST
    match step:
        case "join":
            crew.join_workstream(doing, incident_id, workstream_id, post.get("person") or doing.person)
        case "leave":
            crew.leave_workstream(doing, incident_id, workstream_id, post.get("person") or doing.person)
        case "report":
            crew.report_workstream(doing, incident_id, workstream_id, post.get("text", ""))
        case "change":
            every = number(post.get("every_minutes") or "0", "every_minutes", 0, 1440)
            crew.change_workstream(
                doing, incident_id, workstream_id, post.get("title", ""), post.get("leader", ""),
                post.get("room", ""), every,
            )  # fmt: skip
        case "end":
            crew.end_workstream(doing, incident_id, workstream_id, post.get("result", ""))
        case _:
            raise bad("workstream.step", "Choose join, leave, report, change or end.")
    return done(request, _at(incident_id) + "#streams", saved=f"stream-{step}:{workstream_id}")


@posts
def relief(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    at = local_time(post.get("starts_at", ""), "starts_at")
    if at is None:
        raise bad("starts_at.missing", "Say when the relief begins.", starts_at="Say when.")
    crew.plan_relief(act(request), incident_id, post.get("role", ""), post.get("person", ""), at)
    return done(request, _at(incident_id) + "#reliefs", "Planned. Both are told when the time comes.")


@posts
def relief_cancel(request: HttpRequest, incident_id: str, relief_id: str) -> HttpResponse:
    crew.cancel_relief(act(request), incident_id, relief_id)
    return done(request, _at(incident_id) + "#reliefs")


@posts
def stop(request: HttpRequest, incident_id: str) -> HttpResponse:
    what, _, subject = request.POST.get("what", "everything").partition(":")
    crew.stop(act(request), incident_id, request.POST.get("reason", ""), what, subject)
    return done(
        request, _at(incident_id) + "#safety", "Stopped. Every responder is told.", f"stop:{incident_id}"
    )


@posts
def stop_clear(request: HttpRequest, incident_id: str, stop_id: str) -> HttpResponse:
    crew.clear_stop(act(request), incident_id, stop_id, request.POST.get("clearance", ""))
    return done(request, _at(incident_id) + "#safety", "Cleared. Work goes on.")


@posts
def guest(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    row = guests.invite(act(request), incident_id, post.get("name", ""), post.get("organisation", ""))
    once.keep(request, f"guest:{incident_id}", guests.url(row))
    return done(request, _at(incident_id) + "#guests", "Invited. Hand the link to the guest alone.")


@posts
def reserves(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    count = number(post.get("count"), "count", 1, reserve.MOST)
    _, called = reserve.activate(
        act(request), incident_id, post.get("team", ""), count, post.get("skill", ""), post.get("reason", "")
    )
    word = "person is" if len(called) == 1 else "people are"
    return done(request, _at(incident_id), f"{len(called)} {word} called.", f"reserve:{incident_id}")


@posts
def unified(request: HttpRequest, incident_id: str, step: str) -> HttpResponse:
    doing, post = act(request), request.POST
    match step:
        case "open":
            command.unify(doing, incident_id, post.get("reason", ""))
        case "agree":
            command.agree(doing, incident_id, post.get("subject", ""))
        case "end":
            command.end_unified(doing, incident_id, post.get("reason", ""))
        case _:
            raise bad("unified.step", "Choose open, agree or end.")
    if post.get("back") == "ics":
        return done(request, f"/incidents/{incident_id}/ics#objectives", "Agreed.")
    return done(request, _at(incident_id) + "#unified")


def _at(incident_id: str) -> str:
    return f"/incidents/{incident_id}/crew"


_ACT, _READ = "incident.act", "incident.read"
_ROOT = "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_ROOT}crew", page, name="incident-crew", permission=_READ),
    route(f"{_ROOT}check-in", check_in_page, name="incident-check-in", permission=_ACT),
    route(f"{_ROOT}crew/<str:person_id>/<str:step>", person, name="incident-person", permission=_ACT),
    route(f"{_ROOT}roll-calls", roll_call, name="incident-roll-call", permission=_ACT),
    route(
        f"{_ROOT}roll-calls/<str:roll_id>/answer", roll_answer, name="incident-roll-answer", permission=_ACT
    ),
    route(f"{_ROOT}roll-calls/<str:roll_id>/end", roll_end, name="incident-roll-end", permission=_ACT),
    route(f"{_ROOT}workstreams", stream_new, name="incident-stream-new", permission=_ACT),
    route(
        f"{_ROOT}workstreams/<str:workstream_id>/<str:step>", stream, name="incident-stream", permission=_ACT
    ),
    route(f"{_ROOT}reliefs", relief, name="incident-relief", permission=_ACT),
    route(
        f"{_ROOT}reliefs/<str:relief_id>/cancel",
        relief_cancel,
        name="incident-relief-cancel",
        permission=_ACT,
    ),
    route(f"{_ROOT}safety-stops", stop, name="incident-stop", permission=_ACT),
    route(
        f"{_ROOT}safety-stops/<str:stop_id>/clear", stop_clear, name="incident-stop-clear", permission=_ACT
    ),
    route(f"{_ROOT}guests", guest, name="incident-guest", permission=_ACT),
    route(f"{_ROOT}reserves", reserves, name="incident-reserves", permission=_ACT),
    route(f"{_ROOT}unified/<str:step>", unified, name="incident-unified", permission=_ACT),
]
