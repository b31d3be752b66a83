"""The quiz of the training for executive duty: a page with its questions, and what one's answers came to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from quarterdeck.app.executives import executive_quiz as acts
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, now
from quarterdeck.web.routes import route

HERE = "/executive-quiz"


def page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    given = {k.removeprefix("q-"): v for k, v in request.POST.items() if k.startswith("q-")}
    answers = {k: int(v) for k, v in given.items() if v.isascii() and v.isdigit() and len(v) < 3}
    version = request.POST.get("version", "")
    try:
        whole = int(version) if version.isascii() and version.isdigit() and len(version) < 7 else 0
        row, marked = acts.take(act(request), whole, answers)
    except Refused as refused:
        return _page(request, 422 if refused.kind == "bad" else 409, refused=refused, chosen=answers)
    if marked.passed:
        return done(request, HERE, _("Passed."), "executive-quiz")
    return _page(request, row=row, chosen=answers, wrong=marked.wrong)


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    found, person, chosen = acts.quiz(), act(request).person, more.get("chosen", {})
    context = {
        "quiz": found,
        "passed_at": acts.passed([person], now()).get(person),
        "attempts": acts.attempts(person)[:10],
        "questions": [
            {
                "key": q.key, "text": q.text, "why": q.why if q.key in more.get("wrong", ()) else "",
                "wrong": q.key in more.get("wrong", ()),
                "answers": [(n, text, chosen.get(q.key) == n) for n, text in enumerate(q.answers, 1)],
            }
            for q in found.questions
        ],
    }  # fmt: skip
    return render(request, "executive/quiz.html", context | more, status=status)


ROUTES = [route("executive-quiz", page, name="executive-quiz", permission="brief.read")]
