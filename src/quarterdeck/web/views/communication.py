"""The communication board of an incident: draft, edit, release or drop a message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.comms import approvals, messages, sending
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.present import board as shown
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import voices
from quarterdeck.web.routes import route


def communication(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    opened = case.incident.messages.get(request.GET.get("message", ""))
    audience = request.GET.get("audience", "") or (
        case.template.audiences[0].key if case.template.audiences else ""
    )
    if case.template.audience(audience) is None:
        raise bad(
            "audience.unknown", "There is no such audience in this structure. Choose one from the board."
        )
    context = header.base(case, doing.who, doing.at, "communication") | {
        "board": shown.board(case, doing.at, opened.id if opened else ""),
        "message": shown.message(case, opened, doing.who, doing.at) if opened else None,
        "draft": _first(case, audience, request) if request.GET.get("draft") and not opened else None,
    }
    return render(request, "incidents/communication.html", context)


def _first(case: casebook.Case, audience: str, request: HttpRequest) -> dict[str, Any]:
    """The form of a new message: the agreed wording, and under it what was typed in the war room."""
    form = shown.empty_form(case, audience, act(request).at) | _corrects(
        case, request.GET.get("corrects", "")
    )
    typed = request.GET.get("text", "")[:2000].strip()
    return form | ({"body": "\n\n".join(filter(None, (form["body"], typed)))} if typed else {})


def _corrects(case: casebook.Case, message_id: str) -> dict[str, Any]:
    found = case.incident.messages.get(message_id)
    return {"corrects": found.id, "corrects_headline": found.headline} if found else {}


def board_part(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, doing.at, "communication") | {
        "board": shown.board(case, doing.at, "")
    }
    return render(request, "incidents/board.html", context)


def draft(request: HttpRequest, incident_id: str) -> HttpResponse:
    """A new draft. A refusal shows the form again with everything that was typed."""
    if request.method != "POST":
        return done(request, f"/incidents/{incident_id}/communication?draft=1")
    doing = act(request)
    try:
        content = _content(request)
        _, message_id = messages.draft(doing, incident_id, content)
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _again(request, incident_id, refused)
    return done(
        request, _at(incident_id, message_id), "Draft saved.", f"draft:{incident_id}:{content.audience}"
    )


def edit(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    if request.method != "POST":
        return done(request, _at(incident_id, message_id))
    doing = act(request)
    try:
        messages.edit(
            doing, incident_id, message_id, _content(request), request.POST.get("read_hash", "")[:64]
        )
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _again(request, incident_id, refused, message_id)
    return done(request, _at(incident_id, message_id), "Saved.", f"message:{message_id}")


def _again(request: HttpRequest, incident_id: str, refused: Refused, message_id: str = "") -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    typed = shown.form(case, _typed(request))
    typed |= {
        "next_update": request.POST.get("next_update", ""),
        "errors": refused.fields,
        "refused": refused.message,
    }
    opened = case.incident.messages.get(message_id)
    if opened and refused.code == "message.changed":
        typed |= _theirs(case, opened, doing.at)
    found = shown.message(case, opened, doing.who, doing.at) | {"form": typed} if opened else None
    context = header.base(case, doing.who, doing.at, "communication") | {
        "board": shown.board(case, doing.at, message_id),
        "message": found,
        "draft": None if opened else typed,
    }
    return render(request, "incidents/communication.html", context, status=422)


def _theirs(case: casebook.Case, opened: Message, now: datetime) -> dict[str, Any]:
    """What somebody else saved meanwhile; saving again is done knowing it."""
    by = case.directory(now).name(opened.edited_by or opened.drafted_by)
    theirs = {"by": f"As {by} saved it", "headline": opened.headline, "body": sending.public_body(opened)}
    return {"theirs": theirs, "read_hash": content_hash(opened)}


@posts
def release(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    """Release exactly the text that was shown: its hash comes with the button."""
    post = request.POST
    messages.release(
        act(request),
        incident_id,
        message_id,
        post.get("hash", ""),
        post.get("break_glass", ""),
        post.get("override", ""),
    )
    return done(request, _at(incident_id, message_id), "Released. It is on its way.", f"glass:{message_id}")


@posts
def submit(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    """Hand in exactly the text that was shown."""
    approvals.submit(act(request), incident_id, message_id, request.POST.get("hash", ""))
    return done(request, _at(incident_id, message_id), "Handed in. Its reviewers are asked.")


@posts
def judge(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    post = request.POST
    step, role = post.get("step", ""), post.get("role", "")
    approvals.judge(
        act(request), incident_id, message_id, step=step, role=role, verdict=post.get("verdict", ""),
        text_hash=post.get("hash", ""), text=post.get("text", ""), ticked=tuple(post.getlist("ticked")),
    )  # fmt: skip
    return done(
        request, _at(incident_id, message_id), "Your word is on record.", f"judge:{message_id}:{step}:{role}"
    )


@posts
def pass_on(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    post = request.POST
    approvals.pass_on(
        act(request), incident_id, message_id, step=post.get("step", ""), role=post.get("role", ""),
        person=post.get("person", ""), reason=post.get("reason", ""),
    )  # fmt: skip
    return done(request, _at(incident_id, message_id), "Passed on.")


@posts
def countersign(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    post = request.POST
    approvals.countersign(
        act(request), incident_id, message_id, post.get("verdict", ""), post.get("text", "")
    )
    return done(request, _at(incident_id, message_id), "Signed.")


@posts
def drop(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    messages.drop(act(request), incident_id, message_id, request.POST.get("reason", "") or "not needed")
    return done(request, f"/incidents/{incident_id}/communication")


def _content(request: HttpRequest) -> Content:
    content = _typed(request)
    at = local_time(request.POST.get("next_update", ""), "next_update_at")
    return Content(
        content.audience, content.headline, content.body, content.customer_effect, content.action,
        None if content.final else at, content.final, content.status_word, content.components, content.pages,
        corrects=content.corrects, prompts=content.prompts,
        sender_identity=content.sender_identity, sender_person=content.sender_person,
    )  # fmt: skip


def _typed(request: HttpRequest) -> Content:
    post = request.POST
    states = {k.removeprefix("component."): v for k, v in post.items() if k.startswith("component.") and v}
    return Content(
        audience=post.get("audience", ""), headline=post.get("headline", ""), body=post.get("body", ""),
        customer_effect=post.get("customer_effect", ""), action=post.get("action", ""), final=post.get("final") == "1",
        status_word=post.get("status_word", ""), components=states, pages=tuple(post.getlist("page")),
        corrects=post.get("corrects", ""), prompts=tuple(post.getlist("prompt")),
        **voices.read(post.get("voice", "")),
    )  # fmt: skip


def _at(incident_id: str, message_id: str) -> str:
    return f"/incidents/{incident_id}/communication?message={message_id}#message"


_READ, _ACT = "incident.read", "incident.act"
_I = "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_I}communication", communication, name="communication", permission=_READ),
    route(f"{_I}parts-board", board_part, name="communication-board", permission=_READ),
    route(f"{_I}messages", draft, name="message-draft", permission=_ACT),
    route(f"{_I}messages/<str:message_id>", edit, name="message-edit", permission=_ACT),
    route(f"{_I}messages/<str:message_id>/release", release, name="message-release", permission=_ACT),
    route(f"{_I}messages/<str:message_id>/submit", submit, name="message-submit", permission=_ACT),
    route(f"{_I}messages/<str:message_id>/judge", judge, name="message-judge", permission=_ACT),
    route(f"{_I}messages/<str:message_id>/pass", pass_on, name="message-pass", permission=_ACT),
    route(
        f"{_I}messages/<str:message_id>/countersign", countersign, name="message-countersign", permission=_ACT
    ),
    route(f"{_I}messages/<str:message_id>/drop", drop, name="message-drop", permission=_ACT),
]
