"""ICS 208, Safety Message/Plan."""

from __future__ import annotations

from .shapes import Block, Form, Sheet, name_block, period_block


def hazards(s: Sheet) -> str:
    return "\n".join(
        f"{h.area}: {h.hazard} – {h.mitigation} (risk {h.risk}, left {h.residual})"
        for h in s.ics.open_hazards()
    )


FORM = Form(
    key="208",
    name="Safety Message/Plan",
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Safety Message/Expanded Safety Message, Safety Plan, Site Safety Plan", auto=hazards, text=True,
              required=True, hint="The message of the safety officer; rest and hours of work; what nobody does alone."),
        Block("4", "Site Safety Plan Required?", "ticks", options=("Yes", "No"), width=5,
              auto=lambda s: ["Yes" if s.ics.open_hazards() else "No"]),
        Block("4a", "Approved Site Safety Plan(s) Located at", text=True, width=7),
    ),
    preparers=("safety_officer", "commander"),
    approvers=("safety_officer", "commander"),
    prepared_number="5",
    approved_label="Approved by Safety Officer",
)  # fmt: skip
