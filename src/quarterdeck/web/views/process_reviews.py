"""Process reviews and who owns the process, and the feedback box of every document."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.learning import feedback, process
from quarterdeck.core.kernel.refused import bad
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.present import process as shown
from quarterdeck.web.routes import route

_AT = "/prevention/process"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    return render(request, "prevention/process.html", shown.reviews(doing.who, request.GET.dict(), doing.at))


@require_safe
def detail(request: HttpRequest, review_id: str) -> HttpResponse:
    doing = act(request)
    context = shown.review(process.find(review_id, doing.who), doing.who, doing.at)
    return render(request, "prevention/process_review.html", context)


@posts
def start(request: HttpRequest) -> HttpResponse:
    said = request.POST
    made = process.start(
        act(request),
        said.get("subject", ""),
        said.get("owner", ""),
        said.get("due_on", ""),
        said.get("team", ""),
    )
    return done(request, f"{_AT}/{made.id}", "It is open.", "process:new")


@posts
def set_owner(request: HttpRequest) -> HttpResponse:
    owner = request.POST.get("owner", "")
    process.set_owner(act(request), owner, request.POST.get("team", ""))
    said = "Kept: each quarter ends with a review." if owner else "Kept: nobody owns the process there."
    return done(request, _AT, said)


@posts
def finding(request: HttpRequest, review_id: str) -> HttpResponse:
    process.add_finding(act(request), review_id, request.POST.get("text", ""))
    return done(request, f"{_AT}/{review_id}", "Kept.", f"process-finding:{review_id}")


@posts
def change(request: HttpRequest, review_id: str) -> HttpResponse:
    template, _, version = request.POST.get("version", "").rpartition(" ")
    if not template:
        raise bad("version.missing", "Choose the version that came of it.", version="Choose one.")
    process.link_change(
        act(request), review_id, template, number(version, "version", 1), request.POST.get("note", "")
    )
    return done(request, f"{_AT}/{review_id}", "Linked.", f"process-change:{review_id}")


@posts
def hand_on(request: HttpRequest, review_id: str) -> HttpResponse:
    process.hand_on(act(request), review_id, request.POST.get("owner", ""), request.POST.get("due_on", ""))
    return done(request, f"{_AT}/{review_id}", "Saved.")


@posts
def close(request: HttpRequest, review_id: str) -> HttpResponse:
    process.close(act(request), review_id, request.POST.get("summary", ""))
    return done(request, f"{_AT}/{review_id}", "It is done.", f"process-close:{review_id}")


@posts
def give(request: HttpRequest) -> HttpResponse:
    doing, said = act(request), request.POST
    row = feedback.give(doing, said.get("kind", ""), said.get("subject", ""), said.get("text", ""))
    at = feedback.path_of(row.kind, row.subject, doing.who)
    return done(
        request,
        f"{at}#feedback",
        "Thank you. Whoever owns it reads it.",
        f"feedback:{row.kind}:{row.subject}",
    )


@posts
def answer(request: HttpRequest, feedback_id: str) -> HttpResponse:
    doing = act(request)
    row = feedback.answer(doing, feedback_id, request.POST.get("answer", ""))
    return done(request, f"{feedback.path_of(row.kind, row.subject, doing.who)}#feedback", "Answered.")


@posts
def put_forward(request: HttpRequest, feedback_id: str) -> HttpResponse:
    doing = act(request)
    row = feedback.put_forward(doing, feedback_id)
    said = (
        "It is a finding of the process review now."
        if row.review
        else "It goes into the next process review."
    )
    return done(request, f"{feedback.path_of(row.kind, row.subject, doing.who)}#feedback", said)


_READ, _WORD = "review.read", "report.write"
ROUTES = [
    route("prevention/process", index, name="process", permission=_READ),
    route("prevention/process/new", start, name="process-new", permission="review.edit"),
    route("prevention/process/owner", set_owner, name="process-owner", permission="settings.edit"),
    route("prevention/process/<str:review_id>", detail, name="process-review", permission=_READ),
    route("prevention/process/<str:review_id>/findings", finding, name="process-finding", permission=_READ),
    route("prevention/process/<str:review_id>/changes", change, name="process-change", permission=_READ),
    route("prevention/process/<str:review_id>/owner", hand_on, name="process-hand-on", permission=_READ),
    route("prevention/process/<str:review_id>/summary", close, name="process-close", permission=_READ),
    route("feedback", give, name="feedback", permission=_WORD),
    route("feedback/<str:feedback_id>/answer", answer, name="feedback-answer", permission=_WORD),
    route("feedback/<str:feedback_id>/finding", put_forward, name="feedback-finding", permission=_WORD),
]
