"""Paging by hand, and the button that brings a commander: with the phone list always beside it (R-286)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import search
from quarterdeck.app.act import Act
from quarterdeck.app.health import sysbars
from quarterdeck.app.oncall.roster import duties
from quarterdeck.app.paging import paging
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import may
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done
from quarterdeck.web.present import callouts as present
from quarterdeck.web.routes import route

RECENT = timedelta(minutes=30)
_COMMANDER = "Commander needed:"
WHOM = ("person", "schedule", "team")


class PageForm(forms.Form):
    """One of person, schedule and team at least; the reason is what the person will read."""

    person = forms.ChoiceField(required=False, label="A person")
    schedule = forms.ChoiceField(required=False, label="Whoever is on call in")
    team = forms.ChoiceField(required=False, label="Everybody in the team")
    urgency = forms.ChoiceField(
        label="How", choices=[("high", "At once, as for an outage"), ("low", "Quietly, as for a question")]
    )
    reason = forms.CharField(max_length=400, label="Why", help_text="They read this first.")
    subject = forms.CharField(max_length=300, required=False, label="Title of the message")
    incident = forms.ChoiceField(required=False, label="About the incident")

    def __init__(
        self, *args: Any, incidents: list[tuple[str, str]], stands: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields
        people = models.Person.objects.filter(is_active=True).exclude(role__in=("executive", "guest"))
        choice["person"].choices = [("", "–"), *people.values_list("id", "name")]
        rows = models.Schedule.objects.values_list("id", "name")
        choice["schedule"].choices = [
            ("", "–"),
            *((i, f"{n}: {stands.get(i, 'nobody now')}") for i, n in rows),
        ]
        choice["team"].choices = [("", "–"), *models.Team.objects.values_list("id", "name")]
        choice["incident"].choices = [("", "None"), *incidents]

        for name in WHOM:
            choice[name].widget.attrs["class"] = "input"

    def whom(self) -> list[Any]:
        return [self[name] for name in WHOM]

    def targets(self) -> list[Target]:
        data = self.cleaned_data
        return [Target(kind, data[kind]) for kind in WHOM if data[kind]]


def page(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    rows = search.incidents(doing.who, is_open=True).order_by("-number")[:50]
    incidents = [(r.id, f"{r.id} {r.title}") for r in rows]
    stands = _stands(doing.at)
    if request.method != "POST":
        first = {
            k: request.GET[k]
            for k in ("person", "schedule", "team", "incident", "reason")
            if k in request.GET
        }
        return _page(request, PageForm(initial=first, incidents=incidents, stands=stands))
    form = PageForm(request.POST, incidents=incidents, stands=stands)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = paging.page(
                doing, form.targets(), data["subject"], data["reason"], incident_id=data["incident"],
                urgency=data["urgency"],
            )  # fmt: skip
        except Refused as refused:
            field = "reason" if "reason" in refused.fields else None
            form.add_error(field, refused.message)
        else:
            names = ", ".join(Directory(doing.at).name(c.person_id) for c in made)
            return done(
                request,
                f"/callouts/{made[0].id}",
                f"Queued for {names}. This page shows what becomes of it.",
                "page",
            )
    return _page(request, form, 422)


def _stands(at: datetime) -> dict[str, str]:
    return {d.schedule.id: ", ".join(p.name for p in d.people) for d in duties(at) if d.people}


def _page(request: HttpRequest, form: PageForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "may_commander": may(act(request).who, "commander.call")}
    return render(request, "callouts/page.html", context, status=status)


def commander(request: HttpRequest) -> HttpResponse:
    """Who would be called and, once somebody has pressed, what becomes of it. The phone list always stands below."""
    doing = act(request)
    if request.GET.get("part") == "calls":
        return render(request, "callouts/commander_calls.html", _called(doing))
    if request.method != "POST":
        return render(request, "callouts/commander.html", _commander(doing))
    reason = request.POST.get("reason", "")
    try:
        paging.page_commander(doing, reason)
    except Refused as refused:
        context = _commander(doing) | {
            "reason": reason,
            "refused": {"message": refused.message},
        }
        return render(request, "callouts/commander.html", context, status=409)
    return done(
        request,
        "/page/commander",
        "Queued. This page shows when it goes out, and what becomes of it.",
        "commander",
    )


def _commander(doing: Act) -> dict[str, Any]:
    directory = Directory(doing.at)
    called: dict[str, str] = {}
    for target in paging.commander_targets():
        found = directory.on_call(target)
        for person in found.people:
            called.setdefault(person, found.because.get(person, directory.label(target)))
    phones = [p | {"href": _tel(p["phone"])} for p in paging.phone_list(doing.at)]
    return _called(doing) | {
        "called": [{"name": directory.name(p), "why": why} for p, why in called.items()],
        "nobody": not called,
        "phones": phones,
        "reason": "",
    }


def _called(doing: Act) -> dict[str, Any]:
    """The commander calls of the last half hour, whoever made them, and whether they get through."""
    rows = search.callouts(doing.who).filter(subject__startswith=_COMMANDER, created_at__gt=doing.at - RECENT)
    # By the time they were made, as by their ids: this one has an index that leaves out all that is older.
    made = list(rows.order_by("-created_at", "-id")[:10])
    calls = present.ledger(made, doing.person)
    answered = any(c.state == "acknowledged" for c in made)
    lost = bool(made) and not answered and any(_lost(line) for line in calls)
    silent = bool(made) and any(bar["kind"] == "red" for bar in sysbars.bars(doing.at, doing.who))
    return {
        "calls": calls,
        "failing": lost or (silent and not answered),
        "watching": bool(made) and not answered,
    }


def _lost(line: dict[str, Any]) -> bool:
    """Not reached, or every way tried so far has failed or is being tried again."""
    tries = line["tries"]
    return line["mark"] == "fault" or (
        bool(tries) and all(t["state"] == "failed" or t["note"] for t in tries)
    )


def _tel(phone: str) -> str:
    digits = re.sub(r"[^\d+]", "", phone)
    return f"tel:{digits}" if len(digits) >= 5 else ""


ROUTES = [
    route("page", page, name="page", permission="page.send"),
    route("page/commander", commander, name="page-commander", permission="commander.call"),
]
