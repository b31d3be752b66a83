"""The ICS tab of an incident: period, objectives, resources, hazards, forms; the form editor; the action plan."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.ics import forms
from quarterdeck.core.incidents.ics import fills
from quarterdeck.core.incidents.ics.forms import page as pages
from quarterdeck.core.incidents.ics.parts import Period
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.present import ics as shown
from quarterdeck.web.present import incident as header
from quarterdeck.web.routes import route


@never_cache
@require_safe
def index(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    period = forms.period_of(case, request.GET.get("period", ""))
    able = shown.rights_of(case, doing.who)
    url = f"/incidents/{incident_id}"
    context = header.base(case, doing.who, doing.at, "ics") | {
        "whole": case.template.key == "ics",
        "able": able,
        "period": shown.period(case, period, doing.at),
        "periods": shown.periods(case, period),
        "next": shown.period(case, case.incident.ics.prepared, doing.at),
        "objectives": shown.objectives(case, period, doing.who, doing.at),
        "meetings": shown.meetings(case, period, doing.at),
        "hazards": shown.hazards(case, doing.at),
        "divisions": shown.divisions(case, doing.at),
        "channels": shown.channels(case),
        "board": shown.board(case),
        "requests": shown.asked(case, doing.at, able),
        "going": shown.going(case),
        "forms": shown.form_list(
            forms.show_all(case, doing.who, doing.at, period), url, period.id if period else ""
        ),
        "choices": shown.choices(),
        "people": shown.folk() if able["plan"] else [],
    }
    return render(request, "incidents/ics/index.html", context)


def form(request: HttpRequest, incident_id: str, key: str) -> HttpResponse:
    """A form to read and to write. What was typed stays when it is refused."""
    doing = act(request)
    period_id, subject = request.GET.get("period", ""), request.GET.get("subject", "")[:40]
    if request.method == "POST":
        try:
            for number in request.POST.getlist("block"):
                forms.fill(
                    doing, incident_id, key, number, request.POST.get(f"text.{number}", ""),
                    period_id=period_id, subject=subject, version=_version(request, number),
                )  # fmt: skip
        except Refused as refused:
            if refused.kind == "missing":
                raise
            return _form(request, incident_id, key, refused)
        saved = f"form:{incident_id}:{key}:{period_id}:{subject}"
        return done(request, request.get_full_path(), "Saved.", saved)
    return _form(request, incident_id, key)


def _version(request: HttpRequest, number: str) -> int | None:
    text = request.POST.get(f"version.{number}", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _form(request: HttpRequest, incident_id: str, key: str, refused: Refused | None = None) -> HttpResponse:
    doing = act(request)
    period_id, subject = request.GET.get("period", ""), request.GET.get("subject", "")[:40]
    found = forms.show(incident_id, doing.who, doing.at, key, period_id, subject)
    case = casebook.load(incident_id, doing.who)
    if refused is not None:
        for block in found.page["blocks"]:
            block["written"] = request.POST.get(f"text.{block['number']}", block["written"])
    approvals = [a for a in case.incident.ics.approvals.values() if _same(found, a, subject)]
    context = header.base(case, doing.who, doing.at, "ics") | {
        "form": found.page,
        "key": key,
        "query": f"period={period_id}&subject={subject}",
        "hash": found.content_hash,
        "state": found.state,
        "may_approve": found.may_approve,
        "approvals": [{"id": a.id, **forms.stamp(case, doing.at, a)} for a in reversed(approvals)],
        "refused": refused.message if refused else "",
        "writable": any(b["may_write"] for b in found.page["blocks"]),
    }
    status = 422 if refused else 200
    return render(request, "incidents/ics/form.html", context, status=status)


def _same(found: forms.Shown, approval: Any, subject: str) -> bool:
    period = found.page["period"]
    mine = period["id"] if period and found.form.by_period else ""
    return (approval.form, approval.period_id, approval.subject) == (found.form.key, mine, subject)


@posts
def approve(request: HttpRequest, incident_id: str, key: str) -> HttpResponse:
    period_id, subject = request.GET.get("period", ""), request.GET.get("subject", "")[:40]
    forms.approve(
        act(request), incident_id, key, period_id=period_id, subject=subject, seen=request.POST.get("hash", "")
    )  # fmt: skip
    url = f"/incidents/{incident_id}/ics/forms/{key}?period={period_id}&subject={subject}"
    return done(request, url, "Approved. This version stays as it is.")


@never_cache
@require_safe
def printed(request: HttpRequest, incident_id: str, key: str) -> HttpResponse:
    page, stamp = _page(request, incident_id, key)
    return render(request, "incidents/ics/print.html", {"pages": [page], "stamp": stamp, "cover": None})


@never_cache
@require_safe
def form_pdf(request: HttpRequest, incident_id: str, key: str) -> HttpResponse:
    from quarterdeck.app.reports import ics_paper

    page, stamp = _page(request, incident_id, key)
    return pdf_file(ics_paper.form_pdf(page, stamp), f"{incident_id}-ics-{key}.pdf")


def _page(request: HttpRequest, incident_id: str, key: str) -> tuple[forms.Page, dict[str, Any] | None]:
    """The form as it stands, or with `approval` exactly as it was approved; a public copy where asked for."""
    doing = act(request)
    stamp: dict[str, Any] | None = None
    if request.GET.get("approval"):
        page, stamp = forms.frozen(incident_id, doing.who, doing.at, request.GET["approval"])
    else:
        period_id, subject = request.GET.get("period", ""), request.GET.get("subject", "")[:40]
        page = forms.show(incident_id, doing.who, doing.at, key, period_id, subject).page
    return (page, stamp) if request.GET.get("public") != "1" else (_public(page), stamp)


def _public(page: forms.Page) -> forms.Page:
    found = pages.public(page)
    if found is None:
        raise missing("form.inside", "This form lists contacts of people. There is no public copy of it.")
    return found


@never_cache
@require_safe
def plan(request: HttpRequest, incident_id: str) -> HttpResponse:
    """The action plan of a period: what is missing, the approval, every page."""
    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    period = _period(request, case)
    found, stamp = forms.approved_plan(incident_id, doing.who, doing.at, period.id)
    now_plan, lacking = forms.plan_now(case, doing.at, period)
    draft = request.GET.get("draft") == "1" or stamp is None
    context = header.base(case, doing.who, doing.at, "ics") | {
        "able": shown.rights_of(case, doing.who),
        "period": shown.period(case, period, doing.at),
        "plan": now_plan if draft else found,
        "stamp": None if draft else stamp,
        "draft": draft,
        "changed": bool(stamp) and fills.page_hash(now_plan) != (stamp or {})["hash"],
        "lacking": lacking,
        "hash": fills.page_hash(now_plan),
    }
    return render(request, "incidents/ics/plan.html", context)


def _period(request: HttpRequest, case: Case) -> Period:
    found = forms.period_of(case, request.GET.get("period", ""))
    if found is None or case.template.key != "ics":
        raise missing("plan.none", "There is no operational period to plan yet. Prepare one on the ICS page.")
    return found


@posts
def approve_plan(request: HttpRequest, incident_id: str) -> HttpResponse:
    period_id = request.POST.get("period", "")
    forms.approve_plan(act(request), incident_id, period_id, request.POST.get("hash", ""))
    return done(request, f"/incidents/{incident_id}/ics/plan?period={period_id}", "The plan is approved.")


@never_cache
@require_safe
def plan_pdf(request: HttpRequest, incident_id: str) -> HttpResponse:
    from quarterdeck.app.reports import ics_paper

    doing = act(request)
    case = casebook.load(incident_id, doing.who)
    period = _period(request, case)
    found, stamp = forms.approved_plan(incident_id, doing.who, doing.at, period.id)
    if request.GET.get("public") == "1":
        found = forms.public_plan(found)
    return pdf_file(ics_paper.plan_pdf(found, stamp), f"{incident_id}-action-plan-{period.number}.pdf")


def pdf_file(content: bytes, name: str) -> HttpResponse:
    """`name` is made of keys, so it needs no quoting."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


_READ, _ACT = "incident.read", "incident.act"
_I = "incidents/<str:incident_id>/ics"
ROUTES = [
    route(_I, index, name="incident-ics", permission=_READ),
    route(f"{_I}/forms/<str:key>", form, name="incident-ics-form", permission=_READ),
    route(f"{_I}/forms/<str:key>/approve", approve, name="incident-ics-approve", permission=_ACT),
    route(f"{_I}/forms/<str:key>/print", printed, name="incident-ics-print", permission=_READ),
    route(f"{_I}/forms/<str:key>/pdf", form_pdf, name="incident-ics-pdf", permission=_READ),
    route(f"{_I}/plan", plan, name="incident-ics-plan", permission=_READ),
    route(f"{_I}/plan/approve", approve_plan, name="incident-ics-plan-approve", permission=_ACT),
    route(f"{_I}/plan/pdf", plan_pdf, name="incident-ics-plan-pdf", permission=_READ),
]
