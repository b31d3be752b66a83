"""What came back, early command, support tickets; and the rules of the figures. What somebody may do is decided in
`app`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.executives import interruptions
from quarterdeck.app.figures import insight_rules, insights
from quarterdeck.app.figures.insight_rules import Rules
from quarterdeck.app.response import response_figures
from quarterdeck.core.access import may
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.metrics.figures import Summary, Week
from quarterdeck.core.metrics.response import COMPARED, ENOUGH, REPEATS
from quarterdeck.web.acting import act, done
from quarterdeck.web.present import words
from quarterdeck.web.present.problems import people
from quarterdeck.web.routes import route

from .insights import NAMES_BELOW, WEEKS, question

PAGE, RULES = "/insights/response", "/insights/rules"
NAMED = 30
_READ = "insight.read"


class RulesForm(forms.Form):
    level = forms.ChoiceField(
        label=gettext_lazy("Figures are broken down to"),
        choices=[("team", gettext_lazy("teams")), ("organisation", gettext_lazy("the organisation alone"))],
    )
    commander_minutes = forms.IntegerField(
        label=gettext_lazy("Early command means within minutes"),
        min_value=1,
        max_value=insight_rules.MOST_MINUTES,
    )
    program_lead = forms.ChoiceField(
        label=gettext_lazy("Program lead"), required=False,
        help_text=gettext_lazy("Beside each person, the only one who sees that person's own record."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(p["id"], p["name"]) for p in people()]
        self.fields["program_lead"].choices = [("", gettext_lazy("Nobody")), *named]  # type: ignore[attr-defined]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    asked, weeks = question(request)
    doing, in_force = act(request), insight_rules.rules()
    found = response_figures.read(doing.who, asked, in_force.commander_minutes)
    reads = may(doing.who, "incident.read")
    repeats, tickets = found.repeats, found.tickets
    context = {
        "tab": "response",
        "filters": {"weeks": str(weeks), "severity": str(asked.severity or ""), "team": asked.team},
        "choices": {
            "weeks": [(str(n), _("%(n)s weeks") % {"n": n}) for n in WEEKS],
            "severity": [(str(s["rank"]), s["label"]) for s in words.severities(current())],
            "team": insights.teams(),
        },
        "since": asked.since,
        "repeats": {
            "count": len(repeats.repeats), "of": repeats.incidents, "known": repeats.known,
            "percent": round(100 * len(repeats.repeats) / repeats.incidents) if repeats.incidents else None,
            "named": repeats.repeats[-NAMED:][::-1], "about": REPEATS,
        },
        "links": reads,
        "minutes": in_force.commander_minutes,
        "compared": [_side(_("In time"), found.compared.early), _side(_("Later or never"), found.compared.late)],
        "few": found.compared.few,
        "enough": ENOUGH,
        "compared_about": COMPARED,
        "tickets": tickets,
        "interrupted": interruptions.read(doing.who, asked)[:NAMED],
        "ticket_rows": _weeks(tickets.weeks),
        "warning": insight_rules.WARNING,
        "may_edit": may(doing.who, insight_rules.EDIT),
    }  # fmt: skip
    return render(request, "insights/response.html", context)


def _side(name: str, s: Summary) -> dict[str, Any]:
    return {
        "name": name, "n": s.n, "median": _said(s.median),
        "spread": f"{_said(s.p10)} – {_said(s.p90)}" if s.p10 is not None else _("too few"),
    }  # fmt: skip


def _said(span: timedelta | None) -> str:
    return "–" if span is None else spoken(span)


def _weeks(weeks: tuple[Week, ...]) -> list[dict[str, Any]]:
    step = -(-len(weeks) // NAMES_BELOW)
    step += step % 2 if len(weeks) > NAMES_BELOW else 0
    return [
        {
            "name": week.name.partition("-")[2] if place % max(step, 1) == 0 else "",
            "week": week.name,
            "monday": f"{week.monday.day} {MONTHS_3[week.monday.month].title()} {week.monday.year}",
            "total": week.count,
            "parts": [("accent", week.count)] if week.count else [],
        }
        for place, week in enumerate(weeks)
    ]


def rules(request: HttpRequest) -> HttpResponse:
    """POST keeps them; a refusal shows the form again with what was typed."""
    in_force = insight_rules.rules()
    form = RulesForm(
        request.POST or None,
        initial={
            "level": in_force.level, "commander_minutes": in_force.commander_minutes,
            "program_lead": in_force.program_lead,
        },
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            insight_rules.set_rules(act(request), Rules(**form.cleaned_data))
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return done(request, PAGE, "Saved.")
    context = {"tab": "response", "form": form, "warning": insight_rules.WARNING, "zone": settings.TIME_ZONE}
    return render(request, "insights/rules.html", context, status=422 if form.errors else 200)


ROUTES = [
    route("insights/response", index, name="insight-response", permission=_READ),
    route("insights/rules", rules, name="insight-rules", permission=insight_rules.EDIT),
]
