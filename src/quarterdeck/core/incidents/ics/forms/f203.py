"""ICS 203, Organization Assignment List."""

from __future__ import annotations

from collections.abc import Callable

from .organisation import operations, rows, section
from .shapes import Block, Column, Form, Row, Sheet, name_block, period_block

_TWO = (Column("Position", 1), Column("Name", 1))


def _section(chief: str, group: str) -> Callable[[Sheet], list[Row]]:
    return lambda s: [tuple(r) for r in section(s, chief, group)]


def agencies(s: Sheet) -> list[Row]:
    return [("", s.names(a.person)) for a in s.holders("agency_representative")]


FORM = Form(
    key="203",
    name="Organization Assignment List",
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Incident Commander(s) and Command Staff", "grid", columns=_TWO, required=True, width=6,
              auto=lambda s: rows(s, "command", "command_staff"), people=True),
        Block("7", "Operations Section", "grid", columns=_TWO, auto=operations, width=6, people=True),
        Block("4", "Agency/Organization Representatives", "grid", auto=agencies, text=True, width=6, people=True,
              columns=(Column("Agency/Organization"), Column("Name")), hint="Agency | name"),
        Block("5", "Planning Section", "grid", columns=_TWO, width=6, people=True,
              auto=_section("planning_section_chief", "planning")),
        Block("6", "Logistics Section", "grid", columns=_TWO, width=6, people=True,
              auto=_section("logistics_section_chief", "logistics")),
        Block("8", "Finance/Administration Section", "grid", columns=_TWO, width=6, people=True,
              auto=_section("finance_admin_section_chief", "finance")),
    ),
    preparers=("resources_unit_leader", "planning_section_chief", "commander"),
    approvers=("planning_section_chief", "commander"),
    prepared_number="9",
)  # fmt: skip
