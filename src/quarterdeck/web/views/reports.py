"""Reporting a problem, open to everybody who is signed in, and the queue where reports are judged."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from quarterdeck.app.figures import report_mails
from quarterdeck.app.incidents import incident_reports as reports
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.visibility import known_to, visible_incidents
from quarterdeck.core.access import may
from quarterdeck.core.incidents.reports import MOST_CUSTOMERS
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.routes import route

SHOWN = 50
STATES = {"new": "Waiting", "declared": "Declared", "linked": "Linked", "dismissed": "Dismissed"}
_TONES = {"new": "amber", "declared": "green", "linked": "green", "dismissed": "grey"}


class ReportForm(forms.Form):
    text = forms.CharField(
        max_length=reports.TEXT_LIMIT, label="What is wrong, and where do you see it?",
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
    )  # fmt: skip
    source_kind = forms.ChoiceField(
        label="Who noticed", choices=[("employee", "I did, or a colleague"), ("customer", "A customer")]
    )
    service = forms.ChoiceField(required=False, label="Which service")
    customer = forms.CharField(max_length=200, required=False, label="Customer")
    customers = forms.IntegerField(
        min_value=0, max_value=MOST_CUSTOMERS, required=False, label="How many customers are hit"
    )
    contact = forms.CharField(max_length=300, required=False, label="How to reach whoever knows more")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["service"]
        choice.choices = [("", "Not sure"), *models.Service.objects.values_list("key", "name")]


def report(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    form = ReportForm(request.POST or None, initial={"service": request.GET.get("service", "")})
    if request.method == "POST" and form.is_valid():
        said = {k: v for k, v in form.cleaned_data.items() if v not in (None, "")}
        try:
            reports.report(doing, said.pop("text"), **said)
        except Refused as refused:
            for name, text in (refused.fields or {"": refused.message}).items():
                form.add_error(name if name in form.fields else None, refused.message if name else text)
        else:
            return done(request, "/report", "Thank you. Your report waits to be judged.", "report")
    mine = _rows(request, list(reports.mine(doing)[:10]))
    context = {"form": form, "mine": mine, "may_judge": may(doing.who, "report.judge")}
    return render(request, "reports/form.html", context, status=422 if form.errors else 200)


def queue(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    state = request.GET.get("state", "new")
    state = state if state in STATES else "new"
    opened = visible_incidents(doing.who).filter(is_open=True).order_by("severity", "-number")[:SHOWN]
    context = {
        "state": state,
        "tabs": [{"key": k, "label": label, "current": k == state} for k, label in STATES.items()],
        "reports": _rows(request, list(reports.queue(doing, state)[:SHOWN])),
        "waiting": reports.queue(doing).count(),
        "incidents": [{"id": r.id, "title": r.title, "services": r.services} for r in opened],
    }
    return render(request, "reports/queue.html", context)


@posts
def judge(request: HttpRequest, report_id: str, step: str) -> HttpResponse:
    doing, post = act(request), request.POST
    if step == "link":
        case = reports.link(doing, report_id, post.get("incident", ""))
        return done(request, "/reports", f"Linked to {case.incident.key}.")
    if step == "declare":
        case = reports.declare(doing, report_id, post.get("title", ""))
        key = case.incident.key
        return done(request, f"/incidents/{key}", f"{key} is declared. You command it until you hand over.")
    if step == "dismiss":
        reports.dismiss(doing, report_id, post.get("note", ""))
        return done(request, "/reports", "Dismissed. Whoever reported it reads why.")
    raise bad("report.step", "Choose link, declare or dismiss.")


def _rows(request: HttpRequest, rows: list[models.Report]) -> list[dict[str, Any]]:
    directory = Directory(now())
    directory.load_people({r.reported_by for r in rows})
    known = known_to(act(request).who, (r.incident_id for r in rows))
    services = dict(
        models.Service.objects.filter(key__in={r.service for r in rows}).values_list("key", "name")
    )
    teams = dict(
        models.Team.objects.filter(key__in={r.team for r in rows if r.team}).values_list("key", "name")
    )
    return [
        {
            "id": r.id, "text": r.text, "by": directory.name(r.reported_by) if r.reported_by else _("mail"), "at": r.at,
            "sender": report_mails.sender_told(r), "team": teams.get(r.team, r.team),
            "reference": report_mails.reference(r) if r.via == report_mails.VIA else "",
            "who": r.customer or ("A customer" if r.source_kind == "customer" else "An employee"),
            "customers": r.customers, "contact": r.contact, "service": services.get(r.service, r.service),
            "state": STATES.get(r.state, r.state), "tone": _TONES.get(r.state, ""), "new": r.state == "new",
            "incident": r.incident_id if r.incident_id in known else "", "note": r.note,
            "title": r.text.split("\n", 1)[0][:120],
        }
        for r in rows
    ]  # fmt: skip


ROUTES = [
    route("report", report, name="report", permission="report.write"),
    route("reports", queue, name="reports", permission="report.judge"),
    route("reports/<str:report_id>/<str:step>", judge, name="report-judge", permission="report.judge"),
]
