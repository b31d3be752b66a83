"""ICS 207, Incident Organization Chart: boxes from the assignments as they are now."""

from __future__ import annotations

from .organisation import boxes
from .shapes import Block, Form, name_block, period_block

FORM = Form(
    key="207",
    name="Incident Organization Chart",
    wide=True,
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Organization Chart", "chart", auto=boxes, required=True, people=True),
    ),
    preparers=("resources_unit_leader", "planning_section_chief", "commander"),
    approvers=("planning_section_chief", "commander"),
    prepared_number="4",
)
