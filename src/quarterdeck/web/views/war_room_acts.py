"""What people do in the war room: entries, checklists, tasks, checks. Each act is one POST; refused ones come back with
their reason. Roles are in `war_room_roles`, severity and phase in `war_room_course`.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.incidents import agencies as sharing
from quarterdeck.app.incidents import record, tasks
from quarterdeck.app.quick import quick
from quarterdeck.app.technical import technical
from quarterdeck.core.incidents import typed
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.web.acting import act, back, done, local_time, now, number, posts
from quarterdeck.web.middleware import is_fragment
from quarterdeck.web.routes import route

from . import agencies
from .war_room import PARTS, composer, everything, part_context

_ENTRIES = ("note", "finding", "hypothesis", "impact_pulse", "followup", "broadcast")


def entries(request: HttpRequest, incident_id: str) -> HttpResponse:
    """The composer: a line that begins with a slash is a command, the others are what their kind says. What was typed
    stays in the field when it is refused, with a script and without.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    kind, text = request.POST.get("kind", "note"), request.POST.get("text", "").strip()
    if agencies.is_guest(request):
        return _of_guest(request, incident_id, text)
    try:
        return _entered(request, incident_id, kind, text)
    except Refused as refused:
        if is_fragment(request) or refused.kind == "missing":
            raise
        return _refused(request, incident_id, kind, text, {"message": refused.message, "code": refused.code})


def _of_guest(request: HttpRequest, incident_id: str, text: str) -> HttpResponse:
    """Guests write notes and nothing else, and see their own page again."""
    try:
        record.write(act(request), incident_id, "note", text)
    except Refused as refused:
        if refused.kind == "missing":
            raise
        case = casebook.load(incident_id, act(request).who)
        return agencies.guest(request, case, text, refused)
    return done(request, f"/incidents/{incident_id}", saved=f"entry:{incident_id}")


def _entered(request: HttpRequest, incident_id: str, kind: str, text: str) -> HttpResponse:
    if not text:
        raise bad("text.missing", "Write something first.", text="Write something first.")
    entry_id = request.POST.get("entry_id", "")[:40]
    asked = typed.read(text) if text.startswith("/") else None
    if (asked is not None and asked.verb == "update") or (asked is None and kind == "update"):
        return _to_the_board(request, incident_id, asked.text if asked else text)
    if (asked is not None and asked.verb not in typed.ENTRY_KINDS) or (
        asked is None and kind in ("task", "hypothesis")
    ):
        line = text if asked is not None else f"/{kind} {text}"
        return _told(request, incident_id, quick.say(act(request), incident_id, line, entry_id=entry_id))
    if asked is not None:
        kind, text = typed.ENTRY_KINDS[asked.verb], asked.text
    if kind == "decision":
        question, _, chosen = text.partition("\n")
        record.decide(act(request), incident_id, question, chosen.strip() or question)
    elif kind == "finding" and not any(request.POST.get(n) for n in ("happened_at", "pin", "followup")):
        technical.report_finding(act(request), incident_id, text, entry_id=entry_id)
    elif kind in _ENTRIES:
        record.write(
            act(request), incident_id, kind, text,
            happened_at=local_time(request.POST.get("happened_at", ""), "happened_at"),
            pinned=request.POST.get("pin") == "1", followup=request.POST.get("followup") == "1",
            entry_id=entry_id,
        )  # fmt: skip
    else:
        raise bad(
            "kind.unknown",
            f"There is no kind of entry {kind[:20]!r}. Choose note, finding, decision or task.",
        )
    return _answer(request, incident_id, "timeline", saved=f"entry:{incident_id}")


def _told(request: HttpRequest, incident_id: str, came: quick.Done) -> HttpResponse:
    """What came of a command: the timeline, with a word of it; `/help` as a list above the timeline."""
    if came.verb == "help":
        return _refused(request, incident_id, "note", "", {"message": came.text, "lines": came.lines}, 200)
    if not is_fragment(request):
        return done(request, f"/incidents/{incident_id}", came.text, f"entry:{incident_id}")
    return _answer(request, incident_id, "timeline", saved=f"entry:{incident_id}")


def _refused(
    request: HttpRequest, incident_id: str, kind: str, text: str, told: dict[str, object], status: int = 422
) -> HttpResponse:
    """The war room again, with what was typed still in its composer and the reason below it."""
    case = casebook.load(incident_id, act(request).who)
    if is_fragment(request):
        context = part_context(request, case, "timeline", now()) | {"told": told}
        answer = render(request, PARTS["timeline"], context)
        answer["HX-Trigger"] = f'{{"saved": "entry:{incident_id}"}}'
        return answer
    context = everything(request, case, now())
    context["composer"] = composer(context["may"], text, kind, told)
    return render(request, "incidents/war_room.html", context, status=status)


def _to_the_board(request: HttpRequest, incident_id: str, text: str) -> HttpResponse:
    """An update is written on the communication board; what was typed goes along."""
    url = (
        f"/incidents/{incident_id}/communication?" + urlencode({"draft": 1, "text": text[:2000]}) + "#message"
    )
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return done(request, url)


@posts
def entry(request: HttpRequest, incident_id: str, entry_id: str) -> HttpResponse:
    """Pin, unpin, mark for follow-up or correct one entry."""
    what = request.POST.get("act", "")
    if what in ("pin", "unpin"):
        record.pin(act(request), incident_id, entry_id, what == "pin")
    elif what in ("flag", "unflag"):
        record.flag(act(request), incident_id, entry_id, what == "flag")
        if not is_fragment(request):
            return done(request, back(request, f"/incidents/{incident_id}"))
    elif what in ("share", "unshare"):
        sharing.share(act(request), incident_id, entry_id, what == "share")
    elif what == "correct":
        record.correct(
            act(request), incident_id, entry_id, request.POST.get("text", ""), request.POST.get("reason", "")
        )
    else:
        raise bad("act.unknown", "Choose pin, unpin, flag, unflag, share, unshare or correct.")
    return _answer(request, incident_id, "timeline")


@posts
def checklist(request: HttpRequest, incident_id: str, item: str) -> HttpResponse:
    role, _, rest = item.partition(".")
    phase, _, index = rest.partition(".")
    tasks.tick(
        act(request),
        incident_id,
        role,
        phase,
        number(index, "index", 0, 200),
        request.POST.get("done") != "0",
    )
    return _answer(request, incident_id, "role")


@posts
def give_task(request: HttpRequest, incident_id: str) -> HttpResponse:
    minutes = number(request.POST.get("minutes"), "minutes", 0, 10_000)
    post = request.POST
    case = tasks.give(
        act(request), incident_id, post.get("title", ""), post.get("assignee", ""), minutes,
        kind=post.get("kind") or "task", despite=post.get("despite", ""),
    )  # fmt: skip
    said = " ".join(["Task given.", *tasks.warnings(case, next(reversed(case.incident.tasks)))])
    return done(request, f"/incidents/{incident_id}/tasks", said, f"task:{incident_id}")


@posts
def task(request: HttpRequest, incident_id: str, task_id: str, step: str) -> HttpResponse:
    doing, post = act(request), request.POST
    match step:
        case "done":
            tasks.finish(doing, incident_id, task_id, post.get("result", ""))
        case "acknowledge":
            tasks.acknowledge(doing, incident_id, task_id)
        case "check-back":
            tasks.check_back(doing, incident_id, task_id, post.get("note", ""))
        case "reply":
            reply = post.get("reply", "")
            more = number(post.get("minutes"), "minutes", 1, 1440) if reply == "needs_time" else 0
            tasks.reply(doing, incident_id, task_id, reply, more)
        case "cancel":
            tasks.cancel(doing, incident_id, task_id, post.get("reason", ""))
        case _:
            raise bad("task.step", "Choose done, acknowledge, reply, check-back or cancel.")
    return _answer(request, incident_id, "tasks")


@posts
def plan_check(request: HttpRequest, incident_id: str) -> HttpResponse:
    post = request.POST
    tasks.plan_check(
        act(request),
        incident_id,
        post.get("subject", ""),
        post.get("kind", "region"),
        post.get("service", ""),
    )
    return done(request, f"/incidents/{incident_id}/tasks")


@posts
def check(request: HttpRequest, incident_id: str, check_id: str, step: str) -> HttpResponse:
    decide = {"pass": tasks.pass_check, "fail": tasks.fail_check}.get(step)
    if decide is None:
        raise bad("check.step", "Choose pass or fail.")
    decide(act(request), incident_id, check_id, request.POST.get("note", ""))
    return done(request, f"/incidents/{incident_id}/tasks", saved=f"check-{step}:{check_id}")


def _answer(request: HttpRequest, incident_id: str, part: str, saved: str = "") -> HttpResponse:
    """The changed part for a script, the page for a plain form (and for guests, who have one page)."""
    if not is_fragment(request) or agencies.is_guest(request):
        return done(request, f"/incidents/{incident_id}", saved=saved)
    case = casebook.load(incident_id, act(request).who)
    answer = render(request, PARTS[part], part_context(request, case, part, now()))
    if saved:
        answer["HX-Trigger"] = f'{{"saved": "{saved}"}}'
    return answer


_ACT = "incident.act"
_AT = "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_AT}entries", entries, name="incident-entries", permission=_ACT),
    route(f"{_AT}entries/<str:entry_id>", entry, name="incident-entry", permission=_ACT),
    route(f"{_AT}checklist/<str:item>", checklist, name="incident-checklist", permission=_ACT),
    route(f"{_AT}tasks/new", give_task, name="incident-task-new", permission=_ACT),
    route(f"{_AT}tasks/<str:task_id>/<str:step>", task, name="incident-task", permission=_ACT),
    route(f"{_AT}checks", plan_check, name="incident-check-new", permission=_ACT),
    route(f"{_AT}checks/<str:check_id>/<str:step>", check, name="incident-check", permission=_ACT),
]
