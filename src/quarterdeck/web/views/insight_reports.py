"""Review packs as pages and files, and the reports that go out by themselves. What somebody may do is decided in
`app`.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from quarterdeck.app.figures import packs, report_plans
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.reports.paper import sheet
from quarterdeck.app.response import switch_calls
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.metrics.periods import Period, holding, last_complete, named
from quarterdeck.core.oncall.wall import check_zone
from quarterdeck.core.reviews import Document, Facts, Table
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present.problems import people
from quarterdeck.web.routes import route
from quarterdeck.web.widgets import LongSelect

from .schedule_setup import zones

PAGE = "/insights/reports"
SHOWN = 6
_READ = packs.READ


class PlanForm(forms.Form):
    """One report that goes out by itself."""

    pack = forms.ChoiceField(label=_("Review"))
    title = forms.CharField(label=_("Title"), max_length=report_plans.TITLE_LIMIT, required=False)
    zone = forms.ChoiceField(label=_("Time zone"), widget=LongSelect, initial="UTC")
    hour = forms.IntegerField(
        label=_("Hour"), min_value=0, max_value=23, initial=8,
        help_text=_("On the first day after the week, month or quarter, by the clock of that zone."),
    )  # fmt: skip
    people = forms.MultipleChoiceField(
        label=_("Goes to"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, zone: str = "", **kwargs: Any) -> None:
        """`zone` is the one it has, or the installation's: a choice even where the list has no such place."""
        super().__init__(*args, **kwargs)
        more = () if not zone or zone in dict(zones()) else ((zone, zone),)
        self.fields["zone"].choices = [*zones(), *more]  # type: ignore[attr-defined]
        self.fields["pack"].choices = [(p.key, p.title) for p in packs.PACKS.values()]  # type: ignore[attr-defined]
        self.fields["people"].choices = [(p["id"], p["name"]) for p in people()]  # type: ignore[attr-defined]


def index(request: HttpRequest) -> HttpResponse:
    """POST makes a report; a refusal shows the form again with what was typed."""
    doing = act(request)
    may_edit = may(doing.who, report_plans.EDIT)
    form = PlanForm(initial={"zone": settings.TIME_ZONE}, zone=settings.TIME_ZONE) if may_edit else None
    if request.method == "POST":
        form = PlanForm(request.POST, zone=settings.TIME_ZONE)
        if form.is_valid():
            try:
                made = report_plans.make(doing, **form.cleaned_data)
            except Refused as refused:
                _kept(form, refused)
            else:
                return done(
                    request, f"{PAGE}/{made.id}", "It goes out by itself from now on.", saved="report-plan"
                )
    return render(
        request, "insights/reports.html", _list(request, form), status=422 if form and form.errors else 200
    )


def _list(request: HttpRequest, form: PlanForm | None) -> dict[str, Any]:
    at, person = now(), act(request).person
    plans = report_plans.plans()
    readers = report_plans.readers(p.id for p in plans)
    return {
        "tab": "reports",
        "form": form,
        "packs": [
            {
                "title": p.title, "about": p.about, "key": p.key, "href": f"/insights/packs/{p.key}",
                "periods": [
                    {"name": x.name, "href": f"/insights/packs/{p.key}?period={x.name}"}
                    for x in report_plans.periods(p.key, at, settings.TIME_ZONE, SHOWN)
                ],
            }
            for p in packs.PACKS.values()
        ],
        "plans": [
            {
                "id": p.id, "title": p.title, "href": f"{PAGE}/{p.id}", "every": packs.pack(p.pack).every,
                "next_at": p.next_at, "people": len(readers.get(p.id, ())), "held": p.held_at,
                "mine": person in readers.get(p.id, ()),
            }
            for p in plans
        ],
    }  # fmt: skip


def detail(request: HttpRequest, plan_id: str) -> HttpResponse:
    """One report: who gets it, what went out, the next mail. POST changes it."""
    doing, row = act(request), report_plans.find(plan_id)
    may_edit = may(doing.who, report_plans.EDIT)
    mine = report_plans.readers([row.id]).get(row.id, [])
    form = None
    if request.method == "POST":
        form = PlanForm(
            {**request.POST.dict(), "pack": row.pack, "people": request.POST.getlist("people")},
            zone=row.timezone,
        )
        if form.is_valid():
            said = {k: v for k, v in form.cleaned_data.items() if k != "pack"}
            try:
                report_plans.change(doing, plan_id, **said)
            except Refused as refused:
                _kept(form, refused)
            else:
                return done(request, f"{PAGE}/{plan_id}", "Saved.", saved=f"report-plan:{plan_id}")
    elif may_edit:
        form = PlanForm(
            initial={
                "pack": row.pack,
                "title": row.title,
                "zone": row.timezone,
                "hour": row.hour,
                "people": mine,
            },
            zone=row.timezone,
        )
    subject, text = report_plans.preview(row, doing.at)
    names = Directory(doing.at)
    names.load_people(set(mine))
    context = {
        "tab": "reports", "plan": row, "form": form, "subject": subject, "text": text,
        "holds": [{"key": k, "title": v} for k, v in switch_calls.choices().items()],
        "every": packs.pack(row.pack).every, "subscribed": doing.person in mine,
        "people": [{"name": names.name(p), "me": p == doing.person} for p in mine],
        "sent": models.ReportSent.objects.filter(plan_id=row.id).order_by("-sent_at", "-id")[:SHOWN],
        "pack_href": report_plans.pack_path(row, report_plans.latest(row, doing.at)),
    }  # fmt: skip
    return render(request, "insights/report.html", context, status=422 if form and form.errors else 200)


def _kept(form: PlanForm, refused: Refused) -> None:
    if refused.kind in ("forbidden", "missing"):
        raise refused
    named_ = [name for name in refused.fields or {} if name in form.fields]
    form.add_error(named_[0] if named_ else None, refused.message)


@posts
def subscription(request: HttpRequest, plan_id: str) -> HttpResponse:
    """For oneself: `on` is 1 to get it, else it stops."""
    if request.POST.get("on") == "1":
        report_plans.subscribe(act(request), plan_id)
        return done(request, f"{PAGE}/{plan_id}", "You get the next one.")
    report_plans.unsubscribe(act(request), plan_id)
    return done(request, f"{PAGE}/{plan_id}", "You get it no more.")


@posts
def hold(request: HttpRequest, plan_id: str) -> HttpResponse:
    """While an incident has this switch halted, it waits."""
    report_plans.hold_by(act(request), plan_id, request.POST.get("switch", ""))
    return done(request, f"{PAGE}/{plan_id}", "Saved.")


@posts
def stop(request: HttpRequest, plan_id: str) -> HttpResponse:
    report_plans.stop(act(request), plan_id)
    return done(request, PAGE, "It is sent no more.")


def asked_for(request: HttpRequest, key: str) -> tuple[Period, str]:
    """The period and zone in the address; without a period the last that is over."""
    every = packs.pack(key).every
    zone = request.GET.get("zone", "")[:60] or settings.TIME_ZONE
    check_zone(zone)
    said = request.GET.get("period", "")
    return (named(every, said) if said else last_complete(every, now(), zone)), zone


@require_safe
def pack(request: HttpRequest, key: str) -> HttpResponse:
    """A review pack as a page, made for printing too."""
    period, zone = asked_for(request, key)
    document = packs.contents(key, period, zone, now())
    following = holding(period.kind, period.ends)
    query = f"&zone={zone}" if "zone" in request.GET else ""
    at = f"/insights/packs/{key}"
    context = {
        "tab": "reports", "document": document, "sections": _sections(document), "about": packs.pack(key).about,
        "pdf": f"{at}.pdf?period={period.name}{query}",
        "earlier": f"{at}?period={report_plans.before(period).name}{query}",
        "later": f"{at}?period={following.name}{query}" if following.bounds(zone)[0] <= now() else "",
    }  # fmt: skip
    return render(request, "insights/pack.html", context)


@require_safe
def pack_file(request: HttpRequest, key: str) -> HttpResponse:
    period, zone = asked_for(request, key)
    answer = HttpResponse(
        sheet(packs.contents(key, period, zone, now()), packs.pack(key).title), content_type="application/pdf"
    )
    answer["Content-Disposition"] = f'inline; filename="{key.replace("_", "-")}-{period.name}.pdf"'
    return answer


def _sections(document: Document) -> list[dict[str, Any]]:
    return [
        {
            "key": s.key, "title": s.title,
            "blocks": [
                {"kind": "facts", "rows": b.rows} if isinstance(b, Facts)
                else {"kind": "table", "head": b.head, "rows": [list(zip(b.head, r, strict=True)) for r in b.rows]}
                if isinstance(b, Table)
                else {"kind": "text", "text": getattr(b, "text", ""), "quiet": getattr(b, "quiet", False)}
                for b in s.blocks
            ],
        }
        for s in document.sections
    ]  # fmt: skip


ROUTES = [
    route("insights/reports", index, name="insight-reports", permission=_READ),
    route("insights/reports/<str:plan_id>", detail, name="insight-report", permission=_READ),
    route(
        "insights/reports/<str:plan_id>/subscription",
        subscription,
        name="report-subscription",
        permission=_READ,
    ),
    route("insights/reports/<str:plan_id>/stop", stop, name="report-stop", permission=report_plans.EDIT),
    route("insights/reports/<str:plan_id>/hold", hold, name="report-hold", permission=report_plans.EDIT),
    route("insights/packs/<str:key>.pdf", pack_file, name="insight-pack-file", permission=_READ),
    route("insights/packs/<str:key>", pack, name="insight-pack", permission=_READ),
]
