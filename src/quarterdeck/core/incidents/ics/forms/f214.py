"""ICS 214, Activity Log: the timeline of one holder of a role, in one period."""

from __future__ import annotations

from .shapes import Block, Column, Form, Row, Sheet, at, name_block, period_block


def _holder(s: Sheet) -> tuple[str, str]:
    a = s.incident.assignments.get(s.subject)
    return (a.person, a.role) if a else ("", "")


def team(s: Sheet) -> list[Row]:
    person, role = _holder(s)
    below = [a for a in s.incident.open_assignments() if role and a.reports_to == role and a.person != person]
    mine = [w for w in s.ics.open_divisions() if w.leader == person and person]
    people: list[Row] = [(s.names(a.person), s.titles(a.role), s.homes.get(a.person, "")) for a in below]
    people += [(s.name(p), w.name, s.homes.get(p, "")) for w in mine for p in w.members]
    return people


def activities(s: Sheet) -> list[Row]:
    """What the person did, and what was said of them."""
    person, _ = _holder(s)
    if not person:
        return []
    name = s.names(person)
    return [
        (at(line.happened_at), line.title + (f": {line.text}" if line.text else ""))
        for actor, line in s.in_period()
        if actor == person or name in line.title
    ]


FORM = Form(
    key="214",
    name="Activity Log",
    subject="role",
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Name", auto=lambda s: s.name(_holder(s)[0]), width=4, required=True, people=True),
        Block("4", "ICS Position", auto=lambda s: s.titles(_holder(s)[1]), width=4),
        Block("5", "Home Agency (and Unit)", auto=lambda s: s.homes.get(_holder(s)[0], ""), width=4),
        Block("6", "Resources Assigned", "grid", auto=team, people=True,
              columns=(Column("Name"), Column("ICS Position"), Column("Home Agency (and Unit)"))),
        Block("7", "Activity Log", "grid", auto=activities, text=True, required=True, people=True,
              columns=(Column("Date/Time", 2), Column("Notable Activities", 9)), hint="Date and time | activity"),
    ),
    preparers=("commander",),
    approvers=("planning_section_chief", "commander"),
    prepared_number="8",
)  # fmt: skip
