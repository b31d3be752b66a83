"""Escalation policies: the list, making one and changing one. Whom it would call now is shown beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.oncall import coverage
from quarterdeck.app.paging import policies, preflight
from quarterdeck.app.paging.directory import Directory, policy_from
from quarterdeck.core.access import may
from quarterdeck.core.escalation.conditions import listed
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import escalation, oncall, process
from quarterdeck.web.routes import route

from .policy_form import (
    MOST_LASTS,
    MOST_STEPS,
    STEPS,
    TARGETS,
    PolicyForm,
    first,
    last_name,
    lasts_sent,
    steps_sent,
    without,
)
from .schedule_setup import free_slug, zones

MOST_SPELLS = 6
SPECIAL = {"default": "Everything that has no policy of its own", "commander": "Calling a commander"}


def uses() -> dict[str, str]:
    """Keys of policies that mean something to the product, with what they are used for."""
    roles = {r.key: r.title for t in current().templates for r in t.roles if r.key != "commander"}
    return SPECIAL | {f"role-{key}": f"Calling for the role {title}" for key, title in roles.items()}


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
            "steps": [escalation.short(s, directory) for s in steps[r.id]],
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
        return _form(request, PolicyForm(uses(), initial=initial), None)
    sent = request.POST
    form = PolicyForm(uses(), sent, steps=steps_sent(sent), targets=_targets(request), lasts=lasts_sent(sent))
    if "change" in request.POST:
        return _form(request, _other_lines(request, form), None)
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
    """What was done, whether it ends in nobody, and when it would reach nobody at all."""
    missing = coverage.ends_in_nobody(row, now())
    never = preflight.told(preflight.unreached(policy_from(row.definition), now()), 2)
    return " ".join(x for x in (said, missing, never) if x)


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
    steps = max(STEPS, len(core.steps))
    targets = max([TARGETS, *(len(s.targets) + 1 for s in core.steps)])
    windows = max([1, *(len(s.windows) + 1 for s in core.steps if s.windows)])
    if request.method == "POST":
        count, targets = steps_sent(request.POST), max(targets, _targets(request))
        lasts = lasts_sent(request.POST)
        form = PolicyForm(uses(), request.POST, steps=count, targets=targets, windows=windows, lasts=lasts)
        if "change" in request.POST:
            return _form(request, _other_lines(request, form), row)
        if form.is_valid():
            seen = request.POST.get("version", "")
            wanted = form.policy(key)
            try:
                wanted = replace(wanted, key=_key_after(form, key))
                saved = policies.update(
                    act(request), key, wanted, int(seen[:18]) if seen.isdecimal() else None,
                    request.POST.get("note", ""),
                )  # fmt: skip
            except Refused as refused:
                form.add_error("name" if "name" in refused.fields else None, refused.message)
            else:
                said = _and_end("Saved. It counts from the next alert on.", saved)
                return done(request, f"/on-call/policies/{saved.key}", said)
        return _form(request, form, row, 422)
    initial = first(core) | {"use": key if key in uses() else ""}
    lasts = max(1, len(core.catch_all))
    form = PolicyForm(uses(), initial=initial, steps=steps, targets=targets, windows=windows, lasts=lasts)
    return _form(request, form, row)


def _targets(request: HttpRequest) -> int:
    """Fields for whom each step calls: those that were sent, and one to add another."""
    sent = [k.rpartition("_")[2] for k in request.POST if k.startswith("target_")]
    most = max([0, *(int(n) for n in sent if n.isascii() and n.isdecimal() and len(n) < 3)])
    return max(TARGETS, min(MOST_STEPS, most + 2))


def _other_lines(request: HttpRequest, form: PolicyForm) -> PolicyForm:
    """The form as it was sent with one line more, or without one: nothing is saved, and nothing typed is lost.

    `change` is step-more, step-less-N, last-more or last-less-N, N from 0.
    """
    what, _, rest = request.POST["change"][:20].partition("-")
    values, count = form.typed(), {"step": form.steps, "last": form.lasts}
    most = {"step": MOST_STEPS, "last": MOST_LASTS}
    if what in count:
        _, less, gone = rest.partition("less-")
        if less and gone.isascii() and gone.isdecimal() and int(gone) < count[what] > 1:
            values, count[what] = without(what, values, int(gone)), count[what] - 1
        elif rest == "more":
            count[what] = min(most[what], count[what] + 1)
    made = PolicyForm(
        uses(), initial=values, steps=count["step"], targets=form.targets, windows=form.windows,
        lasts=count["last"],
    )  # fmt: skip
    if count["step"] > form.steps:
        made.fields[f"target_{form.steps}_0"].widget.attrs["autofocus"] = True
    if count["last"] > form.lasts:
        made.fields[last_name(form.lasts)].widget.attrs["autofocus"] = True
    return made


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
        "zones": [z for z, _ in zones()],
        "unreached": _unreached(row, doing.at),
        "note": request.POST.get("note", "")[:4000],
    } | (process.box("policy", row.key, doing.who, doing.at) if row else {})
    return render(request, "oncall/policy_form.html", context, status=status)


def _unreached(row: models.EscalationPolicy | None, at: datetime) -> list[str]:
    """The times of the next days at which the saved policy reaches nobody, as text on the viewer's clock."""
    spells = preflight.unreached(policy_from(row.definition), at) if row else []
    found = []
    for s in spells[:MOST_SPELLS]:
        whom = f", {listed(s.severities)}" if s.severities else ""
        since = "now" if s.starts_at <= at else oncall.day_time(s.starts_at)
        found.append(f"{since} to {oncall.day_time(s.ends_at)}{whom}")
    more = len(spells) - MOST_SPELLS
    return [*found, f"and {more} more times"] if more > 0 else found


_EDIT = "schedule.edit"
ROUTES = [
    route("on-call/policies", listing, name="policies", permission="schedule.read"),
    route("on-call/policies/new", new, name="policy-new", permission=_EDIT),
    route("on-call/policies/<str:key>", edit, name="policy", permission=_EDIT),
    route("on-call/policies/<str:key>/delete", delete, name="policy-delete", permission=_EDIT),
]
