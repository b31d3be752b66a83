"""Services and teams: what is run, who owns it, who is woken for it, and changing that."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html

from quarterdeck.app import search
from quarterdeck.app.incidents import reserve, services
from quarterdeck.app.oncall import roster
from quarterdeck.app.paging.directory import default_policy
from quarterdeck.app.people import teams
from quarterdeck.core.access import may
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.present import alerts, escalation, oncall, risks
from quarterdeck.web.present import catalog as present
from quarterdeck.web.present.paging import by_name
from quarterdeck.web.routes import route

from . import catalog_business
from .schedule_setup import free_slug, slug

TIERS = [(1, "1, most important"), (2, "2"), (3, "3"), (4, "4"), (5, "5, least")]


def catalog(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/catalog/services")


def service_list(request: HttpRequest) -> HttpResponse:
    doing, q = act(request), request.GET.get("q", "")[:100]
    rows = models.Service.objects.select_related("team", "policy")
    if q:
        rows = rows.filter(
            Q(name__icontains=q)
            | Q(key__icontains=q)
            | Q(team__name__icontains=q)
            | Q(description__icontains=q)
        )
    shown, page = by_name(rows, request.GET.get("after", ""))
    context = {
        "tab": "services",
        "services": present.services(shown, doing.who, doing.at),
        "filters": {"q": q},
        "page": page,
        "may_edit": may(doing.who, "service.edit"),
    }
    return render(request, "catalog/services.html", context)


def service(request: HttpRequest, key: str) -> HttpResponse:
    doing, row = act(request), services.find(key)
    policy = row.policy or default_policy()
    components = models.Component.objects.select_related("page").filter(services=row)[:20]
    links = (("Runbook", row.runbook_url), ("Dashboard", row.dashboard_url))
    context = {
        "tab": "services",
        "service": present.services([row], doing.who, doing.at)[0],
        "links": [{"label": label, "href": safe} for label, url in links if url and (safe := safe_url(url))],
        "policy": escalation.ladder(policy, doing.at, oncall.Names(doing.person)) if policy else None,
        "policies": [],
        "alerts": alerts.shown(search.live_alerts(row, 10), doing.who),
        "incidents": present.incidents_of(row.key, doing.who, doing.at),
        "components": [
            {"name": c.name, "state": c.state, "page": c.page.title, "href": f"/status-pages/{c.page.key}"}
            for c in components
        ],
        "may_service": may(doing.who, "service.edit"),
        "may_edit": may(doing.who, "schedule.edit"),
        "may_declare": may(doing.who, "incident.declare"),
    }
    return render(
        request,
        "catalog/service.html",
        context | catalog_business.shown(row) | risks.of_service(row.key, doing.who, doing.at),
    )


class ServiceForm(forms.Form):
    name = forms.CharField(max_length=120, label="Name")
    description = forms.CharField(max_length=500, required=False, label="What it does")
    team = forms.ChoiceField(required=False, label="Owned by")
    policy = forms.ChoiceField(required=False, label="Woken by")
    tier = forms.TypedChoiceField(coerce=int, choices=TIERS, initial=3, label="Tier")
    runbook_url = forms.CharField(max_length=2000, required=False, label="Runbook", widget=forms.URLInput)
    dashboard_url = forms.CharField(max_length=2000, required=False, label="Dashboard", widget=forms.URLInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["team"].choices = [("", "Nobody"), *models.Team.objects.values_list("key", "name")]
        fallback = default_policy()
        default = f"The default policy, {fallback.name}" if fallback else "No policy: nobody is paged"
        if fallback is None:
            fields["policy"].help_text = format_html(
                'There is no default policy. <a class="link" href="{}">Make one</a>, and every service without its own '
                "is covered.",
                "/on-call/policies/new?use=default",
            )
        fields["policy"].choices = [
            ("", default),
            *models.EscalationPolicy.objects.values_list("key", "name"),
        ]


class NewServiceForm(ServiceForm):
    """The key is what alerts name; it cannot be changed afterwards."""

    key = forms.CharField(
        max_length=60,
        required=False,
        label="Key",
        help_text="What alerts call it, such as “checkout”. Left empty, it is made from the name.",
    )
    field_order = ("name", "key", "description", "team", "policy", "tier", "runbook_url", "dashboard_url")


def new_service(request: HttpRequest) -> HttpResponse:
    form = NewServiceForm(
        request.POST or None, initial={"key": request.GET.get("key", ""), "name": request.GET.get("name", "")}
    )
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        name = data.pop("name")
        key = data.pop("key") or slug(name)
        try:
            row = services.create(act(request), key, name, **data)
        except Refused as refused:
            _told(form, refused)
        else:
            return done(request, f"/catalog/services/{row.key}", f"{row.name} is in the catalog.")
    return _form(request, form, "services", "New service", "Add the service", "/catalog/services")


def edit_service(request: HttpRequest, key: str) -> HttpResponse:
    row = services.find(key)
    first = {n: getattr(row, n) for n in ("name", "description", "tier", "runbook_url", "dashboard_url")}
    first |= {"team": row.team.key if row.team else "", "policy": row.policy.key if row.policy else ""}
    form = ServiceForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            services.update(act(request), row.key, **form.cleaned_data)
        except Refused as refused:
            _told(form, refused)
        else:
            return done(request, f"/catalog/services/{row.key}", "Saved.")
    return _form(request, form, "services", row.name, "Save", f"/catalog/services/{row.key}")


@posts
def delete_service(request: HttpRequest, key: str) -> HttpResponse:
    name = services.delete(act(request), key)
    return done(request, "/catalog/services", f"{name} is no longer in the catalog.")


def _told(form: forms.Form, refused: Refused) -> None:
    """A refusal beside the field it is about."""
    field = next((f for f in refused.fields if f in form.fields), None)
    form.add_error(field, refused.message)


def _form(request: HttpRequest, form: forms.Form, tab: str, title: str, save: str, back: str) -> HttpResponse:
    context = {"tab": tab, "form": form, "title": title, "save": save, "back": back}
    return render(request, "catalog/form.html", context, status=422 if form.errors else 200)


def team_list(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    shown, page = by_name(models.Team.objects.all(), request.GET.get("after", ""))
    context = {
        "tab": "teams",
        "teams": present.teams(shown, roster.duties(doing.at), doing.person),
        "page": page,
        "may_edit": may(doing.who, "person.edit"),
    }
    return render(request, "catalog/teams.html", context)


def team(request: HttpRequest, key: str) -> HttpResponse:
    doing, row = act(request), teams.find(key)
    duties = [d for d in roster.duties(doing.at) if d.schedule.team_id == row.id]
    members = (
        models.Membership.objects.select_related("person").filter(team=row).order_by("-lead", "person__name")
    )
    edits = may(doing.who, "person.edit")
    others = models.Person.objects.filter(is_active=True).exclude(id__in=[m.person_id for m in members])
    context = {
        "tab": "teams",
        "team": {"key": row.key, "name": row.name, "description": row.description, "id": row.id,
                 "reserve": row.reserve}
        | {"url": f"/catalog/teams/{row.key}"},
        "members": [
            {"id": m.person_id, "name": m.person.name, "me": m.person_id == doing.person, "title": m.person.title,
             "lead": m.lead, "active": m.person.is_active, "url": f"/catalog/people/{m.person_id}"}
            for m in members
        ],
        "duties": [
            {"title": d.schedule.name, "href": f"/on-call/schedules/{d.schedule.key}", "until": d.held.until,
             "person": {"name": person.name, "me": person.id == doing.person} if person else None}
            for d in duties
            for person in d.people or (None,)
        ],
        "services": list(row.services.values("key", "name", "description")[:200]),
        "others": list(others.values_list("id", "name")) if edits else [],
        "may_edit": edits,
        "may_page": may(doing.who, "page.send"),
    }  # fmt: skip
    return render(request, "catalog/team.html", context)


class TeamForm(forms.Form):
    name = forms.CharField(max_length=120, label="Name")
    description = forms.CharField(max_length=500, required=False, label="What it looks after")


def new_team(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = teams.create(
                act(request), free_slug(models.Team, data["name"]), data["name"], data["description"]
            )
        except Refused as refused:
            _told(form, refused)
        else:
            return done(request, f"/catalog/teams/{row.key}", "Now say who is in it.")
    return _form(request, form, "teams", "New team", "Add the team", "/catalog/teams")


def edit_team(request: HttpRequest, key: str) -> HttpResponse:
    row = teams.find(key)
    form = TeamForm(request.POST or None, initial={"name": row.name, "description": row.description})
    if request.method == "POST" and form.is_valid():
        try:
            teams.update(act(request), row.key, **form.cleaned_data)
        except Refused as refused:
            _told(form, refused)
        else:
            return done(request, f"/catalog/teams/{row.key}", "Saved.")
    return _form(request, form, "teams", row.name, "Save", f"/catalog/teams/{row.key}")


@posts
def team_member(request: HttpRequest, key: str) -> HttpResponse:
    """Put somebody in, make them lead or not, take them out; make the team a reserve for incidents, or none."""
    person, what = request.POST.get("person", ""), request.POST.get("act", "add")
    if what == "remove":
        teams.remove_member(act(request), key, person)
    elif what in ("reserve", "no-reserve"):
        reserve.mark(act(request), key, what == "reserve")
    else:
        teams.put_member(act(request), key, person, lead=what == "lead")
    return done(request, f"/catalog/teams/{key}", "Saved.")


_READ, _PEOPLE = "service.read", "person.edit"
ROUTES = [
    route("catalog", catalog, name="catalog", permission=_READ),
    route("catalog/services", service_list, name="services", permission=_READ),
    route("catalog/services/new", new_service, name="service-new", permission="service.edit"),
    route("catalog/services/<str:key>", service, name="service", permission=_READ),
    route("catalog/services/<str:key>/edit", edit_service, name="service-edit", permission="service.edit"),
    route(
        "catalog/services/<str:key>/delete", delete_service, name="service-delete", permission="service.edit"
    ),
    route("catalog/teams", team_list, name="teams", permission="person.read"),
    route("catalog/teams/new", new_team, name="team-new", permission=_PEOPLE),
    route("catalog/teams/<str:key>", team, name="team", permission="person.read"),
    route("catalog/teams/<str:key>/edit", edit_team, name="team-edit", permission=_PEOPLE),
    route("catalog/teams/<str:key>/members", team_member, name="team-member", permission=_PEOPLE),
]
