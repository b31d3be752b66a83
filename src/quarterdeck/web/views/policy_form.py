"""The form of an escalation policy: a line for each step: whom it calls, how long it waits, and when it applies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from django import forms

from quarterdeck.app.paging.policies import roles
from quarterdeck.core.escalation.policy import Policy, Step, Target, Window
from quarterdeck.store import models
from quarterdeck.web.present import alerts

STEPS, TARGETS = 1, 2
# As many as a policy may have, whatever a request claims.
MOST_STEPS = 20
MOST_LASTS = 20
_OF_STEP = re.compile(r"(target|wait|severity|mode|urgency|from|to|days|zone)_(\d{1,2})((?:_\d{1,3})?)")
_PLAIN = {"class": "input"}
_DAYS = tuple(enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")))
_MODES = (("all", "everybody it names"), ("one_of", "one of them, by turns"))
_URGENCIES = (("", "as the alert"), ("high", "always high"), ("low", "always low"))


@dataclass(frozen=True, slots=True)
class WindowLine:
    """The fields of one time of day."""

    start: Any
    end: Any
    days: Any
    zone: Any


@dataclass(frozen=True, slots=True)
class Line:
    """The fields of one step, as the template shows them. `open`: some of its conditions are set."""

    number: int
    targets: list[Any]
    wait: Any
    severities: Any
    mode: Any
    urgency: Any
    windows: list[WindowLine]
    open: bool


class PolicyForm(forms.Form):
    """Steps are lines of the form; a line without a target is no step."""

    name = forms.CharField(max_length=120, label="Name")
    use = forms.ChoiceField(required=False, label="Used for")
    repeats = forms.IntegerField(
        min_value=0,
        max_value=10,
        initial=2,
        label="Times again from the top",
        help_text="When the last step has not answered either.",
    )
    ack_minutes = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=1440,
        label="An acknowledgement lasts, minutes",
        help_text="Still firing after that, and in no open incident: paging starts again. Empty or 0: for ever.",
    )

    def __init__(
        self,
        uses: Mapping[str, str],
        *args: Any,
        steps: int = STEPS,
        targets: int = TARGETS,
        windows: int = 1,
        lasts: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = target_choices()
        for n in range(lasts):
            self.fields[last_name(n)] = forms.ChoiceField(
                choices=[("", "Nobody further" if lasts == 1 else "–"), *choices], required=False,
                label="In the end, call", widget=forms.Select(attrs=_PLAIN),
            )  # fmt: skip
        self.fields["use"].choices = [("", "Services that choose it"), *uses.items()]  # type: ignore[attr-defined]
        self.steps, self.targets, self.windows, self.lasts = steps, targets, windows, lasts
        for n in range(steps):
            self._step(n, choices)

    def _step(self, n: int, choices: list[Any]) -> None:
        for m in range(self.targets):
            self.fields[f"target_{n}_{m}"] = forms.ChoiceField(
                choices=[("", "–"), *choices],
                required=False,
                label=f"Step {n + 1} calls" if m == 0 else "and",
                widget=forms.Select(attrs=_PLAIN),
            )
        self.fields[f"wait_{n}"] = forms.IntegerField(
            min_value=1,
            max_value=1440,
            initial=5,
            required=False,
            label="then waits, minutes",
            widget=forms.NumberInput(attrs=_PLAIN),
        )
        severities = [(k, v[2]) for k, v in alerts.SEVERITIES.items()]
        self.fields[f"severity_{n}"] = forms.MultipleChoiceField(
            choices=severities, required=False, widget=forms.CheckboxSelectMultiple
        )
        for name, options in (("mode", _MODES), ("urgency", _URGENCIES)):
            self.fields[f"{name}_{n}"] = forms.ChoiceField(
                choices=options, required=False, widget=forms.Select(attrs=_PLAIN)
            )
        for k in range(self.windows):
            self._window(f"{n}_{k}")

    def _window(self, place: str) -> None:
        for name in ("from", "to"):
            self.fields[f"{name}_{place}"] = forms.TimeField(
                required=False, widget=forms.TimeInput(attrs=_PLAIN | {"type": "time"}, format="%H:%M")
            )
        self.fields[f"days_{place}"] = forms.TypedMultipleChoiceField(
            coerce=int, choices=_DAYS, required=False, widget=forms.CheckboxSelectMultiple
        )
        self.fields[f"zone_{place}"] = forms.CharField(
            required=False,
            max_length=60,
            widget=forms.TextInput(
                attrs=_PLAIN | {"list": "zones", "placeholder": "UTC", "autocomplete": "off"}
            ),
        )

    def typed(self) -> dict[str, Any]:
        """Everything as it was sent, checked or not: the first values of the next form."""
        found = {n: f.widget.value_from_datadict(self.data, self.files, n) for n, f in self.fields.items()}
        return {n: v for n, v in found.items() if v is not None}

    def in_the_end(self) -> list[Any]:
        return [self[last_name(n)] for n in range(self.lasts)]

    def lines(self) -> list[Line]:
        return [self._line(n) for n in range(self.steps)]

    def _line(self, n: int) -> Line:
        windows = [
            WindowLine(*(self[f"{name}_{n}_{k}"] for name in ("from", "to", "days", "zone")))
            for k in range(self.windows)
        ]
        severities, mode, urgency = self[f"severity_{n}"], self[f"mode_{n}"], self[f"urgency_{n}"]
        is_set = (
            severities.value()
            or mode.value() == "one_of"
            or urgency.value()
            or any(w.start.value() or w.end.value() or w.days.value() for w in windows)
            or any(f.errors for w in windows for f in (w.start, w.end, w.days, w.zone))
        )
        targets = _and_one(
            [self[f"target_{n}_{m}"] for m in range(self.targets)], lambda t: t.value(), TARGETS
        )
        windows = _and_one(windows, lambda w: w.start.value() or w.end.value() or w.days.value(), 1)
        return Line(n + 1, targets, self[f"wait_{n}"], severities, mode, urgency, windows, bool(is_set))

    def policy(self, key: str) -> Policy:
        data = self.cleaned_data
        steps = []
        for n in range(self.steps):
            chosen = dict.fromkeys(t for m in range(self.targets) if (t := data.get(f"target_{n}_{m}")))
            if chosen:
                steps.append(self._made(n, tuple(_target(t) for t in chosen)))
        last = dict.fromkeys(t for n in range(self.lasts) if (t := data.get(last_name(n))))
        return Policy(
            key=key,
            name=data["name"],
            steps=tuple(steps),
            repeats=data["repeats"],
            catch_all=tuple(_target(t) for t in last),
            ack_timeout=timedelta(minutes=data.get("ack_minutes") or 0),
        )

    def _made(self, n: int, targets: tuple[Target, ...]) -> Step:
        data = self.cleaned_data
        severities = tuple(data.get(f"severity_{n}") or ())
        if len(severities) == len(alerts.SEVERITIES):
            severities = ()
        return Step(
            targets=targets,
            wait=timedelta(minutes=data.get(f"wait_{n}") or 5),
            severities=severities,
            windows=tuple(w for k in range(self.windows) if (w := self._hours(f"{n}_{k}"))),
            mode=data.get(f"mode_{n}") or "all",  # type: ignore[arg-type]
            urgency=data.get(f"urgency_{n}") or "",  # type: ignore[arg-type]
        )

    def _hours(self, place: str) -> Window | None:
        data = self.cleaned_data
        start, end, days = data.get(f"from_{place}"), data.get(f"to_{place}"), data.get(f"days_{place}")
        if start is None and end is None and not days:
            return None
        zone = (data.get(f"zone_{place}") or "UTC").strip()
        return Window(start or time(0), end or time(0), tuple(sorted(days or ())), zone)


def _and_one(found: list[Any], is_set: Callable[[Any], object], least: int) -> list[Any]:
    """Those of these fields that are set and one to add another, at least so many."""
    last = max((n for n, f in enumerate(found) if is_set(f)), default=-1)
    return found[: max(least, last + 2)]


def target_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Schedules first: they are what a policy should name."""
    people = (
        models.Person.objects.filter(is_active=True).exclude(role__in=("executive", "guest")).order_by("name")
    )
    groups = (
        ("Whoever is on call in", "schedule", models.Schedule.objects.values_list("id", "name")),
        ("A person", "person", people.values_list("id", "name")),
        ("Everybody in the team", "team", models.Team.objects.values_list("id", "name")),
        ("In the alert's incident, whoever is", "role", roles().items()),
    )
    return [(title, [(f"{kind}:{i}", name) for i, name in rows]) for title, kind, rows in groups if rows]


def _target(text: str) -> Target:
    kind, _, ref = text.partition(":")
    return Target(kind, ref)  # type: ignore[arg-type]


def first(core: Policy) -> dict[str, Any]:
    """A policy as the form's first values."""
    found: dict[str, Any] = {
        "name": core.name,
        "repeats": core.repeats,
        "ack_minutes": int(core.ack_timeout.total_seconds() // 60) or None,
    }
    for n, target in enumerate(core.catch_all):
        found[last_name(n)] = f"{target.kind}:{target.ref}"
    for n, step in enumerate(core.steps):
        found[f"wait_{n}"] = max(1, int(step.wait.total_seconds() // 60))
        found[f"severity_{n}"] = list(step.severities)
        found[f"mode_{n}"], found[f"urgency_{n}"] = step.mode, step.urgency
        for m, target in enumerate(step.targets):
            found[f"target_{n}_{m}"] = f"{target.kind}:{target.ref}"
        for k, w in enumerate(step.windows):
            found |= {f"from_{n}_{k}": w.start, f"to_{n}_{k}": w.end, f"zone_{n}_{k}": w.zone}
            found[f"days_{n}_{k}"] = list(w.weekdays)
    return found


def last_name(n: int) -> str:
    """The field of one of those called in the end, from 0."""
    return f"last_{n}" if n else "last"


def steps_sent(sent: Mapping[str, Any]) -> int:
    """How many steps a form had that was sent."""
    found = [int(m[2]) + 1 for k in sent if (m := _OF_STEP.fullmatch(k)) and m[1] in ("target", "wait")]
    return max(STEPS, min(MOST_STEPS, max(found, default=0)))


def lasts_sent(sent: Mapping[str, Any]) -> int:
    """How many called in the end a form had that was sent."""
    return next((n for n in range(1, MOST_LASTS) if last_name(n) not in sent), MOST_LASTS)


def without(what: str, values: Mapping[str, Any], gone: int) -> dict[str, Any]:
    """The values of a form without one step, or without one called in the end ("last"); those behind move up."""
    found = {}
    for name, value in values.items():
        place = _place(what, name)
        if place is None or place[0] < gone:
            found[name] = value
        elif place[0] > gone:
            found[place[1]] = value
    return found


def _place(what: str, name: str) -> tuple[int, str] | None:
    """Which step, or which called in the end, a field belongs to, and the name it has one place further up."""
    if what == "last":
        stem, _, n = name.partition("_")
        return (int(n or 0), last_name(int(n or 0) - 1)) if stem == "last" else None
    m = _OF_STEP.fullmatch(name)
    return (int(m[2]), f"{m[1]}_{int(m[2]) - 1}{m[3]}") if m else None
