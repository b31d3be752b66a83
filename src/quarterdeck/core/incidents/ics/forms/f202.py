"""ICS 202, Incident Objectives."""

from __future__ import annotations

from .shapes import Block, Form, Sheet, name_block, period_block

PLAN_FORMS = ("ICS 203", "ICS 204", "ICS 205", "ICS 205A", "ICS 206", "ICS 207", "ICS 208")


def objectives(s: Sheet) -> str:
    return "\n".join(f"{o.priority}. {o.text} – seen by: {o.measure}" for o in s.ics.of_period(s.period_id))


def awareness(s: Sheet) -> str:
    i = s.incident
    said = (("What we know", i.what_we_know), ("Weather and outlook", i.next_step))
    return "\n".join(f"{label}: {text}" for label, text in said if text and label == "What we know")


def safety_plan(s: Sheet) -> list[str]:
    return ["Yes" if s.ics.open_hazards() else "No"]


def included(s: Sheet) -> list[str]:
    always = ["ICS 203", "ICS 205", "ICS 206", "ICS 207", "ICS 208"]
    return [*always, "ICS 204"] if any(w.kind != "branch" for w in s.ics.open_divisions()) else always


FORM = Form(
    key="202",
    name="Incident Objectives",
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Objective(s)", auto=objectives, required=True),
        Block("4", "Operational Period Command Emphasis", text=True, required=True,
              hint="Priorities of the commander, limits, what matters most in this period."),
        Block("4a", "General Situational Awareness", auto=awareness, text=True,
              hint="Weather, outlook, general safety message."),
        Block("5", "Site Safety Plan Required?", "ticks", auto=safety_plan, options=("Yes", "No"), width=5),
        Block("5a", "Approved Site Safety Plan(s) Located at", text=True, width=7,
              auto=lambda s: "ICS 208 of this plan" if s.ics.open_hazards() else ""),
        Block("6", "Incident Action Plan (the items checked below are included)", "ticks", auto=included,
              text=True, options=(*PLAN_FORMS, "Map/Chart", "Weather Forecast/Tides/Currents"),
              hint="One further item a line, such as Map/Chart."),
    ),
    prepared_number="7",
    approved_number="8",
)  # fmt: skip
