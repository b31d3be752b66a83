"""Settings → Engine: what it would do now, holding it and letting it go on; and the list behind a summary of pages."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from quarterdeck.app import waiting_words
from quarterdeck.app.comms import links
from quarterdeck.app.paging import backlog, pause
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import may
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.routes import PUBLIC, route


class PauseForm(forms.Form):
    reason = forms.CharField(max_length=300, label="Reason", help_text="Everybody reads it above every page.")


class ResumeForm(forms.Form):
    older = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label="What waited",
        choices=[("", "Keep all: pages older than an hour become one summary a person"),
                 (60, "Drop what is older than an hour"),
                 (15, "Drop what is older than 15 minutes"), (0, "Drop everything that waits")],
    )  # fmt: skip


def engine(request: HttpRequest) -> HttpResponse:
    at = now()
    held = pause.standing()
    pending = pause.pending(at)
    by = (
        ""
        if held is None
        else "somebody on the server"
        if held.by == "operator"
        else Directory(at).name(held.by)
    )
    edits = may(act(request).who, "settings.edit")
    context = {
        "tab": "health",
        "held": held,
        "by": by,
        "waiting": [
            {"title": waiting_words.words(w.kind).capitalize(), "count": w.count, "oldest": w.oldest,
             "stale": w.stale}
            for w in (*pending.timers, *pending.deliveries)
        ],
        "people": pending.people[:50],
        "form": (ResumeForm() if held else PauseForm()) if edits else None,
    }  # fmt: skip
    return render(request, "settings/engine.html", context)


@posts
def hold(request: HttpRequest) -> HttpResponse:
    pause.pause(act(request), request.POST.get("reason", ""))
    return done(request, "/settings/engine", "Paused. Nobody is paged until somebody resumes.")


@posts
def go_on(request: HttpRequest) -> HttpResponse:
    form = ResumeForm(request.POST)
    minutes = form.cleaned_data["older"] if form.is_valid() else None
    pause.resume(act(request), None if minutes is None else timedelta(minutes=minutes))
    return done(request, "/settings/engine", "The engine goes on.")


def _is_open(summary: str, found: list[backlog.Missed]) -> bool:
    """As long as one of the pages could be answered by its own link, and the person may still do that."""
    callouts = models.Callout.objects.filter(id__in=[p.callout_id for p in found], expires_at__gt=now())
    people = models.Person.objects.filter(id__in=callouts.values("person_id"), is_active=True)
    return people.exists()


@never_cache
@require_safe
def missed(request: HttpRequest, summary: str, token: str) -> HttpResponse:
    """The list behind a summary: what was not sent one by one. Of restricted incidents it says nothing."""
    if not links.holds(backlog.PURPOSE, summary, token):
        raise Http404
    found = backlog.listed(summary)
    if not found:
        raise Http404
    if not _is_open(summary, found):
        # As for the link of a page: an old one in somebody's mailbox tells no secrets.
        gone = {"state": "expired", "signin_url": "/accounts/login/?next=/callouts"}
        return render(request, "callouts/ack.html", gone, status=410)
    about = {p.incident_id for p in found if p.incident_id}
    alerts = dict(
        models.Alert.objects.filter(id__in={p.alert_id for p in found if p.alert_id}).values_list(
            "id", "incident_id"
        )
    )
    about |= {i for i in alerts.values() if i}
    hidden = set(
        models.IncidentRow.objects.filter(id__in=about, restricted=True).values_list("id", flat=True)
    )
    pages = [
        {
            "title": "Something restricted"
            if hidden & {p.incident_id, alerts.get(p.alert_id)}
            else p.subject,
            "url": f"/callouts/{p.callout_id}",
            "at": p.due_at,
            "over": p.state in ("acknowledged", "cancelled"),
            "bad": p.rank < 2,
        }
        for p in found
    ]
    return render(request, "callouts/missed.html", {"pages": pages})


ROUTES = [
    route("settings/engine", engine, name="engine", permission="settings.read"),
    route("settings/engine/pause", hold, name="engine-pause", permission="settings.edit"),
    route("settings/engine/resume", go_on, name="engine-resume", permission="settings.edit"),
    route("missed/<str:summary>/<str:token>/", missed, name="missed", permission=PUBLIC),
]
