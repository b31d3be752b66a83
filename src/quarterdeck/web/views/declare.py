"""The screen to declare an incident, with what declaring it would do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.act import Act
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.incidents import command, incidents
from quarterdeck.app.paging import paging
from quarterdeck.app.paging.role_policies import first_for_role
from quarterdeck.core.incidents import Declaration, Suggestion, suggest
from quarterdeck.core.incidents.expressions import evaluate
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from quarterdeck.web.acting import act, done, now
from quarterdeck.web.present import recurrence, words
from quarterdeck.web.routes import route

NOBODY_ELSE = "No other commander is on call and free."


class DeclareForm(forms.Form):
    """Only the title is required. Everything else has a sensible beginning and can be changed in the war room."""

    alert = forms.CharField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(max_length=200, label="What is wrong?")
    type = forms.ChoiceField(required=False, label="Type")
    services = forms.MultipleChoiceField(
        required=False, label="Affected services", widget=forms.CheckboxSelectMultiple
    )
    impact = forms.ChoiceField(required=False, label="Impact", widget=forms.RadioSelect)
    urgency = forms.ChoiceField(required=False, label="Urgency", widget=forms.RadioSelect)
    summary = forms.CharField(
        required=False, label="What do you see?", max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    severity = forms.ChoiceField(required=False, label="Severity")
    restricted = forms.BooleanField(required=False, label="Restricted: only those called know of it")
    codename = forms.CharField(
        required=False, max_length=40, label="Codename, if restricted",
        help_text="What others see instead of the title. Left empty, two plain words are chosen.",
    )  # fmt: skip
    drill = forms.BooleanField(required=False, label="This is a drill: nothing leaves the building")
    # Only asked of somebody who holds another incident; both come filled in, so that nothing stands in the way.
    commander = forms.ChoiceField(required=False, label="Who commands this one?")
    both_reason = forms.CharField(required=False, max_length=300, label="If you take both: why?")

    def __init__(self, *args: Any, doing: Act, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.doing = doing
        self.holds = command.elsewhere(doing.person, "")
        self.fields["commander"].choices = [("", "I command both")]
        if self.holds:
            free = paging.free_commanders(doing)
            self.fields["commander"].choices += [(p.id, p.name) for p in free]
            self.initial.setdefault("commander", free[0].id if free else "")
            self.initial.setdefault("both_reason", "" if free else NOBODY_ELSE)
        catalog = current()
        choice = self.fields
        choice["type"].choices = [("", "Not known yet"), *((t.key, t.title) for t in catalog.types)]
        choice["services"].choices = list(models.Service.objects.values_list("key", "name"))
        choice["impact"].choices = [(i, i.capitalize()) for i in catalog.impacts]
        choice["urgency"].choices = [(u, u.capitalize()) for u in catalog.urgencies]
        choice["severity"].choices = [
            ("", "From impact and urgency"),
            *((str(s.rank), f"SEV{s.rank} – {s.criteria}") for s in catalog.severities),
        ]

    def clean(self) -> dict[str, Any]:
        """A reason to take both is a decision to take both, whoever else was proposed."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("both_reason", "").strip():
            said["commander"] = ""
        return said


def declare(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    if request.method != "POST":
        form = DeclareForm(initial=_prefill(request), doing=doing)
        return render(request, "incidents/declare.html", _declare_context(form, request.GET, doing.at))
    form = DeclareForm(request.POST, doing=doing)
    if form.is_valid():
        said = _said(form.cleaned_data, "alert" if form.cleaned_data["alert"] else "web")
        alert = (form.cleaned_data["alert"],) if form.cleaned_data["alert"] else ()
        token = form.cleaned_data["token"][:100]
        try:
            case = incidents.declare(doing, said, alert_ids=alert, token=token)
        except Refused as refused:
            for name, text in (refused.fields or {"": refused.message}).items():
                form.add_error(name if name in form.fields else None, text)
        else:
            key = case.incident.key
            return done(
                request,
                f"/incidents/{key}",
                f"{key} is declared. {_who_commands(form)}",
                "declare",
            )
    return render(
        request, "incidents/declare.html", _declare_context(form, request.POST, doing.at), status=422
    )


def preview(request: HttpRequest) -> HttpResponse:
    """Who would be called and which severity is suggested, before anything is sent."""
    form = DeclareForm(request.GET, doing=act(request))
    return render(request, "incidents/declare_preview.html", _declare_context(form, request.GET, now()))


def _who_commands(form: DeclareForm) -> str:
    named = dict(form.fields["commander"].choices).get(form.cleaned_data["commander"])
    if form.cleaned_data["commander"]:
        return f"{named} was called to command it."
    return "You command it until you hand over."


def _prefill(request: HttpRequest) -> dict[str, Any]:
    first: dict[str, Any] = {"token": new_id()}
    alert = models.Alert.objects.select_related("service").filter(id=request.GET.get("alert", "")).first()
    if alert is not None:
        first |= {"alert": alert.id, "title": alert.summary, "type": "availability"}
        first["services"] = [alert.service.key] if alert.service else []
    for name in ("title", "type", "impact", "urgency", "summary", "severity"):
        if request.GET.get(name):
            first[name] = request.GET[name]
    if request.GET.get("service"):
        first["services"] = request.GET.getlist("service")
    return first


def _said(data: dict[str, Any], source: str) -> Declaration:
    severity = int(data["severity"]) if data["severity"] else None
    if severity is None and data["impact"] and data["urgency"]:
        severity = suggest(current(), data["impact"], data["urgency"]).rank
    return Declaration(
        title=data["title"], type=data["type"], severity=severity, impact=data["impact"], urgency=data["urgency"],
        services=tuple(data["services"]), summary=data["summary"], drill=data["drill"], restricted=data["restricted"],
        codename=data["codename"], source=source, commander=data["commander"], both_reason=data["both_reason"],
    )  # fmt: skip


def _declare_context(form: DeclareForm, values: Any, at: datetime) -> dict[str, Any]:
    catalog = current()
    wanted = (form[name].value() for name in ("impact", "urgency", "severity"))
    impact, urgency, chosen = (v or "" for v in wanted)
    suggestion = None
    if chosen in ("1", "2", "3", "4", "5"):
        suggestion = Suggestion(int(chosen), "Chosen by you.")
    elif impact in catalog.impacts and urgency in catalog.urgencies:
        suggestion = suggest(catalog, impact, urgency)
    rank = suggestion.rank if suggestion else 2
    if suggestion is None:
        suggestion = Suggestion(
            rank, "Choose impact and urgency. Until severity is set, it is treated as SEV2."
        )
    called, roles = _called(form, rank, at)
    alert = models.Alert.objects.select_related("service").filter(id=form["alert"].value() or "").first()
    people = f" and call {counted(len(called), 'person', 'people')}" if called else ""
    return {
        "form": form,
        "suggestion": words.severity(rank) | {"reason": suggestion.reason},
        "called": called,
        "roles": roles,
        "similar": _similar(form),
        "before": recurrence.before(
            form.doing.who,
            at,
            title=form["title"].value() or "",
            type=form["type"].value() or "",
            services=tuple(form["services"].value() or ()),
        ),
        "alert": {
            "name": alert.summary,
            "where": alert.service.name if alert.service else alert.source,
            "href": f"/alerts/{alert.id}",
        }
        if alert
        else None,
        "button": f"Declare as SEV{rank}{people}",
    }


def _called(form: DeclareForm, rank: int, at: datetime) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Who would be called at once by the assembly rules, and which roles would be asked for later."""
    catalog = current()
    kind = catalog.type(form["type"].value() or "")
    template = (catalog.template(kind.template) if kind else None) or catalog.default_template
    services = tuple(form["services"].value() or ())
    facts = {
        "severity": rank,
        "type": kind.key if kind else "",
        "phase": "triage",
        "drill": bool(form["drill"].value()),
    }
    called, roles = [], []
    for rule in template.assembly:
        try:
            holds = evaluate(rule.when, facts)
        except (ValueError, KeyError):
            holds = False
        role = template.role(rule.role)
        if not holds or role is None or rule.role == "commander":
            continue
        people = first_for_role(rule.role, template, services, at)
        for person in people:
            how = "called, must acknowledge" if rule.how == "callout" else "informed"
            called.append({"person": {"name": person.name}, "title": role.title, "how": how})
        if not people:
            roles.append({"title": role.title, "note": "nobody is set"})
    return called, roles


def _similar(form: DeclareForm) -> list[dict[str, str]]:
    services = set(form["services"].value() or ())
    title = str(form["title"].value() or "").lower()
    found = []
    for row in models.IncidentRow.objects.filter(is_open=True, restricted=False).order_by("-number")[:50]:
        shared = services & set(row.services)
        alike = len([w for w in title.split() if len(w) > 4 and w in row.title.lower()]) >= 2
        if shared or alike:
            note = f"SEV{row.severity}, {words.phase(row.phase).lower()}"
            found.append({"id": row.id, "title": row.title, "note": note, "url": f"/incidents/{row.id}"})
    return found[:3]


ROUTES = [
    route("declare", declare, name="declare", permission="incident.declare"),
    route("declare/preview", preview, name="declare-preview", permission="incident.declare"),
]
