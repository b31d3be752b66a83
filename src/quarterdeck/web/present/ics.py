"""What the ICS pages of an incident show: period, plan, resources by status, requests, forms with their state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.ics import forms
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import unified
from quarterdeck.core.incidents.authority import may, stands_for
from quarterdeck.core.incidents.ics import releases, requests, resources, rights
from quarterdeck.core.incidents.ics.hazards import ALARMING, RISKS
from quarterdeck.core.incidents.ics.layout import KINDS
from quarterdeck.core.incidents.ics.parts import Ics, Period
from quarterdeck.core.incidents.ics.resource_parts import Resource
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

_STATES = {
    "missing": ("amber", "ring", "Missing blocks"),
    "draft": ("blue", "pencil", "Draft"),
    "approved": ("green", "checkc", "Approved"),
    "changed": ("amber", "refresh", "Changed since approval"),
}
_RISK = {"low": "grey", "medium": "blue", "high": "amber", "extreme": "red"}


def words(key: str) -> str:
    return key.replace("_", " ").capitalize()


def rights_of(case: Case, who: Who) -> dict[str, bool]:
    """What the viewer may do here; the core decides again at every act."""
    i, t = case.incident, case.template
    here = not i.has_ended
    mine = stands_for(i, t, who)
    return {
        "plan": here and may(i, t, who, *rights.PLAN),
        "resources": here and may(i, t, who, *rights.RESOURCES),
        "hazards": here and may(i, t, who, *rights.HAZARDS),
        "safety": here and rights.SAFETY in mine,
        "operations": here and rights.OPERATIONS in mine,
        "chief": here and bool(mine & {*rights.CHIEFS, "commander"}),
        "logistics": here and rights.LOGISTICS in mine,
        "finance": here and rights.FINANCE in mine,
        "approve": here and "commander" in mine,
    }


def period(case: Case, chosen: Period | None, now: datetime) -> dict[str, Any] | None:
    """The period that is shown, with its clock and its plan."""
    ics = case.incident.ics
    if chosen is None:
        return None
    plan = ics.plan_of(chosen.id)
    return {
        "id": chosen.id,
        "number": chosen.number,
        "state": chosen.state,
        "from": chosen.starts_at,
        "to": chosen.ends_at,
        "over": chosen.state == "running" and now >= chosen.ends_at,
        "plan": {"version": plan.version, "at": plan.approved_at} if plan else None,
        "needs_reason": chosen.number > 1 and plan is None,
    }


def periods(case: Case, chosen: Period | None) -> list[dict[str, Any]]:
    return [
        {"id": p.id, "number": p.number, "state": p.state, "on": chosen is not None and p.id == chosen.id}
        for p in case.incident.ics.periods.values()
    ]


def objectives(case: Case, chosen: Period | None, who: Who, now: datetime) -> list[dict[str, Any]]:
    """The objectives of a period; in a unified command with who has not agreed to each yet."""
    ics = case.incident.ics
    missing = _missing(case, now)
    found = ics.of_period(chosen.id) if chosen else ()
    return [
        {"id": o.id, "priority": o.priority, "text": o.text, "measure": o.measure, "state": o.state,
         "carried": bool(o.carried_from), "note": o.note, "open_to": [n for _, n in missing(o.text)],
         "agree": who.person in {p for p, _ in missing(o.text)}}
        for o in found
    ]  # fmt: skip


def _missing(case: Case, now: datetime) -> Callable[[str], list[tuple[str, str]]]:
    """Members of the unified command who have not agreed to a text, as (id, name); the commander speaks for all."""
    i, name = case.incident, case.directory(now).name
    others = unified.members(i)[1:] if i.crew.unified else ()
    return lambda text: [
        (p, name(p)) for p in others if p not in i.crew.agreed.get(" ".join(text.split()), ())
    ]


def meetings(case: Case, chosen: Period | None, now: datetime) -> list[dict[str, Any]]:
    found = [m for m in case.incident.ics.meetings.values() if chosen and m.period_id == chosen.id]
    return [
        {"id": m.id, "title": m.title, "purpose": m.purpose, "at": m.starts_at, "state": m.state, "place": m.place,
         "attendees": m.attendees, "minutes": m.minutes, "notes": m.notes, "forms": ", ".join(m.forms),
         "open": m.state in ("planned", "missed")}
        for m in sorted(found, key=lambda m: m.starts_at)
    ]  # fmt: skip


def hazards(case: Case, now: datetime) -> list[dict[str, Any]]:
    name = case.directory(now).name
    return [
        {"id": h.id, "area": h.area, "hazard": h.hazard, "mitigation": h.mitigation, "risk": words(h.risk),
         "residual": words(h.residual), "tone": _RISK[h.residual], "alarming": h.residual in ALARMING,
         "safety": name(h.safety_by) if h.safety_by else "",
         "operations": name(h.operations_by) if h.operations_by else ""}
        for h in case.incident.ics.open_hazards()
    ]  # fmt: skip


def divisions(case: Case, now: datetime) -> list[dict[str, Any]]:
    name = case.directory(now).name
    ics = case.incident.ics
    return [
        {"id": w.id, "kind": words(w.kind), "name": w.name, "leader": name(w.leader) if w.leader else "",
         "channel": w.channel, "assignment": w.assignment, "is_branch": w.kind == "branch",
         "crew": counted(len(w.members) + sum(r.division_id == w.id for r in ics.resources.values()), "resource")}
        for w in ics.open_divisions()
    ]  # fmt: skip


def channels(case: Case) -> list[dict[str, str]]:
    return [
        {"id": c.id, "function": c.function, "name": c.name, "assignment": c.assignment,
         "link": c.receive or c.link, "remarks": c.remarks}
        for c in case.incident.ics.channels.values()
    ]  # fmt: skip


def board(case: Case) -> list[dict[str, Any]]:
    """A column a status, as T-cards stand in a rack (ICS 219). The released ones are counted only."""
    ics = case.incident.ics
    shown = resources.STATUSES[:-1]
    return [
        {"key": status, "title": words(status),
         "cards": [_card(ics, r) for r in ics.resources.values() if r.status == status]}
        for status in shown
    ]  # fmt: skip


def _card(ics: Ics, r: Resource) -> dict[str, Any]:
    stream = ics.divisions.get(r.division_id)
    nexts = [s for s in resources.NEXT[r.status] if s not in ("released", "assigned")]
    gone = any(x.resource_id == r.id and x.done_at is None for x in ics.releases.values())
    return {
        "id": r.id, "name": r.name, "kind": f"{r.kind} {r.type}".strip(), "category": r.category, "people": r.people,
        "where": stream.name if stream else r.place, "reason": r.status_reason, "eta": r.eta, "notes": r.notes,
        "home": r.home_unit, "nexts": [{"key": s, "title": words(s)} for s in nexts],
        "assignable": r.status in ("available", "assigned"), "checks_in": r.arrived_at is None,
        "releasable": r.status in resources.PRESENT and not gone,
        "droppable": r.status in ("requested", "ordered", "en_route"),
    }  # fmt: skip


def asked(case: Case, now: datetime, able: dict[str, bool]) -> list[dict[str, Any]]:
    """Resource requests with the one next step that the viewer may take."""
    name = case.directory(now).name
    found = []
    for r in case.incident.ics.requests.values():
        step = {"requested": "approve", "approved": "order", "ordered": "fund", "funded": "deliver"}.get(
            r.state, ""
        )
        who = {"approve": "chief", "order": "logistics", "fund": "finance", "deliver": "resources"}.get(
            step, ""
        )
        found.append(
            {"id": r.id, "number": r.number, "what": f"{r.quantity} × {r.kind}", "item": r.item,
             "state": words(r.state),
             "priority": r.priority, "by": name(r.requested_by), "needed": r.needed_at, "cost": r.cost,
             "running": r.state in requests.RUNNING, "step": step if who and able[who] else ""}
        )  # fmt: skip
    return found


def going(case: Case) -> list[dict[str, Any]]:
    """Check-outs under way, with what is still to be signed."""
    return [
        {"id": r.id, "name": r.name, "at": r.planned_at,
         "units": [{"key": u, "title": releases.UNITS[u][0], "done": u in r.signed} for u in r.units]}
        for r in case.incident.ics.releases.values()
        if r.done_at is None
    ]  # fmt: skip


def form_list(shown: Iterable[forms.Shown], url: str, period_id: str) -> list[dict[str, Any]]:
    """A line a form: its state, and what is missing in words."""
    found = []
    for s in shown:
        tone, icon, word = _STATES[s.state]
        lacking = "; ".join(f"{b['number']}. {b['label']}" for b in s.page["missing"])
        found.append(
            {"title": s.page["title"], "name": s.page["name"], "subject": s.page["subject_name"],
             "href": f"{url}/ics/forms/{s.form.key}?period={period_id}&subject={s.page['subject']}",
             "tone": tone, "icon": icon, "state": word, "lacking": lacking,
             "version": s.approval.version if s.approval else 0}
        )  # fmt: skip
    return found


def choices() -> dict[str, Any]:
    """What the dropdowns of the page offer."""
    return {
        "risks": [(r, words(r)) for r in RISKS],
        "kinds": [(k, words(k)) for k in KINDS],
        "categories": [(c, words(c)) for c in resources.CATEGORIES],
        "reasons": [(r, words(r)) for r in resources.REASONS],
        "statuses": [(s, words(s)) for s in resources.STATUSES[:5]],
        "priorities": [(p, words(p)) for p in requests.PRIORITIES],
    }


def folk() -> list[dict[str, str]]:
    """Everybody who can be named as leader."""
    rows = models.Person.objects.filter(is_active=True).order_by("name")
    return [{"id": p.id, "name": p.name} for p in rows[:500]]
