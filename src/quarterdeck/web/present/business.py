"""The business half of an incident on its pages: costs, harm, requests, authority, vendors, legal deadlines, plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.incidents import continuity, money, vendors
from quarterdeck.app.response.business_rules import rules
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import access_grants, costing, delegations, stands_for
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.business import Delegation
from quarterdeck.core.incidents.contact import contact_of
from quarterdeck.core.incidents.ics import requests, rights
from quarterdeck.core.incidents.ics.resource_parts import ResourceRequest
from quarterdeck.core.incidents.regulatory import GRANTS, answerable
from quarterdeck.core.incidents.spending import MONEY_GRANTS
from quarterdeck.core.incidents.state import PASSIVE_ROLES
from quarterdeck.core.incidents.structure import DIMENSIONS, LEVELS
from quarterdeck.core.kernel import money as amounts
from quarterdeck.core.kernel.moments import spoken

KINDS = {"people": "Time of people", "entry": "Entered", "request": "Ordered", "impact": "Harm"}
STATES = {"on_the_way": "on the way", "delivered": "arrived"}
_TONES = {"critical": "red", "high": "orange", "medium": "amber", "low": "blue"}
_REQUEST_TONES = {
    "requested": "amber",
    "refused": "grey",
    "cancelled": "grey",
    "delivered": "green",
    "released": "grey",
}


def page(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """Everything of the business page."""
    services = case.incident.services
    return {
        "costs": costs(case, now),
        "harms": harms(case, now),
        "requests": asked(case, who, now),
        "lent": lent(case, who, now),
        "cases": cases(case, now),
        "deadlines": deadlines(case, who, now),
        "in_use": in_use(case, now),
        "contact": contact(case, now),
        "able": able(case, who, now),
        "actors": actors(case, now),
        "people": _people(case, now),
        "currency": rules().rates.currency,
        "levels": LEVELS,
        "acts": [{"key": k, "label": label} for k, label in delegations.ACTS.items()],
        "library": [
            {"key": c.key, "title": c.title, "source": c.source, "within": spoken(c.within)}
            for c in rules().clocks
            if c.key not in case.incident.business.regulatory
        ],
        "known_vendors": [
            {"id": v.id, "name": v.vendor, "service": v.service.name, "contact": v.contact}
            for v in vendors.of_services(services)
        ],
        "plans": [
            {"id": p.id, "title": p.title, "service": p.service.name, "steps": len(p.steps), "supplier": p.supplier,
             "rto": _minutes(p.rto_minutes), "rpo": _minutes(p.rpo_minutes)}
            for p in continuity.of_services(services)
            if not any(c.plan_id == p.id and c.ended_at is None for c in case.incident.business.continuity.values())
        ],
    }  # fmt: skip


def panel(case: Case, now: datetime) -> dict[str, Any] | None:
    """The few lines of the war room; None while there is nothing to say."""
    business = case.incident.business
    waiting = [c for c in business.open_cases() if c.state == "waiting"]
    running = sorted(business.running_clocks(), key=lambda c: c.due_at)
    open_requests = [r for r in case.incident.ics.requests.values() if r.state in requests.RUNNING]
    found = money.so_far(case, now)
    lent_now = delegations.standing(case.incident, now)
    reporting = business.customers_reporting
    shown = (waiting, running, open_requests, lent_now, any(found.totals.values()), found.planned, reporting)
    if not any(shown):
        return None
    names = case.directory(now).name
    return {
        "total": sums(found.totals),
        "customers": reporting,
        "over": [sums({code: -left}) for code, left in found.left.items() if left < 0],
        "waiting": [
            {"vendor": c.vendor, "due": c.due_at, "since": c.waiting_since, "late": c.overdue} for c in waiting
        ],
        "deadlines": [
            {"title": c.title, "due": c.due_at, "late": now >= c.due_at, "who": names(answerable(case.incident, c))}
            for c in running
        ],
        "requests": len(open_requests),
        "lent": [{"name": names(d.to_person), "most": limit(d.limit_minor, d.currency)} for d in lent_now],
        "in_use": [c.title for c in business.continuity.values() if c.ended_at is None],
    }  # fmt: skip


def customers(case: Case) -> dict[str, Any] | None:
    """What customers said, the newest first."""
    told = [r for r in reversed(list(case.incident.business.reports.values())) if r.source_kind == "customer"]
    rows = [{"name": r.customer or "A customer", "quote": r.text[:140], "reports": 1} for r in told[:5]]
    return {"reports": len(told), "open": 0, "open_href": "/reports", "rows": rows} if told else None


def sums(found: Mapping[str, int]) -> str:
    """Amounts of several currencies in one line, never added up."""
    return " + ".join(amounts.text(minor, code) for code, minor in found.items() if minor)


def limit(minor: int, currency: str) -> str:
    return amounts.text(minor, currency) if currency else ""


def able(case: Case, who: Who, now: datetime) -> dict[str, bool]:
    """What the viewer may do here; the server decides again at every act."""
    i, t = case.incident, case.template
    open_ = not i.has_ended
    chief = bool(stands_for(i, t, who) & {*rights.CHIEFS, "commander"})
    return {
        "money": delegations.may_act(i, t, who, "spend", now, *MONEY_GRANTS),
        "budget": delegations.may_act(i, t, who, "budget", now, "decision.make"),
        "assess": may(i, t, who, "impact.set", "severity.set"),
        "lend": open_ and (may(i, t, who, "decision.make") or delegations.is_agency(who)),
        "judge": may(i, t, who, *GRANTS) or delegations.is_agency(who)
        or bool(delegations.lent(i, who.person, "regulatory", now)),
        "continuity": open_ and delegations.may_act(i, t, who, "continuity", now, "decision.make"),
        "contact": open_ and may(i, t, who, "decision.make"),
        "approve": open_ and (chief or bool(delegations.lent(i, who.person, "spend", now))),
        "chief": open_ and chief,
        "move": open_ and may(i, t, who, *rights.RESOURCES),
    }  # fmt: skip


def costs(case: Case, now: datetime) -> dict[str, Any]:
    found = money.so_far(case, now)
    names = case.directory(now).name
    titles = {r.key: r.title for r in case.template.roles}
    entries = case.incident.business.costs
    lines = []
    for line in found.lines:
        if line.kind == "people" and not line.minor:
            continue
        what = names(line.subject) if line.kind == "people" else line.what.replace("_", " ")
        note, at = "", None
        if line.kind == "people":
            roles = ", ".join(titles.get(r, r) for r in line.what.split(", "))
            note = f"{line.seconds // 60} min, {roles}"
        elif line.kind == "entry":
            entry = entries[line.subject]
            note, at = names(entry.entered_by), entry.entered_at
        lines.append(
            {"kind": KINDS[line.kind], "id": line.subject if line.kind == "entry" else "",
             "what": what[:1].upper() + what[1:], "note": note, "at": at,
             "amount": amounts.text(line.minor, line.currency)}
        )  # fmt: skip
    planned = [e for e in entries.values() if e.kind == "budget" and e.struck_at is None]
    return {
        "lines": lines,
        "total": sums(found.totals),
        "spent": sums(found.spent),
        "harm": sums(found.of("impact")),
        "planned": [
            {"id": e.id, "what": e.what, "amount": amounts.text(e.minor, e.currency)} for e in planned
        ],
        "left": [
            {
                "amount": amounts.text(left, code),
                "over": left < 0,
                "of": amounts.text(found.planned[code], code),
            }
            for code, left in found.left.items()
        ],
        "struck": [
            {"what": e.what, "amount": amounts.text(e.minor, e.currency), "reason": e.struck_reason}
            for e in entries.values()
            if e.struck_at is not None
        ],
        "rated": bool(rules().rates.hour_minor or rules().rates.roles),
    }


def harms(case: Case, now: datetime) -> dict[str, Any]:
    incident = case.incident
    until = costing.counted_until(incident, now)
    rows = []
    for key in DIMENSIONS:
        found = incident.business.impacts.get(key)
        level = incident.dimensions.get(key, "none")
        rows.append(
            {
                "key": key, "label": key.replace("_", " ").capitalize(), "level": level, "tone": _TONES.get(level, ""),
                "note": found.note if found else "",
                "hour": amounts.typed(found.hour_minor, found.currency) if found and found.hour_minor else "",
                "hourly": amounts.text(found.hour_minor, found.currency) if found and found.hour_minor else "",
                "once": amounts.typed(found.once_minor, found.currency) if found and found.once_minor else "",
                "single": amounts.text(found.once_minor, found.currency) if found and found.once_minor else "",
                "currency": found.currency if found else "",
                "cost": amounts.text(costing.harm(found, until), found.currency) if found and found.currency else "",
            }
        )  # fmt: skip
    began = costing.began(incident)
    return {
        "rows": rows,
        "began": began,
        "lasted": spoken(until - began) if began else "",
        "moved": incident.business.impact_started_at is not None,
    }


def asked(case: Case, who: Who, now: datetime) -> list[dict[str, Any]]:
    """Requests with the one next step that the viewer may take."""
    may_do, names = able(case, who, now), case.directory(now).name
    rows = []
    for r in reversed(list(case.incident.ics.requests.values())):
        up = case.incident.business.sent_up.get(r.id, "") if r.state == "requested" else ""
        minor, code = costing.price(r, rules().rates.currency)
        rows.append(
            {
                "id": r.id, "number": r.number, "what": f"{r.quantity} × {r.kind}", "type": r.type, "item": r.item,
                "by": names(r.requested_by), "needed": r.needed_at,
                "eta": r.eta if r.state in requests.ORDERED else None,
                "urgent": r.priority == "urgent" and r.state in requests.RUNNING,
                "cost": amounts.text(minor, code) if minor else "",
                "amount": amounts.typed(minor, code) if minor else "",
                "currency": code, "state": STATES.get(r.state, r.state), "tone": _REQUEST_TONES.get(r.state, "blue"),
                "waits_for": names(up) if up else "", "supplier": r.supplier, "note": r.note,
                "approved_by": names(r.approved_by) if r.approved_by else "",
                "step": _step(r, may_do, up == who.person),
                "refusable": r.state in requests.RUNNING and may_do["chief"],
                "cancellable": r.state in requests.RUNNING and r.requested_by == who.person,
                "form": f"/incidents/{case.incident.key}/ics/forms/213RR?subject={r.id}"
                if case.template.key == "ics" else "",
            }
        )  # fmt: skip
    return rows


def _step(r: ResourceRequest, may_do: dict[str, bool], asked_up: bool) -> str:
    if r.state == "requested":
        return "approve" if may_do["approve"] or asked_up else ""
    if access_grants.is_access(r.kind) and r.state in ("approved", "ordered"):
        # Granting it is somebody's task; done is arrived.
        return "grant" if r.state == "approved" and may_do["move"] else ""
    steps = {"approved": "order", "ordered": "dispatch", "funded": "dispatch", "on_the_way": "arrive",
             "delivered": "release"}  # fmt: skip
    return steps.get(r.state, "") if may_do["move"] else ""


def _used(case: Case, d: Delegation, now: datetime) -> str:
    if not d.currency or not d.in_force(now):
        return ""
    act = "spend" if "spend" in d.acts else "budget"
    return limit(delegations.used(case.incident, d, act, now), d.currency)


def lent(case: Case, who: Who, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    return [
        {
            "id": d.id, "from": names(d.from_person), "name": names(d.to_person),
            "acts": ", ".join(delegations.ACTS.get(a, a) for a in d.acts), "most": limit(d.limit_minor, d.currency),
            "until": d.until, "note": d.note, "stands": d.in_force(now), "ended": d.end_reason,
            "mine": who.person in (d.from_person, d.to_person),
            "lapsed": d.lapsed, "window": d.window_hours,
            "used": _used(case, d, now),
        }
        for d in reversed(list(case.incident.business.delegations.values()))
    ]  # fmt: skip


def cases(case: Case, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    found = sorted(case.incident.business.vendor_cases.values(), key=lambda c: (not c.is_open, c.opened_at))
    return [
        {
            "id": c.id, "vendor": c.vendor, "number": c.number, "what": c.what, "contact": c.contact,
            "owner": names(c.owner), "state": c.state, "since": c.waiting_since, "due": c.due_at, "late": c.overdue,
            "note": c.note, "open": c.is_open,
        }
        for c in found
    ]  # fmt: skip


def deadlines(case: Case, who: Who, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    found = sorted(case.incident.business.regulatory.values(), key=lambda c: (not c.is_running, c.due_at))
    return [
        {
            "key": c.key, "title": c.title, "source": c.source, "why": c.why, "due": c.due_at,
            "owner": names(answerable(case.incident, c)), "running": c.is_running,
            "late": c.is_running and now >= c.due_at,
            "state": c.state.replace("_", " "), "note": c.note, "aware": c.aware_at,
            "judge": c.is_running and (who.person == c.owner or able(case, who, now)["judge"]),
        }
        for c in found
    ]  # fmt: skip


def in_use(case: Case, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    return [
        {
            "id": c.id, "title": c.title, "service": c.service, "supplier": c.supplier, "by": names(c.activated_by),
            "at": c.activated_at, "rto": _minutes(c.rto_minutes), "rpo": _minutes(c.rpo_minutes), "ended": c.ended_at,
            "note": c.note, "late": bool(c.rto_minutes and c.ended_at is None
                                         and (now - c.activated_at).total_seconds() > c.rto_minutes * 60),
        }
        for c in reversed(list(case.incident.business.continuity.values()))
    ]  # fmt: skip


def contact(case: Case, now: datetime) -> dict[str, Any] | None:
    """Whom to ask about this incident."""
    found = contact_of(case.incident)
    if found is None:
        return None
    titles = {r.key: r.title for r in case.template.roles}
    return {
        "id": found.person, "name": case.directory(now).name(found.person), "role": titles.get(found.role, found.role),
        "named": case.incident.business.contact == found.person,
    }  # fmt: skip


def actors(case: Case, now: datetime) -> list[dict[str, str]]:
    """Who holds a role here that acts."""
    names = case.directory(now).name
    held = (a.person for a in case.incident.open_assignments() if a.role not in PASSIVE_ROLES)
    return [{"id": p, "name": names(p)} for p in dict.fromkeys(held)]


def _people(case: Case, now: datetime) -> list[dict[str, str]]:
    """Whom authority can be lent to: those who are in the incident, by name."""
    return sorted(actors(case, now), key=lambda p: p["name"])


def _minutes(minutes: int) -> str:

    return spoken(timedelta(minutes=minutes)) if minutes else ""
