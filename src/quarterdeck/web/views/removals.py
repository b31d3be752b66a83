"""Settings → Removed: what was taken away in the last 30 days, put back one by one or everything of one person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.act import OPERATOR
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.upkeep import putting_back, removals
from quarterdeck.core.access import may
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.routes import route

SHOWN = 200
KINDS = {
    "service": "Service",
    "policy": "Escalation policy",
    "integration": "Integration",
    "person": "Person",
    "member": "Member of a team",
    "contact": "Contact",
    "layer": "Layer of a schedule",
}
SERVER = "somebody on the server"


class AllowForm(forms.Form):
    person = forms.ChoiceField(label="Who")
    reason = forms.CharField(max_length=300, label="Reason", help_text="It is recorded with your name.")

    def __init__(self, me: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = models.Person.objects.filter(is_active=True, role="administrator").exclude(id=me)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose"), *people.values_list("id", "name"), (OPERATOR, SERVER.capitalize())]


def removed(request: HttpRequest) -> HttpResponse:
    """Newest first; `by` and `team` narrow it."""
    by, team = request.GET.get("by", "")[:40], request.GET.get("team", "")[:40]
    rows = models.Removal.objects.all()
    rows = rows.filter(actor=by) if by else rows
    rows = rows.filter(team_id=team) if team else rows
    found, names, doing = list(rows[:SHOWN]), Directory(now()), act(request)
    edits = may(doing.who, "settings.edit")
    waiting = [r for r in found if r.restored_at is None and r.kind in putting_back.KINDS]
    teams = models.Team.objects.filter(id__in=models.Removal.objects.exclude(team_id="").values("team_id"))
    actors = models.Removal.objects.order_by().values_list("actor", flat=True).distinct()[:100]
    context = {
        "tab": "audit",
        "rows": [
            {"id": r.id, "kind": KINDS.get(r.kind, r.kind), "name": r.name, "at": r.at, "restored_at": r.restored_at,
             "who": SERVER if r.actor == OPERATOR else names.name(r.actor),
             "can": edits and r.restored_at is None and r.kind in putting_back.KINDS}
            for r in found
        ],
        "by": by,
        "team": team,
        "actors": [(a, SERVER if a == OPERATOR else names.name(a)) for a in actors],
        "teams": list(teams.values_list("id", "name")),
        "all_ids": [r.id for r in waiting] if edits and (by or team) and len(waiting) > 1 else [],
        "form": AllowForm(doing.person) if edits else None,
        "most": removals.MOST,
    }  # fmt: skip
    return render(request, "settings/removed.html", context)


@posts
def restore(request: HttpRequest) -> HttpResponse:
    back = putting_back.put_back(act(request), request.POST.getlist("removal"))
    return done(request, "/settings/removed", f"{counted(len(back), 'thing is', 'things are')} back.")


@posts
def allow(request: HttpRequest) -> HttpResponse:
    form = AllowForm(act(request).person, request.POST)
    person = form.cleaned_data["person"] if form.is_valid() else request.POST.get("person", "")
    row = removals.allow(act(request), person, request.POST.get("reason", ""))
    name = SERVER if row.person_id == OPERATOR else Directory(now()).name(row.person_id)
    return done(request, "/settings/removed", f"For an hour, {name} may take away as much as needed.")


ROUTES = [
    route("settings/removed", removed, name="removed", permission="audit.read"),
    route("settings/removed/restore", restore, name="removed-restore", permission="settings.edit"),
    route("settings/removed/allow", allow, name="removed-allow", permission="settings.edit"),
]
