"""The inquiry desk and the page of staff questions. What somebody may do is decided in `app`."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.desk import customer_escalations as issues
from quarterdeck.app.desk import inquiries, inquiry_answers
from quarterdeck.core.access import may
from quarterdeck.core.incidents import inquiries as core
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, back, done, local_time, posts
from quarterdeck.web.present import inquiries as shown
from quarterdeck.web.routes import route

_FIELDS = (
    "question",
    "kind",
    "channel",
    "incident_id",
    "tier",
    "customer",
    "contact",
    "outlet",
    "topic",
    "sentiment",
)


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    return render(request, "desk/list.html", shown.desk(request.GET, doing.who, doing.at) | {"tab": "desk"})


def new(request: HttpRequest) -> HttpResponse:
    """A refusal keeps what was typed."""
    doing, refused = act(request), None
    typed = {name: request.POST.get(name, "") for name in (*_FIELDS, "deadline")}
    if request.method == "POST":
        try:
            said = {name: typed[name] for name in _FIELDS}
            made = inquiries.take(
                doing, inquiries.Asked(**said, deadline=local_time(typed["deadline"], "deadline"))
            )
        except Refused as it:
            if it.kind == "forbidden":
                raise
            refused = it
        else:
            return done(request, f"/inquiries/{made.id}", "It stands on the desk.", "inquiry:new")
    else:
        typed |= {"kind": "customer", "channel": "email", "incident_id": request.GET.get("incident", "")}
    context = {
        "typed": typed, "refused": refused, "kinds": core.KINDS.items(), "channels": list(core.CHANNELS.items()),
        "tiers": core.TIERS.items(), "sentiments": core.SENTIMENTS.items(), "incidents": shown.incidents(doing.who),
    }  # fmt: skip
    return render(request, "desk/new.html", context, status=422 if refused else 200)


@posts
def bulk(request: HttpRequest) -> HttpResponse:
    doing, ids, said = act(request), request.POST.getlist("ids"), request.POST
    match said.get("act", ""):
        case "assign":
            inquiries.assign(doing, ids, said.get("owner", ""))
        case "mine":
            inquiries.assign(doing, ids, doing.person)
        case "link":
            inquiries.link(doing, ids, said.get("incident", ""))
        case "follow_up":
            inquiries.follow_up(doing, ids, said.get("follow_up", ""))
        case _:
            inquiries.close(doing, ids, said.get("reason", ""))
    return done(request, back(request, "/inquiries"), "Done.")


def detail(request: HttpRequest, inquiry_id: str) -> HttpResponse:
    return _page(request, inquiry_id)


def _page(request: HttpRequest, inquiry_id: str, refused: Refused | None = None) -> HttpResponse:
    doing = act(request)
    context = shown.detail(inquiries.find(inquiry_id, doing.who), doing)
    context |= {"refused": refused, "typed": request.POST}
    return render(request, "desk/inquiry.html", context, status=422 if refused else 200)


def _acting(change: Callable[[HttpRequest, str], str]) -> Callable[[HttpRequest, str], HttpResponse]:
    """A form of one inquiry: a refusal shows the page again with what was typed."""

    def view(request: HttpRequest, inquiry_id: str) -> HttpResponse:
        if request.method != "POST":
            return done(request, f"/inquiries/{inquiry_id}")
        try:
            told = change(request, inquiry_id)
        except Refused as refused:
            if refused.kind in ("missing", "forbidden"):
                raise
            return _page(request, inquiry_id, refused)
        return done(request, f"/inquiries/{inquiry_id}", told)

    return view


def _answer(request: HttpRequest, inquiry_id: str) -> str:
    said = request.POST
    inquiry_answers.answer(
        act(request), inquiry_id, message_id=said.get("message_id", ""), text=said.get("text", ""),
        link=said.get("link", ""), anyway=bool(said.get("anyway")), publish=bool(said.get("publish")),
    )  # fmt: skip
    return "Answered and logged."


def _escalate(request: HttpRequest, inquiry_id: str) -> str:
    said = request.POST
    issues.raise_issue(
        act(request), inquiry_id, target=said.get("target", ""), priority=said.get("priority", ""),
        reason=said.get("reason", ""),
    )  # fmt: skip
    return "They are being paged."


def _outcome(request: HttpRequest, inquiry_id: str) -> str:
    made = issues.escalations(act(request).who).filter(inquiry_id=inquiry_id, closed_at=None).first()
    issues.close(act(request), made.id if made else "", request.POST.get("outcome", ""))
    return "Closed; the inquiry is back for its answer."


def _change(request: HttpRequest, inquiry_id: str) -> str:
    said, doing = request.POST, act(request)
    row = inquiries.change(
        doing, inquiry_id, incident_id=said.get("incident_id", ""), sentiment=said.get("sentiment", ""),
        tier=said.get("tier", ""), deadline=local_time(said.get("deadline", ""), "deadline"),
    )  # fmt: skip
    if said.get("owner", "") != row.owner:
        inquiries.assign(doing, [inquiry_id], said.get("owner", ""))
    if said.get("follow_up", "") != row.follow_up:
        inquiries.follow_up(doing, [inquiry_id], said.get("follow_up", ""))
    return "Saved."


def _close(request: HttpRequest, inquiry_id: str) -> str:
    if request.POST.get("reopen"):
        inquiries.reopen(act(request), inquiry_id)
        return "It is open again."
    inquiries.close(act(request), [inquiry_id], request.POST.get("reason", ""))
    return "Closed."


def questions(request: HttpRequest) -> HttpResponse:
    """What staff asked and was answered; everybody inside may ask."""
    doing, refused = act(request), None
    if request.method == "POST":
        try:
            inquiries.ask(doing, request.POST.get("question", ""))
        except Refused as it:
            refused = it
        else:
            return done(request, "/questions", "Your question waits on the desk.", "question")
    mine = models.Inquiry.objects.filter(kind="staff", created_by=doing.person, state__in=core.OPEN_STATES)
    context = {
        "tab": "questions", "faq": inquiry_answers.staff_questions(doing),
        "mine": list(inquiries.inquiries(doing.who).filter(id__in=mine.values("id")).order_by("-asked_at")[:20]),
        "refused": refused, "typed": request.POST.get("question", ""), "may_read": may(doing.who, "incident.read"),
        "may_work": may(doing.who, inquiries.WORK),
    }  # fmt: skip
    return render(request, "desk/questions.html", context, status=422 if refused else 200)


@posts
def withdraw(request: HttpRequest, entry_id: str) -> HttpResponse:
    inquiry_answers.withdraw(act(request), entry_id)
    return done(request, "/questions", "It is off the page.")


_READ, _WORK = "incident.read", inquiries.WORK
ROUTES = [
    route("inquiries", desk, name="inquiries", permission=_READ),
    route("inquiries/new", new, name="inquiry-new", permission=_WORK),
    route("inquiries/bulk", bulk, name="inquiries-bulk", permission=_WORK),
    route("inquiries/<str:inquiry_id>", detail, name="inquiry", permission=_READ),
    route("inquiries/<str:inquiry_id>/answer", _acting(_answer), name="inquiry-answer", permission=_WORK),
    route(
        "inquiries/<str:inquiry_id>/escalate", _acting(_escalate), name="inquiry-escalate", permission=_WORK
    ),
    route("inquiries/<str:inquiry_id>/outcome", _acting(_outcome), name="inquiry-outcome", permission=_WORK),
    route("inquiries/<str:inquiry_id>/change", _acting(_change), name="inquiry-change", permission=_WORK),
    route("inquiries/<str:inquiry_id>/close", _acting(_close), name="inquiry-close", permission=_WORK),
    route("questions", questions, name="questions", permission=inquiries.ASK),
    route("questions/<str:entry_id>/withdraw", withdraw, name="question-withdraw", permission=_WORK),
]
