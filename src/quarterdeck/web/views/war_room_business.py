"""The business page of an incident and its acts: each act is one POST by its name."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.ics import resources
from quarterdeck.app.incidents import (
    contacts,
    continuity,
    money,
    privileged,
    regulatory,
    spending_up,
    vendors,
)
from quarterdeck.app.response.business_rules import rules
from quarterdeck.core.incidents.continuity import STEP_MINUTES
from quarterdeck.core.incidents.delegations import MOST_WINDOW_HOURS
from quarterdeck.core.incidents.vendors import LONGEST_MINUTES
from quarterdeck.core.kernel import money as amounts
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.web.acting import act, done, local_time, now, number, posts
from quarterdeck.web.present import business as present
from quarterdeck.web.present import incident as header
from quarterdeck.web.routes import route

Do = Callable[[Act, str, QueryDict], object]


def page(request: HttpRequest, incident_id: str) -> HttpResponse:
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    context = header.base(case, doing.who, at, "business") | present.page(case, doing.who, at)
    if privileged.may_read(case, doing.person):
        context["privileged"] = [
            {"text": n.text, "by": case.directory(at).name(n.written_by), "at": n.written_at}
            for n in privileged.notes(doing, incident_id)
        ]
    return render(request, "incidents/business/page.html", context)


def _currency(p: QueryDict) -> str:
    return amounts.code(p.get("currency") or rules().rates.currency)


def _amount(p: QueryDict, field: str) -> int:
    """An amount as typed; none where the field is empty."""
    text = p.get(field, "").strip()
    return amounts.minor(text, _currency(p), field) if text else 0


def _request(a: Act, i: str, p: QueryDict) -> None:
    cost = _amount(p, "cost")
    resources.request(
        a, i, number(p.get("quantity") or "1", "quantity", 1, 10_000), p.get("kind", ""), p.get("item", ""),
        priority="urgent" if p.get("urgent") else "routine", needed_at=local_time(p.get("needed_at", ""), "needed_at"),
        cost_minor=cost, currency=_currency(p) if cost else "", type=p.get("type", ""),
        deliver_to=p.get("deliver_to", ""),
    )  # fmt: skip


def _order(a: Act, i: str, p: QueryDict) -> None:
    cost = _amount(p, "cost")
    resources.order_request(
        a, i, p.get("request", ""), p.get("order_number", ""), p.get("supplier", ""), cost_minor=cost,
        currency=_currency(p) if cost else "", eta=local_time(p.get("eta", ""), "eta"),
    )  # fmt: skip


def _dispatch(a: Act, i: str, p: QueryDict) -> None:
    resources.dispatch_request(a, i, p.get("request", ""), local_time(p.get("eta", ""), "eta"))


def _money(a: Act, i: str, p: QueryDict) -> None:
    money.enter(a, i, p.get("kind", ""), p.get("what", ""), _amount(p, "amount"), _currency(p))


def _assess(a: Act, i: str, p: QueryDict) -> None:
    money.assess(
        a, i, p.get("dimension", ""), p.get("level", ""), note=p.get("note", ""), hour_minor=_amount(p, "hour"),
        once_minor=_amount(p, "once"), currency=_currency(p), from_start=bool(p.get("from_start")),
        reason=p.get("reason", ""),
    )  # fmt: skip


def _began(a: Act, i: str, p: QueryDict) -> None:
    at = local_time(p.get("began_at", ""), "began_at")
    if at is None:
        raise bad("began_at.missing", "Give the time when the harm began.", began_at="missing")
    money.set_impact_start(a, i, at, p.get("reason", ""))


def _delegate(a: Act, i: str, p: QueryDict) -> None:
    limit = _amount(p, "limit")
    money.delegate(
        a, i, p.get("person", ""), tuple(p.getlist("acts")), limit_minor=limit, currency=_currency(p),
        until=local_time(p.get("until", ""), "until"), note=p.get("note", ""),
        window_hours=number(p.get("window_hours") or "0", "window_hours", 0, MOST_WINDOW_HOURS),
    )  # fmt: skip


def _minutes(p: QueryDict) -> int | None:
    text = p.get("answer_minutes", "").strip()
    return number(text, "answer_minutes", 0, LONGEST_MINUTES) if text else None


def _vendor(a: Act, i: str, p: QueryDict) -> None:
    vendors.open_case(
        a, i, p.get("vendor", ""), p.get("what", ""), contact_id=p.get("vendor_contact", ""), owner=p.get("owner", ""),
        number=p.get("number", ""), contact=p.get("contact", ""), answer_minutes=_minutes(p),
    )  # fmt: skip


def _activate(a: Act, i: str, p: QueryDict) -> None:
    minutes = number(p.get("minutes") or str(STEP_MINUTES), "minutes", 1, 24 * 60)
    continuity.activate(a, i, p.get("plan", ""), p.get("person", ""), minutes)


ACTS: dict[str, Do] = {
    "request": _request,
    "approve-request": lambda a, i, p: resources.approve_request(a, i, p.get("request", "")),
    "order-request": _order,
    "grant-request": lambda a, i, p: spending_up.grant_access(
        a,
        i,
        p.get("request", ""),
        p.get("person", ""),
        number(p.get("minutes") or "15", "minutes", 1, 24 * 60),
    ),
    "dispatch-request": _dispatch,
    "arrive-request": lambda a, i, p: resources.deliver_request(
        a, i, p.get("request", ""), p.get("note", "")
    ),
    "release-request": lambda a, i, p: resources.release_request(a, i, p.get("request", "")),
    "end-request": lambda a, i, p: resources.end_request(
        a, i, p.get("request", ""), p.get("state", ""), p.get("reason", "")
    ),
    "money": _money,
    "strike-money": lambda a, i, p: money.strike(a, i, p.get("entry", ""), p.get("reason", "")),
    "assess-harm": _assess,
    "began-harm": _began,
    "lend-authority": _delegate,
    "confirm-authority": lambda a, i, p: money.confirm(a, i, p.get("delegation", "")),
    "end-authority": lambda a, i, p: money.revoke(a, i, p.get("delegation", ""), p.get("reason", "")),
    "open-vendor": _vendor,
    "number-vendor": lambda a, i, p: vendors.number_case(a, i, p.get("case", ""), p.get("number", "")),
    "answer-vendor": lambda a, i, p: vendors.answered(a, i, p.get("case", ""), p.get("note", "")),
    "ask-vendor": lambda a, i, p: vendors.ask_again(
        a, i, p.get("case", ""), p.get("note", ""), _minutes(p) or 0
    ),
    "close-vendor": lambda a, i, p: vendors.close_case(a, i, p.get("case", ""), p.get("note", "")),
    "start-deadline": lambda a, i, p: regulatory.start(
        a, i, p.get("key", ""), local_time(p.get("aware_at", ""), "aware_at"), p.get("why", "")
    ),
    "end-deadline": lambda a, i, p: regulatory.end(
        a, i, p.get("key", ""), p.get("state", ""), p.get("note", "")
    ),
    "note-privileged": lambda a, i, p: privileged.write(a, i, p.get("text", "")),
    "activate-plan": _activate,
    "end-plan": lambda a, i, p: continuity.end(a, i, p.get("activation", ""), p.get("note", "")),
    "name-contact": lambda a, i, p: contacts.name_contact(a, i, p.get("person", "")),
}


@posts
def do(request: HttpRequest, incident_id: str, name: str) -> HttpResponse:
    """One act by its name; the page opens where it was done."""
    found = ACTS.get(name)
    if found is None:
        raise missing("act.unknown", "There is no such act. Reload the page and try again.")
    found(act(request), incident_id, request.POST)
    place = name.rpartition("-")[2]
    return done(request, f"/incidents/{incident_id}/business#{place}", saved=f"business:{incident_id}:{name}")


ROUTES = [
    route("incidents/<str:incident_id>/business", page, name="incident-business", permission="incident.read"),
    route(
        "incidents/<str:incident_id>/business/acts/<str:name>",
        do,
        name="incident-business-act",
        permission="incident.act",
    ),
]
