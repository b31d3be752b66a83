"""Drills: the list, planning one, the page before it starts, the library of scenarios. What somebody may do is decided
in `app`.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from quarterdeck.app.act import need
from quarterdeck.app.drills import drill_course, drill_injects, drills
from quarterdeck.core.incidents.drill import KINDS
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, local_time, now, posts
from quarterdeck.web.present import drills as shown
from quarterdeck.web.routes import route
from quarterdeck.web.widgets import LongSelect


class DrillForm(forms.Form):
    """A drill by hand; roles are dealt and may be changed on its page."""

    scenario = forms.ChoiceField(choices=shown.scenario_choices, label="Scenario")
    kind = forms.ChoiceField(choices=shown.kinds, label="Kind", widget=forms.RadioSelect, initial=KINDS[0])
    title = forms.CharField(
        max_length=120, required=False, label="Name",
        help_text="As those who play see it: it should not tell what happens.",
    )  # fmt: skip
    at = forms.CharField(
        required=False, label="When", help_text="Empty: now.",
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
    )  # fmt: skip
    facilitator = forms.ChoiceField(choices=shown.facilitator_choices, widget=LongSelect, label="Facilitator")
    participants = forms.MultipleChoiceField(
        label="Who plays", widget=forms.CheckboxSelectMultiple, required=False
    )
    observers = forms.MultipleChoiceField(
        label="Who watches", widget=forms.CheckboxSelectMultiple, required=False
    )
    announced = forms.BooleanField(
        required=False, initial=True, label="Tell them ahead",
        help_text="Otherwise only you know of it until it starts.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("participants", "observers"):
            self.fields[name].choices = shown.people_choices()  # type: ignore[attr-defined]


class CastForm(forms.Form):
    """Who plays which role of the scenario, and who else takes part."""

    participants = forms.MultipleChoiceField(
        choices=shown.people_choices,
        label="Who plays besides",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, context: dict[str, Any], data: Any = None) -> None:
        without = context["drill"].facilitator
        people = [(i, n) for i, n in shown.people_choices() if i != without]
        held = {p["role_key"]: p["id"] for p in context["people"] if p["role_key"]}
        first = {f"role_{r}": held.get(r, "") for r, _ in context["roles"]}
        free = [p["id"] for p in context["people"] if not p["role_key"]]
        super().__init__(data, initial={**first, "participants": free})
        self.fields["participants"].choices = people  # type: ignore[attr-defined]
        self.keys = [r for r, _ in context["roles"]]
        for role, title in context["roles"]:
            self.fields[f"role_{role}"] = forms.ChoiceField(
                choices=[("", "–"), *people],
                required=False,
                label=title,
                widget=LongSelect(attrs={"class": "input"}),
            )

    def lines(self) -> list[Any]:
        return [self[f"role_{r}"] for r in self.keys]

    def roles(self) -> dict[str, str]:
        """Every role of the scenario; "" where nobody is to play it."""
        return {r: self.cleaned_data[f"role_{r}"] for r in self.keys}

    def people(self) -> list[str]:
        return list(
            dict.fromkeys([*(p for p in self.roles().values() if p), *self.cleaned_data["participants"]])
        )


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = shown.listing(act(request).who, request.GET.get("show", "upcoming"), now())
    return render(request, "drills/list.html", context)


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    return render(request, "drills/library.html", {"scenarios": shown.library(act(request).who)})


def new(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    need(doing, "drill.plan")
    if request.method != "POST":
        first = {"facilitator": doing.person, "scenario": request.GET.get("scenario", "")}
        return _new(request, DrillForm(initial=first))
    form = DrillForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = drills.create(
                doing, scenario=said["scenario"], kind=said["kind"], title=said["title"],
                scheduled_at=local_time(said["at"], "at"), facilitator=said["facilitator"],
                participants=said["participants"], observers=said["observers"], announced=said["announced"],
            )  # fmt: skip
        except Refused as refused:
            refuse(form, refused, {"scheduled_at": "at"})
        else:
            return done(request, f"/drills/{made.id}", "The drill is planned.", "drill:new")
    return _new(request, form, 422)


def refuse(form: forms.Form, refused: Refused, names: dict[str, str] | None = None) -> None:
    """A refusal beside the field it is about, or above the form."""
    if refused.kind in ("missing", "forbidden"):
        raise refused
    named = {(names or {}).get(f, f): text for f, text in refused.fields.items()}
    known = {f: text for f, text in named.items() if f in form.fields}
    for field, text in known.items():
        form.add_error(field, text)
    if not known:
        form.add_error(None, refused.message)


def _new(request: HttpRequest, form: DrillForm, status: int = 200) -> HttpResponse:
    return render(request, "drills/new.html", {"form": form}, status=status)


def detail(request: HttpRequest, drill_id: str) -> HttpResponse:
    """POST changes who plays what, before it starts; a refusal shows the page again with what was chosen."""
    doing = act(request)
    context = shown.detail(drills.view(drill_id, doing.who, doing.at), doing.who, doing.at)
    casting = context["steers"] and context["drill"].state == drills.PLANNED
    form = CastForm(context, request.POST if request.method == "POST" else None) if casting else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            drills.change(doing, drill_id, participants=form.people(), roles=form.roles())
        except Refused as refused:
            refuse(form, refused)
        else:
            return done(request, f"/drills/{drill_id}", "Saved.", f"drill:{drill_id}")
    if form is not None:
        local = timezone.localtime(context["drill"].scheduled_at)
        context |= {"form": form, "at_local": f"{local:%Y-%m-%dT%H:%M}"}
    return render(
        request, "drills/drill.html", context, status=422 if form is not None and form.errors else 200
    )


@posts
def postpone(request: HttpRequest, drill_id: str) -> HttpResponse:
    to = local_time(request.POST.get("at", ""), "scheduled_at")
    doing = act(request)
    drills.postpone(doing, drill_id, to or doing.at, request.POST.get("reason", ""))
    return done(request, f"/drills/{drill_id}", "It is postponed; everybody who knew of it is told.")


@posts
def move(request: HttpRequest, drill_id: str) -> HttpResponse:
    """start, pause, resume, end or cancel."""
    doing, to = act(request), request.POST.get("to", "")
    reason = request.POST.get("reason", "")
    match to:
        case "start":
            row = drill_course.start(doing, drill_id)
            after = shown._address("drill-console", drill_id) or f"/drills/{drill_id}"
            return done(request, after, f"The drill runs as {row.incident_id}.")
        case "pause":
            drill_course.pause(doing, drill_id, reason)
            return done(request, f"/drills/{drill_id}", "The clock of the drill stands still.")
        case "resume":
            drill_course.resume(doing, drill_id)
            return done(request, f"/drills/{drill_id}", "The drill goes on.")
        case "end":
            drill_course.end(doing, drill_id, reason)
            return done(request, f"/drills/{drill_id}", "The drill is over.")
        case "cancel":
            drill_course.cancel(doing, drill_id, reason)
            return done(request, f"/drills/{drill_id}", "The drill is cancelled.")
    return done(request, f"/drills/{drill_id}")


@posts
def inject(request: HttpRequest, drill_id: str, inject_id: str) -> HttpResponse:
    """Let it happen now, or leave it out."""
    if request.POST.get("to") == "skip":
        drill_injects.skip(act(request), drill_id, inject_id, request.POST.get("reason", ""))
        return done(request, f"/drills/{drill_id}", "It is left out.")
    drill_injects.fire(act(request), drill_id, inject_id)
    return done(request, f"/drills/{drill_id}", "It has happened.")


_READ, _PLAN = "incident.read", "drill.plan"
ROUTES = [
    route("drills", index, name="drills", permission=_READ),
    route("drills/new", new, name="drill-new", permission=_PLAN),
    route("drills/library", library, name="drill-library", permission=_PLAN),
    route("drills/<str:drill_id>", detail, name="drill", permission=_READ),
    route("drills/<str:drill_id>/state", move, name="drill-state", permission=_READ),
    route("drills/<str:drill_id>/time", postpone, name="drill-time", permission=_READ),
    route("drills/<str:drill_id>/injects/<str:inject_id>", inject, name="drill-inject", permission=_READ),
]
