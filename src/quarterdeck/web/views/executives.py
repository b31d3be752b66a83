"""The executive page: the brief, questions, guidance, the dialog of command. And the acts of the executive liaison."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.comms import consents
from quarterdeck.app.executives import executive_channel, executives
from quarterdeck.app.incidents import bridging, command, spending_up
from quarterdeck.core.kernel.moments import text as iso
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.web.acting import act, back, done, now, posts
from quarterdeck.web.present import executive_roster
from quarterdeck.web.present import executives as shown
from quarterdeck.web.routes import route


@require_safe
def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    return _page(request, incident_id)


def _page(request: HttpRequest, incident_id: str, status: int = 200, **more: Any) -> HttpResponse:
    doing = act(request)
    case = executives.load(doing, incident_id)
    context = shown.page(case, doing.who, now()) | {"given": {}, "form": ""} | more
    context["room"] = executive_channel.of(incident_id) if context.get("work") else None
    context["names"] = consents.waiting(doing.who, incident_id)
    context["training"] = executive_roster.mine(doing.person, now())
    return render(request, "executive/page.html", context, status=status)


def tried(request: HttpRequest, incident_id: str, form: str, do: Any) -> HttpResponse:
    """The act, and then the page; what was typed stays on it when the act is refused."""
    if request.method != "POST":
        return _page(request, incident_id)
    try:
        said = do()
    except Refused as refused:
        if refused.kind == "missing":
            raise
        return _page(request, incident_id, 422, refused=refused, given=request.POST.dict(), form=form)
    forget = "" if "keep" in request.POST else f"{form}:{incident_id}"
    return done(request, f"/briefs/{incident_id}#{form}", said, forget)


def ask(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST

    def do() -> str:
        asked = executives.ask(
            act(request), incident_id, post.get("text", ""), critical="critical" in post,
            reason=post.get("reason", ""),
        )  # fmt: skip
        if asked.question.kind == "status":
            return _("Answered below with the latest brief. Nobody was disturbed.")
        if asked.question.state == "held":
            return _("It is delivered when the quiet period ends.")
        return _("The executive liaison has it.")

    return tried(request, incident_id, "questions", do)


def guide(request: HttpRequest, incident_id: str) -> HttpResponse:
    def do() -> str:
        executives.guide(
            act(request), incident_id, request.POST.get("kind", ""), request.POST.get("text", "")
        )
        return _("The commander has it, and accepts or declines it with a reason.")

    return tried(request, incident_id, "guidance", do)


def note(request: HttpRequest, incident_id: str) -> HttpResponse:
    def do() -> str:
        about, _colon, decision = request.POST.get("about", "").partition(":")
        executives.note(act(request), incident_id, about, request.POST.get("text", ""), decision)
        return _("It is kept for the review. Nothing changes now.")

    return tried(request, incident_id, "note", do)


def take_command(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Yes or no to "Do you wish to take command?"."""
    post = request.POST

    def do() -> str:
        match post.get("answer"):
            case "yes":
                executives.take_command(act(request), incident_id, post.get("text", ""), "understood" in post)
                return _("The commander is told to brief you. Until command passes it is theirs.")
            case "no":
                executives.leave_command(act(request), incident_id, post.get("text", ""))
                return _("Your note is in the queue of the executive liaison.")
        message = _("Answer yes or no.")
        raise bad("answer.unknown", message, answer=message)

    return tried(request, incident_id, "command", do)


def briefed(request: HttpRequest, incident_id: str) -> HttpResponse:
    """What the successor was told, in their words, where the commander has not written it down."""
    post = request.POST

    def do() -> str:
        command.brief_handover(act(request), incident_id, post.get("handover", ""), post.get("text", ""))
        return _("You are briefed. Say that you have command, and it is yours.")

    return tried(request, incident_id, "briefed", do)


def effective(request: HttpRequest, incident_id: str) -> HttpResponse:
    """I have command: the last step of the handover, once they are briefed."""

    def do() -> str:
        command.make_effective(act(request), incident_id, request.POST.get("handover", ""))
        return _("You command this incident.")

    return tried(request, incident_id, "command", do)


def spend(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Yes or no to what costs more than the response may spend by itself."""
    post = request.POST

    def do() -> str:
        spending_up.decide(
            act(request), incident_id, post.get("request", ""), post.get("answer") == "approve",
            post.get("reason", ""),
        )  # fmt: skip
        return _("They are told.")

    return tried(request, incident_id, "spend", do)


@require_safe
def export(request: HttpRequest, incident_id: str) -> HttpResponse:
    """The page as Markdown, to be passed on: no names in it (X-21)."""
    doing = act(request)
    case = executives.load(doing, incident_id)
    context = shown.page(case, doing.who, now()) | {"reviewed": shown.reviewed(case, now())}
    context |= {"made_at": iso(now()), "count": executives.count(case.incident)}
    answer = render(request, "executive/export.md", context, content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{incident_id}-brief.md"'
    return answer


# -- by the executive liaison and the commander, in the war room


def desk_part(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    context = {
        "incident": {"id": incident_id, "url": f"/incidents/{incident_id}"},
        "executives": shown.desk(case, doing.who, now()),
    }
    return render(request, "executive/desk.html", context)


@posts
def answer(request: HttpRequest, incident_id: str, question_id: str) -> HttpResponse:
    post, doing = request.POST, act(request)
    match post.get("state", ""):
        case "merge":
            executives.merge(doing, incident_id, question_id, post.get("into", ""))
        case "pass_on":
            executives.pass_on(doing, incident_id, question_id, post.get("person", ""), post.get("text", ""))
        case state:
            executives.answer(doing, incident_id, question_id, state, post.get("text", ""))
    return done(request, _room(request, incident_id), _("Done."), f"exq:{question_id}")


@posts
def answer_guidance(request: HttpRequest, incident_id: str, guidance_id: str) -> HttpResponse:
    said = request.POST
    executives.answer_guidance(
        act(request), incident_id, guidance_id, said.get("answer") == "accept", said.get("reason", "")
    )
    return done(request, _room(request, incident_id), _("Done."), f"exg:{guidance_id}")


@posts
def crossed(request: HttpRequest, incident_id: str) -> HttpResponse:
    said = request.POST
    executives.off_channel(act(request), incident_id, said.get("what", ""), said.get("quote", ""))
    return done(request, _room(request, incident_id), _("Written down."), f"exo:{incident_id}")


@posts
def name_liaison(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Who bridges to executives from now on; the first who could where nobody is named."""
    bridging.fill(act(request), incident_id, request.POST.get("person", ""))
    return done(request, _room(request, incident_id), _("They are told."))


def _room(request: HttpRequest, incident_id: str) -> str:
    return back(request, f"/incidents/{incident_id}")


_READ, _ASK, _ACT = "brief.read", "executive.act", "incident.act"
_PAGE, _ROOM = "briefs/<str:incident_id>", "incidents/<str:incident_id>/executives"
ROUTES = [
    route(_PAGE, page, name="brief", permission=_READ),
    route(f"{_PAGE}/export.md", export, name="brief-export", permission=_READ),
    route(f"{_PAGE}/questions", ask, name="brief-ask", permission=_ASK),
    route(f"{_PAGE}/guidance", guide, name="brief-guidance", permission=_ASK),
    route(f"{_PAGE}/spend", spend, name="brief-spend", permission=_ASK),
    route(f"{_PAGE}/notes", note, name="brief-note", permission=_ASK),
    route(f"{_PAGE}/command", take_command, name="brief-command", permission=_ASK),
    route(f"{_PAGE}/command/briefed", briefed, name="brief-command-briefed", permission=_ASK),
    route(f"{_PAGE}/command/effective", effective, name="brief-command-effective", permission=_ASK),
    route(_ROOM, desk_part, name="incident-executives", permission="incident.read"),
    route(f"{_ROOM}/liaison", name_liaison, name="incident-exec-liaison", permission=_ACT),
    route(f"{_ROOM}/boundary", crossed, name="incident-boundary", permission=_ACT),
    route(f"{_ROOM}/questions/<str:question_id>", answer, name="incident-exec-answer", permission=_ACT),
    route(f"{_ROOM}/guidance/<str:guidance_id>", answer_guidance, name="incident-guidance", permission=_ACT),
]
