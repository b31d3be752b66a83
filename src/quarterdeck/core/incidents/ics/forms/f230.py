"""ICS 230-CG, Daily Meeting Schedule; ICS 231-CG, Meeting Summary; ICS 233-CG, Incident Open Action Tracker."""

from __future__ import annotations

from .shapes import Block, Column, Form, Row, Sheet, at, name_block, period_block


def meetings(s: Sheet) -> list[Row]:
    mine = [m for m in s.ics.meetings.values() if m.period_id == s.period_id and m.state != "cancelled"]
    return [
        (at(m.starts_at), m.title + (f" ({m.state})" if m.state != "planned" else ""), m.purpose, m.attendees, m.place)
        for m in sorted(mine, key=lambda m: m.starts_at)
    ]  # fmt: skip


SCHEDULE = Form(
    key="230",
    suffix="-CG",
    name="Daily Meeting Schedule",
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Meeting Schedule", "grid", auto=meetings, required=True,
              columns=(Column("Date/Time", 1.6), Column("Meeting Name", 2.4), Column("Purpose", 3.4),
                       Column("Attendees", 2.6), Column("Location", 1.6))),
    ),
    preparers=("situation_unit_leader", "planning_section_chief", "commander"),
    approvers=("planning_section_chief", "commander"),
    prepared_number="4",
    prepared_label="Prepared by (Situation Unit Leader)",
)  # fmt: skip


def summaries(s: Sheet) -> list[Row]:
    held = [m for m in s.ics.meetings.values() if m.period_id == s.period_id and m.state == "held"]
    return [(at(m.held_at), m.title, s.name(m.facilitator), m.attendees, m.notes) for m in held]


SUMMARY = Form(
    key="231",
    suffix="-CG",
    name="Meeting Summary",
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Meetings Held", "grid", auto=summaries, required=True, people=True,
              columns=(Column("Date/Time", 1.6), Column("Meeting Name", 2.2), Column("Facilitator", 1.8),
                       Column("Attendees", 2.2), Column("Minutes", 4))),
    ),
    preparers=("planning_section_chief", "commander"),
    approvers=("planning_section_chief", "commander"),
    prepared_number="4",
)  # fmt: skip


def actions(s: Sheet) -> list[Row]:
    found: list[Row] = []
    for number, t in enumerate(s.incident.tasks.values(), start=1):
        briefed = "X" if t.acknowledged_at or t.given_by == t.assignee or not t.is_open else ""
        end = at(t.ended_at)
        state = "late" if t.late and t.is_open else t.state
        found.append(
            (str(number), t.title, s.name(t.assignee), briefed, at(t.given_at), state, at(t.due_at), end)
        )
    return found


ACTIONS = Form(
    key="233",
    suffix="-CG",
    name="Incident Open Action Tracker",
    by_period=False,
    blocks=(
        name_block(12, "1"),
        Block("2", "Actions", "grid", auto=actions, text=True, required=True, people=True,
              hint="No. | item | for | X | start | status | target | actual",
              columns=(Column("2. No.", 0.6), Column("3. Item", 4), Column("4. For/POC", 2),
                       Column("5. Briefed POC (X)", 1), Column("6. Start Date", 1.7), Column("7. Status", 1.3),
                       Column("8. Target Date", 1.7), Column("9. Actual Date", 1.7))),
    ),
    preparers=("planning_section_chief", "commander"),
    approvers=("planning_section_chief", "commander"),
)  # fmt: skip
