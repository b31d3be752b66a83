"""Making and changing schedules: a name, a zone, and layers of people who take turns."""

from __future__ import annotations

from datetime import datetime, time
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify

from quarterdeck.app.act import Act
from quarterdeck.app.oncall import coverage, holidays, rotations, schedules
from quarterdeck.app.paging.directory import layer_from
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import Layer, Restriction, Turn
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.present import oncall
from quarterdeck.web.routes import route
from quarterdeck.web.widgets import LongSelect

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNITS = {"weeks": "weeks", "days": "days", "hours": "hours", "months": "months"}
# What is refused → the field it is about.
_FIELDS = {
    "layer.people": "person_0",
    "person.unknown": "person_0",
    "layer.at_once": "at_once",
    "layer.turn": "length",
    "layer.region": "region",
}
_ON_HOLIDAYS = {
    "usual": "as on any day",
    "never": "nobody by this layer",
    "also": "these hours, whatever the weekday",
    "only": "these hours, and only then",
}
_ABSENT = {"leave": "stays theirs, and Coverage warns of it", "skip": "goes to the next who is there"}


@cache
def zones() -> tuple[tuple[str, str], ...]:
    """UTC, then every place; the families that only computers use are left out. Read from the disk once."""
    names = (z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "posix/", "right/")))
    return tuple((z, z) for z in ("UTC", *sorted(names)))


@cache
def holiday_regions() -> tuple[tuple[str, str], ...]:
    """No country, then every country and its parts, by name."""
    return (("", "no country"), *holidays.regions().items())


def ordinal(n: int) -> str:
    """1st, 2nd … 31st."""
    return f"{n}{'th' if n in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


class ScheduleForm(forms.Form):
    name = forms.CharField(max_length=120, label="Name", help_text="As people say it: “Payments, primary”.")
    zone = forms.ChoiceField(
        choices=zones, widget=LongSelect, label="Time zone", help_text="In which its people hand over."
    )


class LayerForm(forms.Form):
    """One rotation. People are chosen one a line, in the order in which they take turns."""

    name = forms.CharField(
        max_length=120, required=False, label="Name", help_text="“Weeks”, “Nights”, “Europe, days”."
    )
    length = forms.IntegerField(min_value=1, max_value=52, initial=1, label="A turn lasts")
    unit = forms.ChoiceField(choices=list(_UNITS.items()), label="Unit")
    handover = forms.TimeField(
        initial=time(9), label="Handover at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    weekday = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label="Handover on",
        choices=[("", "the day it starts"), *enumerate(DAYS)],
    )  # fmt: skip
    month_day = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label="Handover on the",
        choices=[("", "day it starts"), *((n, ordinal(n)) for n in range(1, 32))],
        help_text="A shorter month hands over on its last day.",
    )  # fmt: skip
    at_once = forms.IntegerField(
        min_value=1,
        max_value=50,
        required=False,
        initial=1,
        label="How many are on call at once",
        help_text="With 2, who has the next turn is on call too.",
    )
    when_absent = forms.ChoiceField(
        choices=list(_ABSENT.items()), required=False, label="When somebody is away, their turn"
    )
    no_gap = forms.BooleanField(
        required=False,
        label="Somebody must always be on call",
        help_text="A gap is then an alarm, days ahead.",
    )
    window_from = forms.TimeField(
        required=False, label="From", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    window_to = forms.TimeField(
        required=False, label="To", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    window_days = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label="On these days",
        choices=list(enumerate(DAYS)),
        widget=forms.CheckboxSelectMultiple,
    )

    on_holidays = forms.ChoiceField(
        choices=list(_ON_HOLIDAYS.items()), required=False, label="On public holidays"
    )
    region = forms.ChoiceField(
        choices=holiday_regions, widget=LongSelect, required=False, label="Public holidays of"
    )

    def __init__(self, *args: Any, lines: int = 6, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = models.Person.objects.filter(is_active=True).exclude(role__in=("executive", "guest"))
        choices = [("", "–"), *rows.order_by("name").values_list("id", "name")]
        self.lines = [f"person_{n}" for n in range(lines)]
        for n, field in enumerate(self.lines, 1):
            self.fields[field] = forms.ChoiceField(choices=choices, required=False, label=f"Person {n}")

    def people(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data[n] for n in self.lines if self.cleaned_data.get(n))

    def turns(self) -> list[Any]:
        return [self[n] for n in self.lines]

    def layer(self, at: datetime, old: Layer | None = None) -> Layer:
        """`old` is the layer it changes: what the form does not show stays as it is there."""
        data = self.cleaned_data
        weekday = data["weekday"] if data["unit"] == "weeks" else None
        windows: tuple[Restriction, ...] = ()
        use = data["on_holidays"] or "usual"
        if data["window_from"] or data["window_to"] or data["window_days"] or use in ("never", "only"):
            days = tuple(sorted(data["window_days"]))
            first = Restriction(data["window_from"] or time(0), data["window_to"] or time(0), days, use)
            windows = (first, *(old.restrictions[1:] if old is not None else ()))
        return Layer(
            id="", name=data["name"], people=self.people(), turn=Turn(data["unit"], data["length"]),
            handover_time=data["handover"], handover_weekday=weekday, starts_at=at,
            ends_at=old.ends_at if old is not None else None, zone="", restrictions=windows,
            at_once=data["at_once"] or 1, handover_day=data["month_day"] if data["unit"] == "months" else None,
            when_absent=data["when_absent"] or "leave", gaps_allowed=not data["no_gap"],
            region=data["region"],
        )  # fmt: skip


def new(request: HttpRequest) -> HttpResponse:
    """A schedule with its first layer, in one step."""
    zone = str(timezone.get_current_timezone())
    if request.method != "POST":
        return _new(
            request,
            ScheduleForm(initial={"zone": zone}),
            LayerForm(initial={"person_0": act(request).person}),
        )
    form, layer = ScheduleForm(request.POST), LayerForm(request.POST, lines=_lines(request))
    if form.is_valid() and layer.is_valid():
        if not layer.people():
            layer.add_error("person_0", "Choose at least one person who takes turns.")
        else:
            doing, name = act(request), form.cleaned_data["name"]
            try:
                row = rotations.create(
                    doing, free_slug(models.Schedule, name), name, form.cleaned_data["zone"]
                )
                rotations.put_layer(doing, row.key, layer.layer(doing.at))
            except Refused as refused:
                layer.add_error(_FIELDS.get(refused.code), refused.message)
            else:
                said = _and_gaps("The schedule counts from now on.", row.id, doing)
                return done(request, f"/on-call/schedules/{row.key}", said)
    return _new(request, form, layer, 422)


def _new(request: HttpRequest, form: ScheduleForm, layer: LayerForm, status: int = 200) -> HttpResponse:
    return render(request, "oncall/schedule_new.html", {"form": form, "layer": layer}, status=status)


def _lines(request: HttpRequest) -> int:
    """As many lines for people as the form had, within reason."""
    sent = sum(1 for k in request.POST if k.startswith("person_"))
    return max(6, min(sent, 60))


def slug(name: str) -> str:
    """A key out of a name, whether or not something has it."""
    return slugify(name)[:50].strip("-_") or "new"


def free_slug(model: Any, name: str) -> str:
    """A key out of a name that nobody has yet."""
    stem = slug(name)
    taken = set(model.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(k for n in range(len(taken) + 1) if (k := stem if n == 0 else f"{stem}-{n + 1}") not in taken)


def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Name, zone and the layers in force."""
    row, doing = schedules.find(key), act(request)
    form = ScheduleForm(request.POST or None, initial={"name": row.name, "zone": row.timezone})
    if request.method == "POST" and form.is_valid():
        try:
            rotations.update(doing, key, name=form.cleaned_data["name"], zone=form.cleaned_data["zone"])
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return done(request, f"/on-call/schedules/{key}/edit", "Saved.")
    names = oncall.Names(doing.person)
    layers = [_shown(x, row.timezone, names) for x in row.layers.all() if not rotations.ended(x, doing.at)]
    context = {"form": form, "row": {"key": row.key, "name": row.name}, "layers": layers[::-1]}
    return render(request, "oncall/schedule_edit.html", context, status=422 if form.errors else 200)


def _shown(row: models.Layer, zone: str, names: oncall.Names) -> dict[str, Any]:
    layer = layer_from(row, zone)
    return {
        "id": row.id,
        "name": row.name,
        "people": [names.someone(p) for p in layer.people or dict.fromkeys(s.person for s in layer.fixed)],
        "note": oncall.turns(layer),
    }


def layer(request: HttpRequest, key: str, layer_id: str = "") -> HttpResponse:
    """One layer of a schedule: a new one over the others, or one that is there."""
    row, doing = schedules.find(key), act(request)
    old = next((x for x in row.layers.all() if x.id == layer_id), None) if layer_id else None
    if old is not None and old.definition.get("fixed"):
        return HttpResponseRedirect(f"/on-call/schedules/{key}/fixed/{layer_id}")
    if layer_id and old is None:
        return HttpResponseRedirect(f"/on-call/schedules/{key}/edit")
    if request.method == "POST":
        form = LayerForm(request.POST, lines=_lines(request))
        if form.is_valid():
            try:
                known = layer_from(old, row.timezone) if old is not None else None
                rotations.put_layer(doing, key, form.layer(doing.at, known), layer_id)
            except Refused as refused:
                form.add_error(_FIELDS.get(refused.code), refused.message)
            else:
                return done(
                    request,
                    f"/on-call/schedules/{key}",
                    _and_gaps("The layer counts from now on.", row.id, doing),
                )
    else:
        first = _first(old, row.timezone, doing) if old else {}
        form = LayerForm(initial=first, lines=max(6, sum(k.startswith("person_") for k in first) + 2))
    context = {"layer": form, "row": {"key": row.key, "name": row.name, "zone": row.timezone}, "old": old}
    return render(request, "oncall/layer_form.html", context, status=422 if form.errors else 200)


def _first(old: models.Layer, zone: str, doing: Act) -> dict[str, Any]:
    """The form's first values; people start with whoever has the turn that runs now."""
    core = layer_from(old, zone)
    people = list(core.people)
    holder = oncall.holder_now(core, doing.at)
    if holder in people:
        turn = people.index(holder)
        people = people[turn:] + people[:turn]
    window = core.restrictions[0] if core.restrictions else None
    return {f"person_{n}": p for n, p in enumerate(people)} | {
        "name": core.name,
        "length": core.turn.length,
        "unit": core.turn.unit,
        "handover": core.handover_time,
        "weekday": "" if core.handover_weekday is None else core.handover_weekday,
        "month_day": core.handover_day or "",
        "at_once": core.at_once,
        "when_absent": core.when_absent,
        "no_gap": not core.gaps_allowed,
        "window_from": window.start_time if window else None,
        "window_to": window.end_time if window else None,
        "window_days": [str(d) for d in window.weekdays] if window else [],
        "on_holidays": window.holidays if window else "usual",
        "region": core.region,
    }


@posts
def remove_layer(request: HttpRequest, key: str, layer_id: str) -> HttpResponse:
    doing = act(request)
    rotations.remove_layer(doing, key, layer_id)
    said = _and_gaps("The layer has ended.", schedules.find(key).id, doing)
    return done(request, f"/on-call/schedules/{key}/edit", said)


def _and_gaps(said: str, schedule_id: str, doing: Act) -> str:
    """What was done, and what it leaves missing ahead."""
    missing = coverage.after_saving(schedule_id, doing.at)
    return f"{said} {missing}" if missing else said


_EDIT = "schedule.edit"
_AT = "on-call/schedules/<str:key>/"
ROUTES = [
    route("on-call/new", new, name="schedule-new", permission=_EDIT),
    route(f"{_AT}edit", edit, name="schedule-edit", permission=_EDIT),
    route(f"{_AT}layers/new", layer, name="layer-new", permission=_EDIT),
    route(f"{_AT}layers/<str:layer_id>", layer, name="layer", permission=_EDIT),
    route(f"{_AT}layers/<str:layer_id>/removal", remove_layer, name="layer-remove", permission=_EDIT),
]
