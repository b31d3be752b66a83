"""Rules of automation: the list, the builder with its check and dry run, one rule, its runs; and what rules propose."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.automation import dry_run, files, proposing, rules
from quarterdeck.core.incidents.automation import Rule, read
from quarterdeck.core.incidents.automation.deeds import DEEDS
from quarterdeck.core.incidents.automation.rule import MOST_ACTIONS
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import automation as shown
from quarterdeck.web.routes import route

HOME = "/settings/automation"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "settings/automation.html", shown.listing(act(request).who))


@posts
def example(request: HttpRequest) -> HttpResponse:
    """Take over one of the shipped rules, switched off."""
    row = files.add_example(act(request), request.POST.get("key", ""))
    return done(request, f"{HOME}/{row.key}", "Taken over, switched off. Try it dry, then switch it on.")


@require_safe
def detail(request: HttpRequest, key: str) -> HttpResponse:
    return render(
        request, "settings/automation_rule.html", shown.detail(rules.find(key), act(request).who, now())
    )


@posts
def switch(request: HttpRequest, key: str) -> HttpResponse:
    on = request.POST.get("on") == "1"
    row = rules.switch(act(request), key, on, request.POST.get("reason", ""))
    return done(request, f"{HOME}/{row.key}", "Switched on." if on else "Switched off.")


@require_safe
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    return render(
        request, "settings/automation_run.html", shown.run(rules.find_run(run_id, act(request).who), now())
    )


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """The newest runs of all rules, or those of one incident."""
    incident = request.GET.get("incident", "")[:20]
    return render(request, "settings/automation_runs.html", shown.runs(act(request).who, incident))


def edit(request: HttpRequest, key: str = "") -> HttpResponse:
    """The builder. Whatever is pressed, what was typed stays; only Save writes."""
    row = rules.find(key) if key else None
    if request.method != "POST":
        start = rules.said(row) if row else shown.blank()
        return _page(request, row, _of(row), start)
    said = request.POST
    typed = {
        n: said.get(n, "") for n in ("key", "name", "description", "team", "position", "reason", "about")
    }
    rule = _read(said)
    doing = said.get("act", "save")
    if doing == "save":
        return _save(request, row, typed, rule)
    context: dict[str, Any] = {"findings": rules.lint(rule) if doing in ("check", "dry") else []}
    if doing == "dry":
        try:
            found = dry_run.dry_run(act(request), rule, typed["name"] or "Draft", typed["about"])
            context["dry"] = shown.dry(found)
        except Refused as refused:
            context["refused"] = refused
    context["checked"] = doing == "check"
    return _page(request, row, typed, _changed(rule, doing), **context)


def _save(
    request: HttpRequest, row: models.AutomationRule | None, typed: dict[str, str], rule: Rule
) -> HttpResponse:
    position = typed["position"].strip() or "0"
    number = int(position) if position.lstrip("-").isascii() and position.lstrip("-").isdecimal() else 10**6
    draft = rules.Draft(
        typed["name"], rule, typed["description"], typed["team"], max(-(10**6), min(number, 10**6))
    )
    try:
        if row is None:
            made = rules.create(act(request), typed["key"].strip(), draft, typed["reason"])
        else:
            made = rules.change(act(request), row.key, draft, typed["reason"])
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _page(request, row, typed, rule, status=422, refused=refused, findings=rules.lint(rule))
    told = "Saved." if row else "Saved, switched off. Try it dry, then switch it on."
    return done(request, f"{HOME}/{made.key}", told, f"rule:{row.key if row else 'new'}")


def _page(
    request: HttpRequest, row: models.AutomationRule | None, typed: dict[str, str], rule: Rule, status: int = 200,
    **context: Any,
) -> HttpResponse:  # fmt: skip
    findings = context.get("findings", [])
    given = {
        "tab": "automation",
        "row": row,
        "typed": typed,
        "teams": list(models.Team.objects.order_by("name").values("id", "name")[:500]),
        "action": f"{HOME}/{row.key}/edit" if row else f"{HOME}/new",
        **shown.form(rule, findings, now()),
    }
    refused = context.get("refused")
    if refused is not None:
        given["wrong"] = {**refused.fields, **given["wrong"]}
    return render(request, "settings/automation_edit.html", given | context, status=status)


def _of(row: models.AutomationRule | None) -> dict[str, str]:
    if row is None:
        return {}
    return {
        "key": row.key, "name": row.name, "description": row.description, "team": row.team_id,
        "position": str(row.position),
    }  # fmt: skip


def _read(said: QueryDict) -> Rule:
    """The rule as the form says it; fields of another action than the chosen one are left out."""
    actions = []
    for n in range(MOST_ACTIONS + 1):
        deed = said.get(f"a{n}_do")
        if deed is None:
            continue
        known = DEEDS.get(deed)
        values = {f.key: said.get(f"a{n}_{f.key}", "")[:6_000] for f in known.fields} if known else {}
        actions.append({**values, "do": deed})
    return read(
        {
            "trigger": said.get("trigger", ""), "condition": said.get("condition", "")[:9_000],
            "minutes": said.get("minutes", ""), "per_hour": said.get("per_hour", ""), "grants": said.getlist("grants"),
            "actions": actions,
        }
    )  # fmt: skip


def _changed(rule: Rule, doing: str) -> Rule:
    """An action more, or one less, or moved up by one place."""
    word, _, place = doing.partition(":")
    actions = list(rule.actions)
    n = int(place) if place.isascii() and place.isdecimal() and len(place) < 4 else -1
    if word == "add" and len(actions) < MOST_ACTIONS:
        actions.append(read({"actions": [{"do": "note" if rule.about == "incident" else "page"}]}).actions[0])
    elif word == "drop" and 0 <= n < len(actions):
        del actions[n]
    elif word == "up" and 0 < n < len(actions):
        actions[n - 1], actions[n] = actions[n], actions[n - 1]
    return Rule(rule.trigger, rule.condition, tuple(actions), rule.grants, rule.minutes, rule.per_hour)


@posts
def settle(request: HttpRequest, incident_id: str, proposal_id: str) -> HttpResponse:
    accepted = request.POST.get("outcome") == "accepted"
    (proposing.accept if accepted else proposing.decline)(act(request), incident_id, proposal_id)
    return done(request, f"/incidents/{incident_id}", "Done as proposed." if accepted else "Left as it is.")


_READ, _WRITE = "settings.read", "settings.edit"
ROUTES = [
    route("settings/automation", index, name="automation", permission=_READ),
    route("settings/automation/new", edit, name="automation-new", permission=_WRITE),
    route("settings/automation/examples", example, name="automation-example", permission=_WRITE),
    route("settings/automation/runs", runs, name="automation-runs", permission=_READ),
    route("settings/automation/runs/<str:run_id>", run, name="automation-run", permission=_READ),
    route("settings/automation/<str:key>", detail, name="automation-rule", permission=_READ),
    route("settings/automation/<str:key>/edit", edit, name="automation-edit", permission=_WRITE),
    route("settings/automation/<str:key>/switch", switch, name="automation-switch", permission=_WRITE),
    route(
        "incidents/<str:incident_id>/proposals/<str:proposal_id>",
        settle,
        name="incident-proposal",
        permission="incident.act",
    ),
]
