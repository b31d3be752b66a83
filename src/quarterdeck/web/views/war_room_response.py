"""The page of a business response, on both of its sides, and its acts: each act is one POST by its name."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.response import response, severe, standby_liaison
from quarterdeck.core.incidents.response import SME
from quarterdeck.core.kernel.refused import missing
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import response as present
from quarterdeck.web.routes import route

# What is said after an act, "" for the usual word; and where the page opens.
Do = Callable[[Act, str, QueryDict], str]


def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, at, "response") | {"response": present.page(case, doing.who, at)}
    return render(request, "incidents/response/page.html", context)


def _rate(a: Act, i: str, p: QueryDict) -> str:
    given = {name: p.get(name, "") for name in ("visibility", "impact", "duration", "confidence", "note")}
    rating = severe.rate(a, i, **given).incident.response.rating
    return f"The score is {rating.score}; the threshold is {rating.threshold}." if rating else ""


def _recommend(a: Act, i: str, p: QueryDict) -> str:
    severe.recommend(a, i, p.get("reason", ""))
    return "Your advice is on record; the commander decides."


def _escalate(a: Act, i: str, p: QueryDict) -> str:
    made = severe.escalate(a, i, p.get("reason", ""), p.get("lead", ""), p.get("standby", ""))
    return f"{made.incident.key} is the business response. Its lead is being called."


def _called(found: response.Called) -> str:
    said = [f"Called for {len(found.called)} roles." if len(found.called) != 1 else "Called for one role."]
    if found.nobody:
        said.append(f"Nobody is set for {len(found.nobody)}; assign somebody.")
    return " ".join(said)


def _force(a: Act, i: str, p: QueryDict) -> str:
    standby_liaison.force(a, i, p.get("handover", ""), p.get("reason", ""))
    return ""


def _standby(a: Act, i: str, p: QueryDict) -> str:
    standby_liaison.name_standby(a, i, p.get("person", ""))
    return "They are asked to take the role."


def _step(a: Act, i: str, p: QueryDict) -> str:
    response.set_step(a, i, p.get("step", ""), p.get("reason", ""), p.get("override_reason", ""))
    return ""


def _said(do: Callable[[Act, str, QueryDict], object]) -> Do:
    """An act that needs no word of its own."""

    def doing(a: Act, i: str, p: QueryDict) -> str:
        do(a, i, p)
        return ""

    return doing


ACTS: dict[str, Do] = {
    "rate-score": _rate,
    "call-sme-score": lambda a, i, p: _called(response.page_role(a, i, SME)),
    "recommend-score": _recommend,
    "escalate-severe": _escalate,
    "standby-liaison": _standby,
    "force-liaison": _force,
    "accept-ready": _said(lambda a, i, p: response.accept(a, i, p.get("role", ""))),
    "call-ready": lambda a, i, p: _called(response.page_group(a, i, p.get("group", ""))),
    "step-steps": _step,
    "answer-briefing": _said(lambda a, i, p: response.answer(a, i, p.get("question", ""), p.get("text", ""))),
    "enough-briefing": _said(lambda a, i, p: response.confirm(a, i)),
    "write-preliminary": _said(lambda a, i, p: response.write_preliminary(a, i, p.get("text", ""))),
}


@posts
def do(request: HttpRequest, incident_id: str, name: str) -> HttpResponse:
    """One act by its name; the page opens where it was done."""
    found = ACTS.get(name)
    if found is None:
        raise missing("act.unknown", "There is no such act. Reload the page and try again.")
    said = found(act(request), incident_id, request.POST)
    saved = f"response:{incident_id}:{name}" + (f":{q}" if (q := request.POST.get("question", "")) else "")
    place = name.rpartition("-")[2]
    return done(request, f"/incidents/{incident_id}/response#{place}", said, saved=saved)


ROUTES = [
    route("incidents/<str:incident_id>/response", page, name="incident-response", permission="incident.read"),
    route(
        "incidents/<str:incident_id>/response/acts/<str:name>",
        do,
        name="incident-response-act",
        permission="incident.act",
    ),
]
