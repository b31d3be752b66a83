"""Escalation policies: the list, making one and changing one. Whom it would call now is shown beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import coverage, policies
from quarterdeck.app.catalogue import current
from quarterdeck.app.directory import Directory, policy_from
from quarterdeck.core.access import may
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import escalation, oncall
from quarterdeck.web.routes import route

from .schedule_setup import free_slug

STEPS, TARGETS = 4, 2
_PLAIN = {"class": "input"}
SPECIAL = {"default": "Everything that has no policy of its own", "commander": "Calling a commander"}


def uses() -> dict[str, str]:
    """Keys of policies that mean something to the product, with what they are used for."""
    roles = {r.key: r.title for t in current().templates for r in t.roles if r.key != "commander"}
    return SPECIAL | {f"role-{key}": f"Calling for the role {title}" for key, title in roles.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """The fields of one step, as the template shows them."""

    number: int
    targets: list[Any]
    wait: Any


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
    last = forms.ChoiceField(
        required=False,
        label="In the end, call",
        help_text="Once, when nobody has answered at all. Then whoever commands and every administrator.",
    )

    def __init__(self, *args: Any, steps: int = STEPS, targets: int = TARGETS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = target_choices()
        self.fields["last"].choices = [("", "Nobody further"), *choices]  # type: ignore[attr-defined]
        self.steps, self.targets = steps, targets
        self.fields["use"].choices = [("", "Services that choose it"), *uses().items()]  # type: ignore[attr-defined]
        for n in range(steps):
            for m in range(targets):
                label = f"Step {n + 1} calls" if m == 0 else "and"
                self.fields[f"target_{n}_{m}"] = forms.ChoiceField(
                    choices=[("", "–"), *choices],
                    required=False,
                    label=label,
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

    def lines(self) -> list[Line]:
        return [
            Line(n + 1, [self[f"target_{n}_{m}"] for m in range(self.targets)], self[f"wait_{n}"])
            for n in range(self.steps)
        ]

    def policy(self, key: str) -> Policy:
        data = self.cleaned_data
        steps = []
        for n in range(self.steps):
            chosen = dict.fromkeys(t for m in range(self.targets) if (t := data.get(f"target_{n}_{m}")))
            if chosen:
                wait = timedelta(minutes=data.get(f"wait_{n}") or 5)
                steps.append(Step(tuple(_target(t) for t in chosen), wait))
        last = (_target(data["last"]),) if data["last"] else ()
        return Policy(key=key, name=data["name"], steps=tuple(steps), repeats=data["repeats"], catch_all=last)


def target_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Schedules first: they are what a policy should name."""
    people = (
        models.Person.objects.filter(is_active=True).exclude(role__in=("executive", "guest")).order_by("name")
    )
    groups = (
        ("Whoever is on call in", "schedule", models.Schedule.objects.values_list("id", "name")),
        ("A person", "person", people.values_list("id", "name")),
        ("Everybody in the team", "team", models.Team.objects.values_list("id", "name")),
    )
    return [(title, [(f"{kind}:{i}", name) for i, name in rows]) for title, kind, rows in groups if rows]


def _target(text: str) -> Target:
    kind, _, ref = text.partition(":")
    return Target(kind, ref)  # type: ignore[arg-type]


def listing(request: HttpRequest) -> HttpResponse:
    rows = list(models.EscalationPolicy.objects.all()[:200])
    directory = Directory(act(request).at)
    steps = {r.id: policy_from(r.definition).steps[:6] for r in rows}
    directory.load_targets(t for found in steps.values() for s in found for t in s.targets)
    used: dict[str, int] = {}
    for policy_id in models.Service.objects.exclude(policy=None).values_list("policy_id", flat=True):
        used[policy_id] = used.get(policy_id, 0) + 1
    special = uses()
    shown = [
        {
            "name": r.name,
            "href": f"/on-call/policies/{r.key}",
            "steps": [", ".join(directory.label(t) for t in s.targets) for s in steps[r.id]],
            "services": used.get(r.id, 0),
            "special": special.get(r.key, ""),
        }
        for r in rows
    ]
    context = {
        "policies": shown,
        "has_default": any(r.key == "default" for r in rows),
        "may_edit": may(act(request).who, "schedule.edit"),
    }
    return render(request, "oncall/policies.html", context)


def new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        use = request.GET.get("use", "")
        initial = {"use": use, "name": "Default" if use == "default" else ""}
        return _form(request, PolicyForm(initial=initial), None)
    form = PolicyForm(request.POST, steps=_count(request, "wait_"))
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            key = form.cleaned_data["use"] or _key_for(name)
            row = policies.create(act(request), form.policy(key))
        except Refused as refused:
            form.add_error("name" if "name" in refused.fields else None, refused.message)
        else:
            said = _and_end("The policy counts from the next alert on.", row)
            return done(request, f"/on-call/policies/{row.key}", said, "policy")
    return _form(request, form, None, 422)


def _and_end(said: str, row: models.EscalationPolicy) -> str:
    """What was done, and whether it ends in nobody."""
    missing = coverage.ends_in_nobody(row, now())
    return f"{said} {missing}" if missing else said


def _key_for(name: str, own: str = "") -> str:
    """A key from the name. Refuses a name that another policy has: two of one name cannot be told apart."""
    if models.EscalationPolicy.objects.filter(name__iexact=name.strip()).exclude(key=own).exists():
        raise bad(
            "policy.name_taken",
            f"There is a policy {name} already. Give this one another name.",
            name="taken",
        )
    return free_slug(models.EscalationPolicy, name)


def _key_after(form: PolicyForm, key: str) -> str:
    """The key of a policy whose use may have been changed in the form."""
    if "use" not in form.data:
        return key
    use = form.cleaned_data["use"]
    if use:
        return str(use)
    return _key_for(form.cleaned_data["name"], key) if key in uses() else key


@posts
def delete(request: HttpRequest, key: str) -> HttpResponse:
    name = policies.delete(act(request), key)
    return done(request, "/on-call/policies", f"{name} is deleted. Escalations under way keep their copy.")


def edit(request: HttpRequest, key: str) -> HttpResponse:
    row = policies.find(key)
    core = policy_from(row.definition)
    steps = len(core.steps) + 2
    targets = max([TARGETS, *(len(s.targets) + 1 for s in core.steps)])
    if request.method == "POST":
        form = PolicyForm(request.POST, steps=max(steps, _count(request, "wait_")), targets=targets)
        if form.is_valid():
            seen = request.POST.get("version", "")
            wanted = form.policy(key)
            if len(core.catch_all) > 1 and wanted.catch_all[:1] == core.catch_all[:1]:
                wanted = _keep_catch_all(wanted, core)
            try:
                wanted = replace(wanted, key=_key_after(form, key))
                saved = policies.update(
                    act(request), key, wanted, int(seen[:18]) if seen.isdecimal() else None
                )
            except Refused as refused:
                form.add_error("name" if "name" in refused.fields else None, refused.message)
            else:
                said = _and_end("Saved. It counts from the next alert on.", saved)
                return done(request, f"/on-call/policies/{saved.key}", said)
        return _form(request, form, row, 422)
    first = _first(core) | {"use": key if key in uses() else ""}
    return _form(request, PolicyForm(initial=first, steps=steps, targets=targets), row)


def _keep_catch_all(wanted: Policy, core: Policy) -> Policy:
    """The form shows one last target; others that were set elsewhere stay while the first does."""
    return Policy(wanted.key, wanted.name, wanted.steps, wanted.repeats, core.catch_all)


def _count(request: HttpRequest, prefix: str) -> int:
    return max(STEPS, min(20, sum(1 for k in request.POST if k.startswith(prefix))))


def _first(core: Policy) -> dict[str, Any]:
    first: dict[str, Any] = {"name": core.name, "repeats": core.repeats}
    if core.catch_all:
        first["last"] = f"{core.catch_all[0].kind}:{core.catch_all[0].ref}"
    for n, step in enumerate(core.steps):
        first[f"wait_{n}"] = max(1, int(step.wait.total_seconds() // 60))
        for m, target in enumerate(step.targets):
            first[f"target_{n}_{m}"] = f"{target.kind}:{target.ref}"
    return first


def _form(
    request: HttpRequest, form: PolicyForm, row: models.EscalationPolicy | None, status: int = 200
) -> HttpResponse:
    doing = act(request)
    shown = escalation.ladder(row, doing.at, oncall.Names(doing.person)) if row else None
    services = list(models.Service.objects.filter(policy=row).values("key", "name")[:100]) if row else []
    context = {
        "form": form,
        "row": {"name": row.name, "key": row.key, "version": row.version, "special": uses().get(row.key, "")}
        if row
        else None,
        "policy": shown,
        "policies": [],
        "services": services,
    }
    return render(request, "oncall/policy_form.html", context, status=status)


_EDIT = "schedule.edit"
ROUTES = [
    route("on-call/policies", listing, name="policies", permission="schedule.read"),
    route("on-call/policies/new", new, name="policy-new", permission=_EDIT),
    route("on-call/policies/<str:key>", edit, name="policy", permission=_EDIT),
    route("on-call/policies/<str:key>/delete", delete, name="policy-delete", permission=_EDIT),
]
