"""What waits in each section of an ICS incident: the queues of operations, planning, logistics and finance (R-171).

Made from the incident as it stands, never stored, so that a board can not say anything else than the work does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.app.casebook import Case
from quarterdeck.core.incidents.ics import rights
from quarterdeck.core.incidents.ics.resource_parts import Resource
from quarterdeck.core.incidents.state import COMMANDER, Incident
from quarterdeck.core.kernel.moments import spoken

Names = Callable[[str], str]
ROWS = 50
_SOON = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits. `anchor` is the place on the ICS page where it is done; `tone` "" or amber."""

    text: str
    note: str
    anchor: str
    due_at: datetime | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """`total` counts what there is, `items` holds the first of it. `empty` says what would be here."""

    key: str
    title: str
    empty: str
    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Section:
    """`chief` is a person's id, "" while the position is vacant; `does` names who does its work then."""

    key: str
    title: str
    chief: str
    does: str
    queues: tuple[Queue, ...]


def boards(case: Case, now: datetime) -> tuple[Section, ...]:
    """The four sections, each with its own queues."""
    incident, names = case.incident, case.directory(now).name
    return (
        _section(case, rights.OPERATIONS, "operations", "Operations", _operations(incident, names)),
        _section(case, rights.PLANNING, "planning", "Planning", _planning(incident, now)),
        _section(case, rights.LOGISTICS, "logistics", "Logistics", _logistics(incident, names)),
        _section(
            case, rights.FINANCE, "finance", "Finance and administration", _finance(incident, names, now)
        ),
    )


def _section(case: Case, role: str, key: str, title: str, queues: Iterable[Queue]) -> Section:
    incident = case.incident
    chief = incident.holder(role)
    above, seen = case.template.role(role), {role}
    stands_in = ""
    while chief is None and not stands_in and above is not None and above.reports_to not in (None, *seen):
        seen.add(str(above.reports_to))
        holder = incident.holder(str(above.reports_to))
        stands_in = holder.person if holder else ""
        above = case.template.role(str(above.reports_to))
    if chief is None and not stands_in and incident.holder(COMMANDER):
        stands_in = incident.holder(COMMANDER).person  # type: ignore[union-attr]
    return Section(key, title, chief.person if chief else "", stands_in, tuple(queues))


def _queue(key: str, title: str, empty: str, items: Iterable[Item]) -> Queue:
    found = tuple(items)
    return Queue(key, title, empty, found[:ROWS], len(found))


def _operations(i: Incident, names: Names) -> tuple[Queue, ...]:
    tasks = sorted((t for t in i.tasks.values() if t.is_open), key=lambda t: t.due_at)
    streams = i.ics.open_divisions()
    unsigned = (h for h in i.ics.open_hazards() if not h.operations_by)
    return (
        _queue("tasks", "Tasks under way", "Open tasks stand here, the next one due on top.",
               (Item(t.title, names(t.assignee), "tasks", t.due_at) for t in tasks)),
        _queue("divisions", "Divisions and groups", "Divide the work to see it here.",
               (Item(w.name, names(w.leader) if w.leader else "No leader yet", "divisions",
                     tone="" if w.leader else "amber") for w in streams)),
        _queue("assigned", "Resources at work", "Resources that were assigned stand here.",
               (_card(i, r) for r in i.ics.resources.values() if r.status == "assigned")),
        _queue("hazards", "Hazards to sign", "Hazards that operations has not signed stand here.",
               (Item(h.hazard, h.area, "hazards", tone="amber") for h in unsigned)),
    )  # fmt: skip


def _planning(i: Incident, now: datetime) -> tuple[Queue, ...]:
    period = i.ics.newest
    aims = [o for o in i.ics.of_period(period.id) if o.state == "open"] if period else []
    meetings = sorted(
        (m for m in i.ics.meetings.values() if m.state in ("planned", "missed")), key=lambda m: m.starts_at
    )
    plans = [
        Item(f"Action plan of period {p.number}", "not approved yet", "periods", p.starts_at,
             "amber" if p.starts_at - now < _SOON else "")
        for p in i.ics.periods.values() if p.state != "ended" and i.ics.plan_of(p.id) is None
    ]  # fmt: skip
    leaving = [r for r in i.ics.releases.values() if r.done_at is None]
    return (
        _queue("plan", "Plan", "Plans that wait for approval stand here.", plans),
        _queue("objectives", "Open objectives", "Objectives of the period that are not met stand here.",
               (Item(o.text, o.measure, "objectives") for o in aims)),
        _queue("meetings", "Meetings", "The meetings of the planning cycle stand here.",
               (Item(m.title, "missed" if m.state == "missed" else m.place, "meetings", m.starts_at,
                     "amber" if m.state == "missed" else "") for m in meetings)),
        _queue("demobilisation", "Demobilisation", "Resources on their way out stand here.",
               (Item(r.name, f"{len(r.waiting_for)} to sign", "resources", r.planned_at) for r in leaving)),
    )  # fmt: skip


def _logistics(i: Incident, names: Names) -> tuple[Queue, ...]:
    ics = i.ics
    asked = [r for r in ics.requests.values() if r.state == "approved"]
    waiting = [r for r in ics.requests.values() if r.state == "requested"]
    coming = [r for r in ics.resources.values() if r.status in ("requested", "ordered", "en_route")]
    broken = [r for r in ics.resources.values() if r.status == "out_of_service"]
    return (
        _queue("to_order", "To order", "Requests that a section chief has approved stand here.",
               (Item(f"{r.quantity} × {r.item or r.kind}", names(r.requested_by), "requests", r.needed_at,
                     "amber" if r.priority == "urgent" else "") for r in asked)),
        _queue("asked", "Waiting for a chief", "Requests that no section chief has approved stand here.",
               (Item(f"{r.quantity} × {r.item or r.kind}", names(r.requested_by), "requests", r.needed_at)
                for r in waiting)),
        _queue("coming", "On the way", "What was asked for, ordered or is en route stands here.",
               (_card(i, r) for r in coming)),
        _queue("out", "Out of service", "What is broken or rests stands here.", (_card(i, r) for r in broken)),
    )  # fmt: skip


def _finance(i: Incident, names: Names, now: datetime) -> tuple[Queue, ...]:
    requests = i.ics.requests.values()
    spent = [r for r in requests if r.state in ("funded", "delivered")]
    here = sorted((p for p in i.crew.presence.values() if p.is_here), key=lambda p: p.since)
    total = sum(r.cost for r in spent)
    costs = [Item(f"No. {r.number}: {r.item or r.kind}", f"{r.cost:,}", "requests") for r in spent]
    if costs:
        costs.insert(0, Item("Together", f"{total:,}", "requests"))
    return (
        _queue("to_fund", "To approve the money", "Orders that finance has not answered stand here.",
               (Item(f"No. {r.number}: {r.item or r.kind}", f"{r.cost:,} from {r.supplier or 'an open supplier'}",
                     "requests", tone="amber") for r in requests if r.state == "ordered")),
        _queue("costs", "Costs so far", "What was funded stands here, with its sum.", costs),
        _queue("time", "Time worked", "Who is here and since when stands here.",
               (Item(names(p.person), f"here for {spoken(now - p.since)}", "people") for p in here)),
    )  # fmt: skip


def _card(i: Incident, r: Resource) -> Item:
    stream = i.ics.divisions.get(r.division_id)
    where = stream.name if stream else r.place or r.status_reason or r.status.replace("_", " ")
    return Item(f"{r.name} ({r.kind})", where, "resources", r.eta if r.arrived_at is None else None)
