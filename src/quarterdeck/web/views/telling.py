"""Clocks and statements of an incident, and its affected customers."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.comms import acknowledging, closings, messages
from quarterdeck.app.comms import telling as acts
from quarterdeck.core.incidents.impact_pulse import MOST_CUSTOMERS
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import counted
from quarterdeck.web.acting import act, done, local_time, now, number, posts
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import telling as shown
from quarterdeck.web.routes import route

_MENTION = ("source", "place", "seen_at", "link", "text")
LONGEST_MINUTES = 7 * 24 * 60


@require_safe
def statements(request: HttpRequest, incident_id: str) -> HttpResponse:
    return _statements(request, incident_id)


def _statements(request: HttpRequest, incident_id: str, status: int = 200, **more: object) -> HttpResponse:
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, at, "communication") | shown.statements(case, doing.who, at) | more
    return render(request, "incidents/statements.html", context, status=status)


@posts
def acknowledge(request: HttpRequest, incident_id: str) -> HttpResponse:
    """One click. It goes out as it was shown, or not at all where the incident changed meanwhile."""
    acknowledging.acknowledge(act(request), incident_id)
    return done(request, _at(incident_id), "The first word is on its way.")


@posts
def clock(request: HttpRequest, incident_id: str, audience: str) -> HttpResponse:
    try:
        every = timedelta(minutes=number(request.POST.get("minutes"), "minutes", 5, LONGEST_MINUTES))
        messages.set_clock(act(request), incident_id, audience, every)
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        typed = {"audience": audience, "minutes": request.POST.get("minutes", "")}
        return _statements(request, incident_id, 422, refused=refused, clock_form=typed)
    return done(request, f"{_at(incident_id)}#clocks", "The clock is set.")


@posts
def pace(request: HttpRequest, incident_id: str, audience: str) -> HttpResponse:
    slow, reason = request.POST.get("long") == "1", request.POST.get("reason", "")
    try:
        messages.pace(act(request), incident_id, audience, slow=slow, reason=reason)
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        typed = {"audience": audience, "reason": reason}
        return _statements(request, incident_id, 422, refused=refused, clock_form=typed)
    said = "Long-incident mode is on." if slow else "Updates are in step again."
    return done(request, f"{_at(incident_id)}#clocks", said)


@posts
def mention(request: HttpRequest, incident_id: str) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in _MENTION}
    try:
        acts.record_mention(
            act(request), incident_id, source=given["source"], place=given["place"], link=given["link"],
            seen_at=local_time(given["seen_at"], "seen_at"), text=given["text"],
        )  # fmt: skip
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _statements(request, incident_id, 422, refused=refused, given=given)
    return done(request, f"{_at(incident_id)}#watch", "It is on record.", f"mention:{incident_id}")


@posts
def draft_closings(request: HttpRequest, incident_id: str) -> HttpResponse:
    made = closings.draft_missing(act(request), incident_id)
    said = (
        f"{counted(len(made), 'draft')} written. Check and release each."
        if made
        else "Nothing is left to draft."
    )
    return done(request, f"{_at(incident_id)}#closings", said)


@require_safe
def customers(request: HttpRequest, incident_id: str) -> HttpResponse:
    return _customers(request, incident_id)


def _customers(request: HttpRequest, incident_id: str, status: int = 200, **more: object) -> HttpResponse:
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    page = shown.customer_page(case, doing.who, at, request.GET.get("state", ""))
    context = header.base(case, doing.who, at, "customers") | page | more
    return render(request, "incidents/customers.html", context, status=status)


@posts
def list_customers(request: HttpRequest, incident_id: str) -> HttpResponse:
    typed = request.POST.get("customers", "")
    try:
        _, changed = acts.list_customers(act(request), incident_id, typed)
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _customers(request, incident_id, 422, refused=refused, typed=typed)
    return done(
        request, _of(incident_id), f"{counted(changed, 'customer')} listed.", f"customers:{incident_id}"
    )


@posts
def move_customer(request: HttpRequest, incident_id: str, customer_id: str) -> HttpResponse:
    state, note = request.POST.get("state", ""), request.POST.get("note", "")
    try:
        acts.move_customer(act(request), incident_id, customer_id, state, note)
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        moved = {"id": customer_id, "state": state, "note": note}
        return _customers(request, incident_id, 422, refused=refused, moved=moved)
    return done(request, f"{_of(incident_id)}#customer-{customer_id}")


@posts
def pulse(request: HttpRequest, incident_id: str) -> HttpResponse:
    counts = {name: request.POST.get(name, "") for name in ("affected_now", "worst_case", "note")}
    try:
        affected = number(counts["affected_now"].replace(",", ""), "affected_now", 0, MOST_CUSTOMERS)
        worst = number(counts["worst_case"].replace(",", ""), "worst_case", 0, MOST_CUSTOMERS)
        acts.take_pulse(act(request), incident_id, affected, worst, counts["note"])
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _customers(request, incident_id, 422, refused=refused, counts=counts)
    return done(request, f"{_of(incident_id)}#pulse", "Counted.", f"pulse:{incident_id}")


def _at(incident_id: str) -> str:
    return f"/incidents/{incident_id}/statements"


def _of(incident_id: str) -> str:
    return f"/incidents/{incident_id}/affected"


_READ, _ACT = "incident.read", "incident.act"
_I = "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_I}statements", statements, name="incident-statements", permission=_READ),
    route(f"{_I}acknowledgement", acknowledge, name="incident-acknowledge", permission=_ACT),
    route(f"{_I}clocks/<str:audience>", clock, name="incident-clock", permission=_ACT),
    route(f"{_I}clocks/<str:audience>/pace", pace, name="incident-pace", permission=_ACT),
    route(f"{_I}mentions", mention, name="incident-mention", permission=_ACT),
    route(f"{_I}closing-summaries", draft_closings, name="incident-closings", permission=_ACT),
    route(f"{_I}affected", customers, name="incident-customers", permission=_READ),
    route(f"{_I}customers/new", list_customers, name="incident-customers-new", permission=_ACT),
    route(f"{_I}customers/<str:customer_id>", move_customer, name="incident-customer", permission=_ACT),
    route(f"{_I}impact-pulses", pulse, name="incident-pulse", permission=_ACT),
]
