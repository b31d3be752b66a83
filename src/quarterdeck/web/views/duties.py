"""One's own on-call: shifts, swaps, cover and absences; taking over the shift that runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.oncall import absences, covers, schedules, swaps
from quarterdeck.app.oncall.duty_rows import manages
from quarterdeck.app.oncall.swaps import Wish
from quarterdeck.app.paging.directory import schedule_from
from quarterdeck.core.access import may
from quarterdeck.core.kernel.moments import parse
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.oncall.swaps import Slot
from quarterdeck.store import models
from quarterdeck.web.acting import act, back, done, local_time, number, posts
from quarterdeck.web.present import duties, oncall
from quarterdeck.web.routes import route

MINE = "/on-call/mine"
MOST = 100


def mine(request: HttpRequest, draft: dict[str, str] | None = None) -> HttpResponse:
    doing = act(request)
    names = oncall.Names(doing.person)
    rows = list(models.Schedule.objects.prefetch_related("layers", "overrides")[:MOST])
    arranged = duties.Arranged(doing.person, names, doing.at)
    context = {
        "tab": "mine",
        "shifts": duties.own_shifts(rows, doing.person, doing.at),
        "waiting": arranged.waiting(),
        "own": arranged.own(),
        "absences": duties.away(doing.at, doing.person),
        "calendars": duties.calendars(doing.person, doing.at),
        "may_edit": may(doing.who, "schedule.edit"),
        "draft": draft,
    }
    return render(request, "oncall/mine.html", context, status=422 if draft else 200)


@posts
def add_absence(request: HttpRequest) -> HttpResponse:
    doing, post = act(request), request.POST
    try:
        starts, ends = local_time(post.get("start", ""), "start"), local_time(post.get("end", ""), "end")
        if starts is None or ends is None:
            raise bad("absence.times", "Say from when to when you are away.", start="missing")
        # A start that has just passed means "from now on".
        if doing.at - timedelta(hours=1) < starts < doing.at:
            starts = doing.at
        row = absences.add(doing, doing.person, starts, ends, post.get("reason", ""))
    except Refused as refused:
        typed = {name: post.get(name, "")[:300] for name in ("start", "end", "reason")}
        return mine(request, typed | {"message": refused.message})
    hit = absences.hits(doing.person, row.starts_at, row.ends_at)
    text = "You are away. It hits no shift of yours."
    if hit:
        text = "You are away. You have shifts then: swap them, or look for cover, below."
    return done(request, f"{MINE}#away", text)


@posts
def remove_absence(request: HttpRequest, absence_id: str) -> HttpResponse:
    absences.remove(act(request), absence_id)
    return done(request, f"{MINE}#away", "Taken back.")


@posts
def take(request: HttpRequest, key: str) -> HttpResponse:
    """One press; `hours` where the shift that runs has no end."""
    doing, hours = act(request), request.POST.get("hours", "")
    until = doing.at + timedelta(hours=number(hours, "hours", 1, 168)) if hours else None
    row = schedules.take(doing, key, instead_of=request.POST.get("instead_of", "")[:40], until=until)
    text = f"You are on call now, until {oncall.until(row.ends_at, doing.at)}."
    return done(request, f"/on-call/schedules/{key}", text)


def new_swap(request: HttpRequest) -> HttpResponse:
    """Whom to give a shift to: one person, against one of theirs or for nothing; or whoever takes it first."""
    asked = request.POST if request.method == "POST" else request.GET
    doing, row, slot = act(request), schedules.find(asked.get("schedule", "")[:60]), None
    slot = Slot(
        row.id,
        asked.get("person", doing.person)[:40] or doing.person,
        _time(asked, "start"),
        _time(asked, "end"),
    )
    manager = slot.person != doing.person and manages(doing, [row])
    message = ""
    if request.method == "POST":
        try:
            return _swap(request, row, slot, manager)
        except Refused as refused:
            message = refused.message
    names = oncall.Names(doing.person)
    context = {
        "tab": "mine",
        "schedule": {"name": row.name, "key": row.key, "url": f"/on-call/schedules/{row.key}"},
        "slot": {
            "person": slot.person, "start": slot.starts_at.isoformat(), "end": slot.ends_at.isoformat(),
            "when": f"{oncall.day_time(slot.starts_at)} to {oncall.day_time(slot.ends_at)}",
            "holder": names.someone(slot.person),
        },
        "choices": duties.choices(schedule_from(row), slot, _people(), doing.at),
        "chosen": asked.get("to", "")[:200],
        "reason": asked.get("reason", "")[:300],
        "manager": manager,
        "message": message,
    }  # fmt: skip
    return render(request, "oncall/swap.html", context, status=422 if message else 200)


def _swap(request: HttpRequest, row: models.Schedule, slot: Slot, manager: bool) -> HttpResponse:
    doing, post = act(request), request.POST
    reason = post.get("reason", "")
    if post.get("act") == "cover":
        covers.want(doing, row.key, slot.person, slot.starts_at, slot.ends_at, reason)
        return done(request, f"{MINE}#asked", "Looking for cover: people are asked one after the other.")
    other, _, span = post.get("to", "").partition("|")
    if not other:
        raise bad("swap.other", "Choose who gets the shift.", to="missing")
    returned = None
    if span:
        first, _, last = span.partition("|")
        returned = (row.key, _moment(first), _moment(last))
    wish = Wish(row.key, slot.person, slot.starts_at, slot.ends_at, other[:40], returned, reason)
    if manager:
        swaps.arrange(doing, wish)
        return done(request, f"/on-call/schedules/{row.key}", "Swapped. Both have been told.")
    swaps.offer(doing, wish)
    return done(request, f"{MINE}#asked", "Offered. The shift stays yours until it is accepted.")


def _time(asked: object, name: str) -> datetime:
    return _moment(asked.get(name, ""))  # type: ignore[attr-defined]


def _moment(text: str) -> datetime:
    try:
        found = parse(text[:40])
    except ValueError:
        found = None
    if found is None:
        raise bad("swap.times", "Choose a shift from the list of yours.")
    return found


def _people() -> dict[str, str]:
    rows = models.Person.objects.filter(is_active=True).exclude(role__in=("executive", "observer", "guest"))
    return dict(rows.order_by("name").values_list("id", "name")[:500])


@posts
def answer_swap(request: HttpRequest, swap_id: str) -> HttpResponse:
    doing, said = act(request), request.POST.get("act", "")
    match said:
        case "accept":
            swaps.accept(doing, swap_id)
            text = "Swapped. It is in the calendar."
        case "decline":
            swaps.decline(doing, swap_id)
            text = "Declined. Who asked has been told."
        case "withdraw":
            swaps.withdraw(doing, swap_id)
            text = "Withdrawn."
        case _:
            raise bad("swap.answer", "Accept, decline or withdraw.")
    return done(request, back(request, MINE), text)


@posts
def answer_cover(request: HttpRequest, cover_id: str) -> HttpResponse:
    doing, said = act(request), request.POST.get("act", "")
    match said:
        case "accept":
            covers.accept(doing, cover_id)
            text = "The shift is yours. Who asked has been told."
        case "decline":
            covers.decline(doing, cover_id)
            text = "Declined. The next one is asked."
        case "withdraw":
            covers.withdraw(doing, cover_id)
            text = "Nobody is asked any more."
        case _:
            raise bad("cover.answer", "Accept, decline or withdraw.")
    return done(request, back(request, MINE), text)


_READ, _EDIT = "schedule.read", "schedule.edit"
ROUTES = [
    route("on-call/mine", mine, name="on-call-mine", permission=_READ),
    route("on-call/absences", add_absence, name="absence-add", permission=_READ),
    route(
        "on-call/absences/<str:absence_id>/removal", remove_absence, name="absence-remove", permission=_READ
    ),
    route("on-call/schedules/<str:key>/take", take, name="shift-take", permission=_EDIT),
    route("on-call/swaps/new", new_swap, name="swap-new", permission=_EDIT),
    route("on-call/swaps/<str:swap_id>", answer_swap, name="swap", permission=_EDIT),
    route("on-call/covers/<str:cover_id>", answer_cover, name="cover", permission=_EDIT),
]
