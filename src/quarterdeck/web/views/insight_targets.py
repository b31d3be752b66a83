"""Targets: how they were kept, as a page and as CSV, and setting them. What somebody may do is decided in `app`."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.figures import insights, target_figures
from quarterdeck.app.incidents import target_clock, targets
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.metrics.definitions import METRICS
from quarterdeck.core.metrics.hours import BUSINESS_HOURS
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.present import targets as shown
from quarterdeck.web.present import words
from quarterdeck.web.routes import route

from .insights import WEEKS, question

PAGE = "/insights/targets"
HISTORY = 50
_UNITS = {"minutes": 60, "hours": 3600, "days": 86_400}


class TargetForm(forms.Form):
    """One target; since left empty means from now on."""

    metric = forms.ChoiceField(label=_("Figure"))
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    most = forms.IntegerField(label=_("At most"), min_value=1, max_value=600_000)
    unit = forms.ChoiceField(
        label=_("Unit"), choices=[("minutes", _("minutes")), ("hours", _("hours")), ("days", _("days"))]
    )
    hours = forms.ChoiceField(
        label=_("Counted"), choices=[("always", _("day and night")), ("business", _("in business hours"))]
    )
    since = forms.CharField(
        label=_("From"), required=False,
        help_text=_("Empty: from now on. What was reported before is judged as it was."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    reason = forms.CharField(label=_("Why"), max_length=targets.REASON_LIMIT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["metric"].choices = [(m.key, m.title) for m in METRICS.values()]  # type: ignore[attr-defined]
        ranks = [(str(s["rank"]), s["label"]) for s in words.severities(current())]
        self.fields["severity"].choices = [("", _("All severities")), *ranks]  # type: ignore[attr-defined]
        self.fields["team"].choices = [("", _("All teams")), *insights.teams()]  # type: ignore[attr-defined]


def index(request: HttpRequest) -> HttpResponse:
    """POST sets a target; a refusal shows the form again with what was typed."""
    if request.method != "POST":
        form = TargetForm() if may(act(request).who, targets.EDIT) else None
        return render(request, "insights/targets.html", _context(request, form))
    form = TargetForm(request.POST)
    if form.is_valid() and (made := _set(request, form)) is not None:
        return made
    return render(request, "insights/targets.html", _context(request, form), status=422)


def _set(request: HttpRequest, form: TargetForm) -> HttpResponse | None:
    said = form.cleaned_data
    try:
        targets.set_target(
            act(request), metric=said["metric"], severity=int(said["severity"]) if said["severity"] else None,
            team=said["team"], at_most=timedelta(seconds=said["most"] * _UNITS[said["unit"]]), hours=said["hours"],
            since=local_time(said["since"], "since"), reason=said["reason"],
        )  # fmt: skip
    except Refused as refused:
        if refused.kind == "forbidden":
            raise
        named = [name for name in refused.fields or {} if name in form.fields]
        form.add_error(
            named[0] if named else "most" if refused.code == "target.length" else None, refused.message
        )
        return None
    return done(request, PAGE, "The target is set.", saved="target")


@posts
def withdraw(request: HttpRequest, target_id: str) -> HttpResponse:
    targets.withdraw(act(request), target_id, reason=request.POST.get("reason", ""))
    return done(request, PAGE, "There is no such target from now on.")


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """Every judgement of the period, for a spreadsheet."""
    asked, _weeks = question(request)
    doing = act(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="quarterdeck-targets.csv"'
    csv.writer(answer).writerows(target_figures.rows(target_figures.judged(doing.who, asked, doing.at)))
    return answer


def _context(request: HttpRequest, form: TargetForm | None) -> dict[str, Any]:
    asked, weeks = question(request)
    doing = act(request)
    found = target_figures.report(doing.who, asked, doing.at)
    metric = request.GET.get("metric", "")
    metric = metric if metric in METRICS else next((m for m in METRICS if found.measured.get(m)), "")
    chosen = {
        "weeks": str(weeks), "severity": str(asked.severity or ""), "team": asked.team, "service": asked.service,
    }  # fmt: skip
    rows = targets.history()
    teams = insights.teams()
    reads = may(doing.who, "incident.read")
    return {
        "tab": "targets",
        "form": form,
        "may_edit": form is not None,
        "filters": chosen | {"metric": metric},
        "choices": {
            "weeks": [(str(n), _("%(n)s weeks") % {"n": n}) for n in WEEKS],
            "severity": [(str(s["rank"]), s["label"]) for s in words.severities(current())],
            "team": teams,
            "metric": [(m.key, m.title) for m in METRICS.values() if found.measured.get(m.key)],
        },
        "since": asked.since,
        "figures": shown.figures(found),
        "lines": shown.lines(found.lines, dict(teams)),
        "trend": shown.trend(target_figures.trend(found.judged, metric, asked), metric) if metric else None,
        "misses": shown.misses(found.misses, links=reads),
        "missed": len(found.misses),
        "live": shown.live(target_clock.pressing(doing.who, doing.at)) if reads else [],
        "history": shown.history(rows[::-1][:HISTORY], doing.at, dict(teams)),
        "rows": len(rows),
        "business_hours": BUSINESS_HOURS,
        "csv": f"/insights/targets.csv?{urlencode({k: v for k, v in chosen.items() if v})}",
    }


ROUTES = [
    route("insights/targets", index, name="insight-targets", permission=targets.READ),
    route("insights/targets.csv", table, name="insight-targets-csv", permission=targets.READ),
    route("insights/targets/<str:target_id>/withdraw", withdraw, name="withdraw-target", permission=targets.EDIT),
]  # fmt: skip
