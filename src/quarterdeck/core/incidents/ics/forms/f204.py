"""ICS 204, Assignment List: one for each division, group, staging area or task force."""

from __future__ import annotations

from ..parts import Division
from .shapes import Block, Column, Form, Row, Sheet, name_block, period_block


def _stream(s: Sheet) -> Division | None:
    return s.ics.divisions.get(s.subject)


def place(s: Sheet) -> str:
    w = _stream(s)
    if w is None:
        return ""
    above = s.ics.divisions.get(w.branch)
    kind = w.kind.replace("_", " ").capitalize()
    return "\n".join(([f"Branch: {above.name}"] if above else []) + [f"{kind}: {w.name}"])


def personnel(s: Sheet) -> list[Row]:
    w = _stream(s)
    if w is None:
        return []
    chief = s.ics.divisions.get(w.branch)
    people = [("Operations Section Chief", p.person) for p in s.holders("operations_section_chief")]
    people += [("Branch Director", chief.leader)] if chief and chief.leader else []
    people += [("Supervisor or leader", w.leader)] if w.leader else []
    return [(title, s.name(p), s.contacts.get(p, "")) for title, p in people]


def resources(s: Sheet) -> list[Row]:
    w = _stream(s)
    here = [
        (r.name, s.name(r.leader), str(r.people), r.contact or s.contacts.get(r.leader or r.person, ""),
         "; ".join(filter(None, (r.place, r.notes))))
        for r in s.ics.resources.values()
        if w is not None and r.division_id == w.id and r.status == "assigned"
    ]  # fmt: skip
    members = [(s.name(p), "", "1", s.contacts.get(p, ""), "") for p in (w.members if w else ())]
    return [*here, *members]


def work(s: Sheet) -> str:
    w = _stream(s)
    if w is None:
        return ""
    team = {w.leader, *w.members} - {""}
    tasks = [
        f"{t.title} – {s.name(t.assignee)}"
        for t in s.incident.tasks.values()
        if t.is_open and t.assignee in team
    ]
    return "\n".join(filter(None, (w.assignment, *tasks)))


def special(s: Sheet) -> str:
    w = _stream(s)
    if w is None:
        return ""
    hazards = [f"Safety: {h.hazard}. {h.mitigation}" for h in s.ics.open_hazards() if h.area == w.name]
    return "\n".join(filter(None, (w.special, *hazards)))


def channels(s: Sheet) -> list[Row]:
    w = _stream(s)
    if w is None:
        return []
    mine = [c for c in s.ics.channels.values() if w.name.casefold() in c.assignment.casefold()]
    own = [("Work", w.channel)] if w.channel else []
    return [*own, *((f"{c.name} / {c.function}", c.link or c.receive) for c in mine)]


FORM = Form(
    key="204",
    name="Assignment List",
    subject="division",
    blocks=(
        name_block(4, "1"),
        period_block(5, "2"),
        Block("3", "Branch, Division, Group, Staging Area", auto=place, required=True, width=3),
        Block("4", "Operations Personnel", "grid", auto=personnel, required=True, contact=True, people=True,
              columns=(Column("Position", 3), Column("Name", 3), Column("Contact Number(s)", 4))),
        Block("5", "Resources Assigned", "grid", auto=resources, contact=True, people=True,
              columns=(Column("Resource Identifier", 3), Column("Leader", 2.4), Column("# of Persons", 1),
                       Column("Contact", 3), Column("Reporting Location, Special Equipment, Remarks", 3))),
        Block("6", "Work Assignments", auto=work, text=True, required=True,
              hint="What this division does in the period, and how it knows that it is done.", people=True),
        Block("7", "Special Instructions", auto=special, text=True),
        Block("8", "Communications", "grid", auto=channels, text=True, contact=True,
              columns=(Column("Name/Function", 4), Column("Primary Contact", 6)), hint="Name / function | contact"),
    ),
    preparers=("resources_unit_leader", "planning_section_chief", "commander"),
    approvers=("operations_section_chief", "planning_section_chief", "commander"),
    prepared_number="9",
)  # fmt: skip
