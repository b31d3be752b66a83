"""Problems: the list, one of them with its acts, and the handoff of an incident. What somebody may do is decided in
`app`.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.learning import problems
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, now
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import problems as shown
from quarterdeck.web.routes import route


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = shown.listing(act(request).who, request.GET.get("show", "open"), now())
    return render(request, "problems/list.html", context)


def detail(request: HttpRequest, problem_id: str) -> HttpResponse:
    """POST changes it; a refusal shows the form again with what was typed."""
    doing, said = act(request), request.POST
    context = shown.detail(problems.find(problem_id, doing.who), doing.who, now())
    if request.method != "POST":
        return render(request, "problems/problem.html", context)
    typed = {k: said.get(k, "") for k in ("title", "owner", "fix_on", "tracker_url", "note")}
    try:
        problems.change(doing, problem_id, **typed)
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return render(
            request, "problems/problem.html", context | {"refused": refused, "typed": typed}, status=422
        )
    return done(request, f"/problems/{problem_id}", "Saved.", f"problem:{problem_id}")


def move(request: HttpRequest, problem_id: str) -> HttpResponse:
    doing, said = act(request), request.POST
    context = shown.detail(problems.find(problem_id, doing.who), doing.who, now())
    if request.method == "POST":
        try:
            problems.move(doing, problem_id, said.get("state", ""), said.get("note", ""))
        except Refused as refused:
            if refused.kind in ("missing", "forbidden"):
                raise
            context |= {
                "move_refused": refused,
                "moved": {"state": said.get("state"), "note": said.get("note")},
            }
            return render(request, "problems/problem.html", context, status=422)
    return done(request, f"/problems/{problem_id}", "Kept." if request.method == "POST" else "")


def handoff(request: HttpRequest, incident_id: str) -> HttpResponse:
    """The checklist, and handing over once it is met. A refusal keeps what was typed."""
    doing, at, said = act(request), now(), request.POST
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, at, "problem") | shown.handoff(case, doing.who, at)
    if request.method != "POST":
        return render(request, "problems/handoff.html", context | {"typed": context["suggested"]})
    fields = ("title", "owner", "fix_on", "tracker_url", "problem_id")
    typed = {k: said.get(k, "") for k in fields}
    try:
        made = problems.hand_over(doing, incident_id, **typed)
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return render(
            request, "problems/handoff.html", context | {"refused": refused, "typed": typed}, status=422
        )
    return done(request, f"/problems/{made.id}", "It is with problem management.", f"handoff:{incident_id}")


_READ = "incident.read"
ROUTES = [
    route("problems", index, name="problems", permission=_READ),
    route("problems/<str:problem_id>", detail, name="problem", permission=_READ),
    route("problems/<str:problem_id>/state", move, name="problem-state", permission=_READ),
    route("incidents/<str:incident_id>/problem", handoff, name="incident-problem", permission=_READ),
]
