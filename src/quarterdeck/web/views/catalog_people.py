"""People: the list, one person, inviting and switching off. How each is reached is in `profile`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from quarterdeck.app import search
from quarterdeck.app.people import accounts, people
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web import invitations, once
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.present import callouts as present_callouts
from quarterdeck.web.present import catalog as present
from quarterdeck.web.present import journey, oncall
from quarterdeck.web.present.paging import by_name
from quarterdeck.web.routes import route
from quarterdeck.web.widgets import LongSelect

from .schedule_setup import zones

SHOW = {"": True, "off": False, "all": None}


def listing(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    q, show = request.GET.get("q", "")[:100], request.GET.get("show", "")
    rows = people.search(q, SHOW.get(show, True))
    shown, page = by_name(rows, request.GET.get("after", ""))
    context = {
        "tab": "people",
        "people": present.people(shown, doing.person, doing.at),
        "filters": {"q": q, "show": show},
        "page": page,
        "may_edit": may(doing.who, "person.edit"),
    }
    return render(request, "catalog/people.html", context)


@never_cache
def person(request: HttpRequest, person_id: str) -> HttpResponse:
    doing, row = act(request), people.find(person_id)
    edits = may(doing.who, "person.edit")
    own = row.id == doing.person
    schedules = list(models.Schedule.objects.prefetch_related("layers", "overrides")[:100])
    called = (
        search.callouts(doing.who).filter(person=row).order_by("-id")[:10]
        if may(doing.who, "alert.read")
        else []
    )
    held = models.RoleAssignmentRow.objects.filter(person_id=row.id, ended_at=None).order_by("-started_at")[
        :20
    ]
    known = {
        r.id: r
        for r in search.incidents(doing.who, is_open=True).filter(id__in={h.incident_id for h in held})
    }
    context = {
        "tab": "people",
        "person": present.people([row], doing.person, doing.at)[0]
        | {"email": row.email, "phone": row.phone, "zone": row.timezone, "handle": row.handle,
           "clock": present.local_clock(row.timezone, doing.at), "skills": ", ".join(str(s) for s in row.skills)},
        "contacts": present.contacts(row, own or edits),
        "rules": present.rules(row),
        "teams": list(models.Team.objects.filter(membership__person=row).values("key", "name")),
        "shifts": oncall.mine(schedules, row.id, doing.at),
        "roles": [
            {"title": h.role.replace("_", " ").capitalize(), "since": h.started_at,
             "incident": present.incident(known[h.incident_id])}
            for h in held
            if h.incident_id in known
        ],
        "calls": journey.attach(present_callouts.due_lines(list(called)), list(called)),
        "own": own,
        "may_edit": edits,
        "may_page": may(doing.who, "page.send") and row.is_active,
        "invitation": once.take(request, row.id) if edits else "",
    }  # fmt: skip
    return render(request, "catalog/person.html", context)


class InviteForm(forms.Form):
    name = forms.CharField(max_length=120, label="Name")
    email = forms.EmailField(
        label="E-mail address", help_text="They sign in with it and are reached by it first."
    )
    role = forms.ChoiceField(choices=list(present.ROLES.items()), initial="responder", label="Role")
    timezone = forms.ChoiceField(choices=zones, widget=LongSelect, label="Time zone", initial="UTC")


def invite(request: HttpRequest) -> HttpResponse:
    """A new person. They choose a password by the link in the invitation."""
    viewer: Any = request.user
    form = InviteForm(request.POST or None, initial={"timezone": viewer.timezone})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            doing = act(request)
            made = accounts.create(
                doing, data["email"], data["name"], role=data["role"], timezone=data["timezone"]
            )
            said = invitations.send(request, doing, made)
        except Refused as refused:
            field = next((f for f in refused.fields if f in form.fields), None)
            form.add_error(field, refused.message)
        else:
            return done(request, f"/catalog/people/{made.id}", f"{made.name} is in. {said}")
    context = {
        "tab": "people",
        "form": form,
        "title": "Invite somebody",
        "save": "Invite",
        "back": "/catalog/people",
    }
    return render(request, "catalog/form.html", context, status=422 if form.errors else 200)


@posts
def invite_again(request: HttpRequest, person_id: str) -> HttpResponse:
    row = people.find(person_id)
    return done(request, f"/catalog/people/{row.id}", invitations.send(request, act(request), row))


@posts
def active(request: HttpRequest, person_id: str) -> HttpResponse:
    """Switch somebody off, or on again. What they did stays on record."""
    on = request.POST.get("active") == "1"
    row = accounts.set_active(act(request), person_id, on)
    said = (
        f"{row.name} can sign in and be paged again."
        if on
        else f"{row.name} can no longer sign in and is not paged."
    )
    return done(request, f"/catalog/people/{row.id}", said)


_EDIT = "person.edit"
ROUTES = [
    route("catalog/people", listing, name="people", permission="person.read"),
    route("catalog/people/new", invite, name="person-new", permission=_EDIT),
    route("catalog/people/<str:person_id>", person, name="person", permission="person.read"),
    route("catalog/people/<str:person_id>/invitation", invite_again, name="person-invite", permission=_EDIT),
    route("catalog/people/<str:person_id>/active", active, name="person-active", permission=_EDIT),
]
