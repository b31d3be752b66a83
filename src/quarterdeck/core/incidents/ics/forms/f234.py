"""ICS 234-CG, Work Analysis Matrix: from objectives by strategies to tactics (who, what, where, when)."""

from __future__ import annotations

from ..parts import Division
from .shapes import Block, Column, Form, Row, Sheet, name_block, period_block, span


def matrix(s: Sheet) -> list[Row]:
    """The objectives of the period first, then the work as it is divided. What leads from the one to the other, the
    strategies, is for people to write.
    """
    aims: list[Row] = [
        (f"{o.priority}. {o.text}. Seen by: {o.measure}", "", "") for o in s.ics.of_period(s.period_id)
    ]
    return aims + [
        ("", "", _tactics(s, w)) for w in s.ics.open_divisions() if w.kind != "branch" and w.assignment
    ]


def _tactics(s: Sheet, w: Division) -> str:
    crew = [s.name(p) for p in (w.leader, *w.members) if p]
    crew += [f"{r.name} ({r.people})" for r in s.ics.resources.values() if r.division_id == w.id]
    said = (("Who", ", ".join(dict.fromkeys(crew))), ("What", w.assignment), ("Where", w.place or w.name))
    return "\n".join(f"{label}: {text}" for label, text in (*said, ("When", span(s.period))) if text)


FORM = Form(
    key="234",
    suffix="-CG",
    name="Work Analysis Matrix",
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Work Analysis", "grid", auto=matrix, text=True, required=True, people=True,
              hint="objective | strategy | tactics: who, what, where, when",
              columns=(Column("3. Operations Objectives (desired outcome)", 3.4),
                       Column("4. Optional Strategies (how)", 3),
                       Column("5. Tactics/Work Assignments (who, what, where, when)", 4.6))),
    ),
    preparers=("operations_section_chief", "planning_section_chief", "commander"),
    approvers=("operations_section_chief", "commander"),
    prepared_number="6",
    prepared_label="Prepared by (Operations Section Chief)",
    approved_label="Approved by Operations Section Chief",
)  # fmt: skip
