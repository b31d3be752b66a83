"""Preventive work: the lists of tasks and plans, one task with its acts, the month, and what is overdue."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.learning import prevention
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.reviews.cadence import ONCE
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.present import prevention as shown
from quarterdeck.web.routes import route

_AT = "/prevention/tasks"
FIELDS = ("title", "owner", "due_on", "kind", "service", "cadence", "lead_days", "instructions")


def tasks(request: HttpRequest) -> HttpResponse:
    """The lists; POST makes a task, or a plan where it comes again. A refusal keeps what was typed."""
    doing, said = act(request), request.POST
    if request.method != "POST":
        return render(
            request, "prevention/tasks.html", shown.listing(doing.who, request.GET.dict(), doing.at)
        )
    typed = {k: said.get(k, "") for k in FIELDS}
    try:
        lead = number(typed["lead_days"] or "0", "lead_days", 0, prevention.LEAD_DAYS_MOST)
        draft = prevention.Draft(**(typed | {"lead_days": lead}))  # type: ignore[arg-type]
        if draft.cadence == ONCE:
            made = prevention.add(doing, draft)
            return done(request, f"{_AT}/{made.id}", "The task is there.", "preventive")
        plan = prevention.plan(doing, draft)
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        context = shown.listing(doing.who, {}, doing.at) | {"first": typed, "refused": refused}
        return render(request, "prevention/tasks.html", context, status=422)
    return done(request, f"{_AT}#plan-{plan.id}", "It comes again from now on.", "preventive")


@require_safe
def task(request: HttpRequest, task_id: str) -> HttpResponse:
    doing = act(request)
    context = shown.detail(prevention.find_task(task_id), doing.who, doing.at)
    return render(request, "prevention/task.html", context)


@posts
def end_task(request: HttpRequest, task_id: str) -> HttpResponse:
    said = request.POST
    if said.get("state") == prevention.DROPPED:
        prevention.drop(act(request), task_id, said.get("evidence", ""))
    else:
        prevention.finish(act(request), task_id, said.get("evidence", ""), said.get("url", ""))
    return done(request, f"{_AT}/{task_id}", "Kept.", f"preventive-end:{task_id}")


@posts
def change_task(request: HttpRequest, task_id: str) -> HttpResponse:
    said = request.POST
    prevention.change(act(request), task_id, owner=said.get("owner"), due_on=said.get("due_on"))
    return done(request, f"{_AT}/{task_id}", "Saved.")


@posts
def end_plan(request: HttpRequest, plan_id: str) -> HttpResponse:
    prevention.end(act(request), plan_id)
    return done(request, _AT, "No further task is made of it.")


@posts
def of_trend(request: HttpRequest) -> HttpResponse:
    days = number(request.POST.get("days") or str(prevention.LOOKED_BACK), "days", 1, 3660)
    made = prevention.from_trend(act(request), request.POST.get("service", ""), days)
    return done(request, f"{_AT}/{made.id}", "It is planned: see who owns it, and until when.")


@posts
def of_alert(request: HttpRequest, alert_id: str) -> HttpResponse:
    made = prevention.from_alert(act(request), alert_id)
    return done(request, f"{_AT}/{made.id}", "It is planned: see who owns it, and until when.")


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    context = shown.calendar(doing.who, request.GET.get("month", ""), doing.at)
    return render(request, "prevention/calendar.html", context)


@require_safe
def overdue(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    return render(request, "prevention/overdue.html", shown.late(doing.who, request.GET.dict(), doing.at))


_READ, _EDIT = "service.read", "service.edit"
ROUTES = [
    route("prevention/tasks", tasks, name="preventive-tasks", permission=_READ),
    route("prevention/tasks/from-trend", of_trend, name="preventive-from-trend", permission=_EDIT),
    route("prevention/tasks/<str:task_id>", task, name="preventive-task", permission=_READ),
    route("prevention/tasks/<str:task_id>/end", end_task, name="preventive-end", permission=_READ),
    route("prevention/tasks/<str:task_id>/change", change_task, name="preventive-change", permission=_READ),
    route("prevention/plans/<str:plan_id>/end", end_plan, name="preventive-plan-end", permission=_READ),
    route("alerts/<str:alert_id>/preventive-task", of_alert, name="alert-preventive", permission=_EDIT),
    route("prevention/calendar", calendar, name="preventive-calendar", permission=_READ),
    route("prevention/overdue", overdue, name="overdue", permission=_READ),
]
