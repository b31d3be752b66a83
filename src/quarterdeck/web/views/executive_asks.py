"""What executives are asked: the war room's page of it, and the page where executives answer. Each act is one POST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.executives import asks
from quarterdeck.app.response.business_rules import rules
from quarterdeck.app.visibility import must_see
from quarterdeck.core.incidents.decision_requests import LONGEST_MINUTES
from quarterdeck.core.kernel import money as amounts
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.web.acting import act, back, done, local_time, now, number, posts
from quarterdeck.web.present import asks as present
from quarterdeck.web.present import incident as header
from quarterdeck.web.routes import route

Do = Callable[[Act, str, QueryDict], object]


@require_safe
def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, at, "leadership") | present.war_room(case, doing.who, at)
    return render(request, "executives/war_room.html", context | {"currency": rules().rates.currency})


@require_safe
def answers(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Where executives answer: what is asked of them, what they may offer, and the briefings."""
    doing, at = act(request), now()
    row = must_see(doing.who, incident_id)
    context = present.panel(casebook.load(incident_id, doing.who), doing.who, at)
    return render(request, "executives/answers.html", context | {"about": row})


def _minutes(p: QueryDict) -> int:
    return number(p.get("minutes") or "30", "minutes", 1, LONGEST_MINUTES)


def _when(p: QueryDict, field: str) -> datetime:
    found = local_time(p.get(field, ""), field)
    if found is None:
        raise bad(f"{field}.missing", "Give the date and time.", **{field: "missing"})
    return found


def _decision(a: Act, i: str, p: QueryDict) -> None:
    options = list(zip(p.getlist("option"), p.getlist("consequence"), strict=False))
    best, fallback = (number(p.get(f) or "1", f, 1, 6) for f in ("recommended", "default"))
    names = [o.strip() for o, _ in options] + [""] * 6
    asks.ask_decision(
        a, i, p.get("question", ""), options, recommendation=names[best - 1], default=names[fallback - 1],
        minutes=_minutes(p),
    )  # fmt: skip


def _authorise(a: Act, i: str, p: QueryDict) -> None:
    code = amounts.code(p.get("currency") or rules().rates.currency)
    text = p.get("amount", "").strip()
    asks.authorise(
        a, i, p.get("what", ""), p.get("act", ""), minor=amounts.minor(text, code, "amount") if text else 0,
        currency=code, consequence=p.get("consequence", ""), minutes=_minutes(p),
    )  # fmt: skip


def _brief(a: Act, i: str, p: QueryDict) -> None:
    asks.send_brief(a, i, {k: p.get(k, "") for k in ("what", "whom", "doing", "help")}, _when(p, "next_at"))


def _plan(a: Act, i: str, p: QueryDict) -> None:
    every = number(p.get("every") or "0", "every", 0, 24 * 60)
    people = p.getlist("people")
    asks.plan_briefing(
        a, i, _when(p, "starts_at"), people=people, link=p.get("link", ""), every_minutes=every
    )


ACTS: dict[str, Do] = {
    "call": lambda a, i, p: asks.call_executive(a, i, p.get("reason", "")),
    "ask-help": lambda a, i, p: asks.ask_help(a, i, p.get("kind", ""), p.get("text", ""), _minutes(p)),
    "finish-help": lambda a, i, p: asks.finish_help(a, i, p.get("help", ""), p.get("note", "")),
    "take-offer": lambda a, i, p: asks.take_offer(a, i, p.get("offer", ""), _minutes(p)),
    "decline-offer": lambda a, i, p: asks.decline_offer(a, i, p.get("offer", ""), p.get("reason", "")),
    "ask-decision": _decision,
    "authorise": _authorise,
    "brief": _brief,
    "plan-briefing": _plan,
    "hold-briefing": lambda a, i, p: asks.hold_briefing(
        a, i, p.get("briefing", ""), p.get("notes", ""), p.getlist("present")
    ),
    "cancel-briefing": lambda a, i, p: asks.cancel_briefing(a, i, p.get("briefing", ""), p.get("reason", "")),
}
ANSWERS: dict[str, Do] = {
    "accept": lambda a, i, p: asks.accept_help(a, i, p.get("help", ""), p.get("note", "")),
    "decline": lambda a, i, p: asks.decline_help(a, i, p.get("help", ""), p.get("note", "")),
    "finish": lambda a, i, p: asks.finish_help(a, i, p.get("help", ""), p.get("note", "")),
    "offer": lambda a, i, p: asks.offer(a, i, p.get("kind", ""), p.get("text", "")),
    "decide": lambda a, i, p: asks.answer_decision(
        a, i, p.get("request", ""), p.get("chosen", ""), p.get("note", "")
    ),
}


@posts
def do(request: HttpRequest, incident_id: str, name: str) -> HttpResponse:
    return _done(request, ACTS, incident_id, name, f"/incidents/{incident_id}/leadership", "leadership")


@posts
def reply(request: HttpRequest, incident_id: str, name: str) -> HttpResponse:
    page = back(request, f"/briefs/{incident_id}/asks")
    return _done(request, ANSWERS, incident_id, name, page, "asks")


def _done(
    request: HttpRequest, acts: dict[str, Do], incident_id: str, name: str, url: str, kept: str
) -> HttpResponse:
    found = acts.get(name)
    if found is None:
        raise missing("act.unknown", "There is no such act. Reload the page and try again.")
    found(act(request), incident_id, request.POST)
    return done(request, url, saved=f"{kept}:{incident_id}:{name}")


ROUTES = [
    route(
        "incidents/<str:incident_id>/leadership", page, name="incident-leadership", permission="incident.read"
    ),
    route(
        "incidents/<str:incident_id>/leadership/acts/<str:name>",
        do,
        name="incident-leadership-act",
        permission="incident.act",
    ),
    route("briefs/<str:incident_id>/asks", answers, name="brief-asks", permission="brief.read"),
    route(
        "briefs/<str:incident_id>/asks/acts/<str:name>",
        reply,
        name="brief-asks-act",
        permission="executive.act",
    ),
]
