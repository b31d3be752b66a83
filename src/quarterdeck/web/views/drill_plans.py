"""Plans by which drills come round: making, changing, pausing them. What somebody may do is decided in `app`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from quarterdeck.app.act import need
from quarterdeck.app.drills import drill_plans
from quarterdeck.core.incidents.drill import KINDS
from quarterdeck.core.kernel.refused import Refused, forbidden
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.present import drills as shown
from quarterdeck.web.routes import route
from quarterdeck.web.widgets import LongSelect

from .drills import refuse
from .schedule_setup import zones

_FIELDS = (
    "title", "kind", "weekday", "at", "zone", "every_weeks", "scenario", "team", "schedule", "participants",
    "facilitator", "announced",
)  # fmt: skip


def _teams() -> list[tuple[str, str]]:
    return [("", "–"), *models.Team.objects.order_by("name").values_list("key", "name")]


def _schedules() -> list[tuple[str, str]]:
    return [("", "–"), *models.Schedule.objects.order_by("name").values_list("key", "name")]


class PlanForm(forms.Form):
    title = forms.CharField(
        max_length=120,
        label="Name",
        help_text="As those who play see it: “Weekly drill of the platform team”.",
    )
    kind = forms.ChoiceField(choices=shown.kinds, label="Kind", widget=forms.RadioSelect, initial=KINDS[0])
    scenario = forms.ChoiceField(
        choices=lambda: [("", "The next in rotation"), *shown.scenario_choices()],
        required=False,
        label="Scenario",
    )
    weekday = forms.TypedChoiceField(coerce=int, choices=list(enumerate(shown.DAYS)), label="On")
    at = forms.CharField(
        max_length=5, initial="10:00", label="At", widget=forms.TextInput(attrs={"type": "time"})
    )
    zone = forms.ChoiceField(choices=zones, widget=LongSelect, label="Time zone")
    every_weeks = forms.IntegerField(
        min_value=1, max_value=drill_plans.MOST_WEEKS, initial=1, label="Every so many weeks"
    )
    facilitator = forms.ChoiceField(choices=shown.facilitator_choices, widget=LongSelect, label="Facilitator")
    team = forms.ChoiceField(choices=_teams, required=False, label="The people of a team play")
    schedule = forms.ChoiceField(choices=_schedules, required=False, label="Whoever is on call then plays")
    participants = forms.MultipleChoiceField(
        label="These people play",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    announced = forms.BooleanField(
        required=False, initial=True, label="Tell them three days ahead",
        help_text="Otherwise only the facilitator knows until a drill starts.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participants"].choices = shown.people_choices()  # type: ignore[attr-defined]


def new(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    need(doing, "drill.plan")
    if request.method != "POST":
        first = {"facilitator": doing.person, "zone": str(timezone.get_current_timezone())}
        return _page(request, PlanForm(initial=first))
    form = PlanForm(request.POST)
    if form.is_valid():
        try:
            drill_plans.create(doing, **{k: form.cleaned_data[k] for k in _FIELDS})
        except Refused as refused:
            refuse(form, refused)
        else:
            return done(request, "/drills", "The plan counts from now on.", "drill_plan:new")
    return _page(request, form, status=422)


def edit(request: HttpRequest, plan_id: str) -> HttpResponse:
    doing = act(request)
    row = drill_plans.find(plan_id, doing.who)
    if not drill_plans.may_change(row, doing.who):
        raise forbidden("drill_plan.facilitator", "Only its facilitator changes a plan. Ask them.")
    if request.method != "POST":
        return _page(request, PlanForm(initial={k: getattr(row, k) for k in _FIELDS}), row)
    form = PlanForm(request.POST)
    if form.is_valid():
        try:
            drill_plans.change(doing, plan_id, **{k: form.cleaned_data[k] for k in _FIELDS})
        except Refused as refused:
            refuse(form, refused)
        else:
            return done(
                request, "/drills", "Saved. Drills that are made stay as they are.", f"drill_plan:{plan_id}"
            )
    return _page(request, form, row, status=422)


@posts
def move(request: HttpRequest, plan_id: str) -> HttpResponse:
    row = drill_plans.move(
        act(request), plan_id, request.POST.get("state", ""), request.POST.get("reason", "")
    )
    told = {"paused": "The plan is paused.", "ended": "The plan is over."}.get(
        row.state, "The plan runs again."
    )
    return done(request, "/drills", told)


def _page(
    request: HttpRequest, form: PlanForm, row: models.DrillPlan | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "row": row}
    if row is not None:
        context["plan"] = shown.plans([row], act(request).who, act(request).at)[0]
    return render(request, "drills/plan.html", context, status=status)


_READ, _PLAN = "incident.read", "drill.plan"
ROUTES = [
    route("drill-plans/new", new, name="drill-plan-new", permission=_PLAN),
    route("drill-plans/<str:plan_id>", edit, name="drill-plan", permission=_PLAN),
    route("drill-plans/<str:plan_id>/state", move, name="drill-plan-state", permission=_PLAN),
]
