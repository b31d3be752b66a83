"""The technical page of an incident: supposed causes, findings, repairs, options, polls, runbook steps. Each act is one
POST; what is refused goes back to the page with its reason.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.incidents import crew, decisions
from quarterdeck.app.technical import technical as acts
from quarterdeck.core.incidents.choices import Option, Work
from quarterdeck.core.kernel.refused import bad
from quarterdeck.web.acting import act, done, now, number, posts
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import technical as present
from quarterdeck.web.routes import route

from .war_room import people

# How many options and tasks a form without script offers.
ROWS = range(1, 5)


@require_safe
def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, at, "technical") | present.page(case, doing.who, at)
    context |= {"rows": ROWS, "people": people(case, at, doing.who) if context["may"]["act"] else []}
    return render(request, "incidents/technical/page.html", context)


@posts
def hypothesis_new(request: HttpRequest, incident_id: str) -> HttpResponse:
    crew.state_hypothesis(
        act(request), incident_id, request.POST.get("text", ""), request.POST.get("owner", "")
    )
    return done(request, _at(incident_id, "causes"), "Written.", f"cause:{incident_id}")


@posts
def hypothesis(request: HttpRequest, incident_id: str, hypothesis_id: str, step: str) -> HttpResponse:
    doing, post = act(request), request.POST
    match step:
        case "judge":
            crew.judge_hypothesis(
                doing, incident_id, hypothesis_id, post.get("state", ""), post.get("evidence", "")
            )
        case "evidence":
            acts.add_evidence(
                doing, incident_id, hypothesis_id, post.get("text", ""), url=post.get("url", ""),
                file=post.get("file", ""), speaks=post.get("speaks", "neutral"),
            )  # fmt: skip
        case "owner":
            acts.pass_hypothesis(doing, incident_id, hypothesis_id, post.get("owner") or doing.person)
        case _:
            raise bad("hypothesis.step", "Choose judge, evidence or owner.")
    return done(request, _at(incident_id, "causes"), "Saved.", f"cause-{step}:{hypothesis_id}")


@posts
def finding(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    acts.report_finding(
        act(request), incident_id, post.get("fact", ""), confidence=post.get("confidence", "medium"),
        evidence=post.get("evidence", ""), url=post.get("url", ""), hypothesis=post.get("hypothesis", ""),
    )  # fmt: skip
    return done(request, _at(incident_id, "findings"), "Reported.", f"finding:{incident_id}")


@posts
def repair_new(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    acts.propose(
        act(request), incident_id, post.get("title", ""), post.get("plan", ""), post.get("risk", ""),
        post.get("assignee", ""), number(post.get("minutes"), "minutes", 1, 1440),
        rollback=post.get("rollback", ""), kind=post.get("kind", "fix"),
    )  # fmt: skip
    return done(request, _at(incident_id, "repairs"), "Proposed.", f"repair:{incident_id}")


@posts
def repair(request: HttpRequest, incident_id: str, remediation_id: str, step: str) -> HttpResponse:
    doing, post = act(request), request.POST
    match step:
        case "approve":
            acts.approve(doing, incident_id, remediation_id, post.get("reason", ""))
        case "refuse":
            acts.refuse(doing, incident_id, remediation_id, post.get("reason", ""))
        case "start":
            acts.start(doing, incident_id, remediation_id)
        case "end":
            acts.end(doing, incident_id, remediation_id, post.get("outcome", ""), post.get("result", ""))
        case "withdraw":
            acts.withdraw(doing, incident_id, remediation_id, post.get("reason", ""))
        case "change":
            acts.change(
                doing, incident_id, remediation_id, post.get("title", ""), post.get("plan", ""), post.get("risk", ""),
                post.get("assignee", ""), number(post.get("minutes"), "minutes", 1, 1440),
                rollback=post.get("rollback", ""), kind=post.get("kind", "fix"),
            )  # fmt: skip
        case _:
            raise bad("repair.step", "Choose approve, refuse, start, end, withdraw or change.")
    return done(request, _at(incident_id, "repairs"), "Saved.", f"repair-{step}:{remediation_id}")


@posts
def choice_new(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    options = [
        Option(post.get(f"option{n}", ""), post.get(f"risk{n}", ""), post.get(f"effect{n}", "")) for n in ROWS
    ]
    decisions.open_choice(act(request), incident_id, post.get("question", ""), options)
    return done(request, _at(incident_id, "options"), "The options are laid out.", f"choice:{incident_id}")


@posts
def choice(request: HttpRequest, incident_id: str, choice_id: str, step: str) -> HttpResponse:
    doing, post = act(request), request.POST
    if step == "drop":
        decisions.drop_choice(doing, incident_id, choice_id)
        return done(request, _at(incident_id, "options"))
    if step != "choose":
        raise bad("choice.step", "Choose an option, or drop the question.")
    work = [
        Work("", post.get(f"task{n}", ""), post.get(f"assignee{n}", ""),
             number(post.get(f"minutes{n}") or "0", "minutes", 0, 1440))
        for n in ROWS
        if post.get(f"task{n}", "").strip()
    ]  # fmt: skip
    decisions.choose(
        doing, incident_id, choice_id, post.get("chosen", ""), reason=post.get("reason", ""),
        objections=post.get("objections", ""), work=work,
    )  # fmt: skip
    said = f"Decided; {len(work)} given out." if work else "Decided."
    return done(request, _at(incident_id, "options"), said, f"choose:{choice_id}")


@posts
def poll_new(request: HttpRequest, incident_id: str) -> HttpResponse:
    minutes = number(request.POST.get("minutes"), "minutes", 1, 120)
    decisions.open_poll(act(request), incident_id, request.POST.get("proposal", ""), minutes)
    return done(
        request,
        _at(incident_id, "polls"),
        "Asked. Silence decides when the time is over.",
        f"poll:{incident_id}",
    )


@posts
def poll(request: HttpRequest, incident_id: str, poll_id: str, step: str) -> HttpResponse:
    doing = act(request)
    if step == "object":
        decisions.raise_objection(doing, incident_id, poll_id, request.POST.get("text", ""))
        return done(request, _at(incident_id, "polls"), "Your objection stops it.", f"object:{poll_id}")
    if step != "withdraw":
        raise bad("poll.step", "Choose object or withdraw.")
    decisions.withdraw_poll(doing, incident_id, poll_id)
    return done(request, _at(incident_id, "polls"))


@posts
def standing(request: HttpRequest, incident_id: str, step: str) -> HttpResponse:
    """The commander calls it a day, or takes the work up again."""
    doing, reason = act(request), request.POST.get("reason", "")
    if step == "down":
        decisions.stand_team_down(doing, incident_id, reason)
        return done(request, _at(incident_id, "standing"), "The team stands down. No clock runs.")
    if step != "to":
        raise bad("standing.step", "Choose down or to.")
    decisions.stand_team_to(doing, incident_id, reason)
    return done(request, _at(incident_id, "standing"), "The work goes on.")


@posts
def step_new(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    acts.record_step(
        act(request), incident_id, post.get("runbook", ""), post.get("step", ""), outcome=post.get("outcome", ""),
        result=post.get("result", ""), workstream_id=post.get("workstream", ""),
    )  # fmt: skip
    return done(request, _at(incident_id, "steps"), "Recorded.", f"step:{incident_id}")


@posts
def channel(request: HttpRequest, incident_id: str) -> HttpResponse:
    acts.set_channel(act(request), incident_id, request.POST.get("url", ""))
    return done(request, _at(incident_id, ""), "Saved.", f"channel:{incident_id}")


@posts
def task_word(request: HttpRequest, incident_id: str, task_id: str) -> HttpResponse:
    """A question or an answer on a task."""
    asks = request.POST.get("asks") == "1"
    acts.say_on_task(act(request), incident_id, task_id, request.POST.get("text", ""), asks=asks)
    return done(request, f"/incidents/{incident_id}/tasks", saved=f"word:{task_id}")


def _at(incident_id: str, part: str) -> str:
    return f"/incidents/{incident_id}/technical" + (f"#{part}" if part else "")


_ACT, _ROOT = "incident.act", "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_ROOT}technical", page, name="incident-technical", permission="incident.read"),
    route(f"{_ROOT}hypotheses", hypothesis_new, name="incident-hypothesis-new", permission=_ACT),
    route(
        f"{_ROOT}hypotheses/<str:hypothesis_id>/<str:step>", hypothesis, name="incident-hypothesis",
        permission=_ACT,
    ),
    route(f"{_ROOT}findings", finding, name="incident-finding", permission=_ACT),
    route(f"{_ROOT}repairs", repair_new, name="incident-repair-new", permission=_ACT),
    route(f"{_ROOT}repairs/<str:remediation_id>/<str:step>", repair, name="incident-repair", permission=_ACT),
    route(f"{_ROOT}choices", choice_new, name="incident-choice-new", permission=_ACT),
    route(f"{_ROOT}choices/<str:choice_id>/<str:step>", choice, name="incident-choice", permission=_ACT),
    route(f"{_ROOT}polls", poll_new, name="incident-poll-new", permission=_ACT),
    route(f"{_ROOT}polls/<str:poll_id>/<str:step>", poll, name="incident-poll", permission=_ACT),
    route(f"{_ROOT}standing/<str:step>", standing, name="incident-standing", permission=_ACT),
    route(f"{_ROOT}runbook-steps", step_new, name="incident-step-new", permission=_ACT),
    route(f"{_ROOT}technical-channel", channel, name="incident-channel", permission=_ACT),
    route(f"{_ROOT}task-words/<str:task_id>", task_word, name="incident-task-word", permission=_ACT),
]  # fmt: skip
