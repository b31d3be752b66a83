"""ICS 201, Incident Briefing: what a new commander must know. Used at every transfer of command."""

from __future__ import annotations

from ...delegations import standing_in_words
from .organisation import boxes
from .shapes import Block, Column, Form, Row, Sheet, at, name_block, number_block

_ACTIONS = ("task", "decision", "phase", "plan", "severity")
_MOST_ACTIONS = 30


def situation(s: Sheet) -> str:
    i = s.incident
    said = [
        ("Severity", s.severity),
        ("Phase", i.phase),
        ("Affected", ", ".join(s.services)),
        ("Summary", i.summary),
        ("What we know", i.what_we_know),
        ("What customers notice", i.customer_effect),
        ("Cause", i.cause),
        ("Workaround", i.workaround),
    ]
    told = [f"{label}: {text}" for label, text in said if text]
    told += [f"Hazard in {h.area}: {h.hazard} ({h.residual}). {h.mitigation}" for h in s.ics.open_hazards()]
    return "\n".join([*told, *standing_in_words(i, s.name)])


def objectives(s: Sheet) -> str:
    found = s.ics.of_period(s.period_id)
    aims = [f"{o.priority}. {o.text} – seen by: {o.measure} ({o.state})" for o in found]
    return "\n".join(aims) or s.incident.next_step


def actions(s: Sheet) -> list[Row]:
    done = [(at(line.happened_at), line.title) for _, line in s.lines if line.kind in _ACTIONS]
    plans = [
        (f"due {at(t.due_at)}", f"{t.title} – {s.name(t.assignee)} ({t.state})")
        for t in s.incident.tasks.values()
        if t.is_open
    ]
    return [*done[-_MOST_ACTIONS:], *plans]


def resources(s: Sheet) -> list[Row]:
    held = [
        (r.name, r.order_number, at(r.ordered_at), at(r.eta), at(r.arrived_at), r.notes)
        for r in s.ics.resources.values()
        if r.status != "released"
    ]
    called = [
        (s.titles(c.role), s.name(c.person), at(c.called_at), "", at(c.answered_at), c.reason)
        for c in s.incident.callouts.values()
        if c.how == "callout"
    ]
    return [*held, *called]


FORM = Form(
    key="201",
    name="Incident Briefing",
    blocks=(
        name_block(5),
        number_block(3),
        Block("3", "Date/Time Initiated", auto=lambda s: f"{at(s.incident.declared_at)} UTC", width=4),
        Block("4", "Map/Sketch", auto=lambda s: ", ".join(s.services), text=True,
              hint="Affected places or services, and where a map or sketch is kept."),
        Block("5", "Situation Summary and Health and Safety Briefing", auto=situation, text=True, required=True,
              hint="Hazards, protective measures, what is not certain yet."),
        Block("7", "Current and Planned Objectives", auto=objectives, text=True, required=True,
              hint="What must be true at the end."),
        Block("8", "Current and Planned Actions, Strategies, and Tactics", "grid", auto=actions, text=True,
              columns=(Column("Time", 2), Column("Actions", 8)), hint="Time | action", people=True),
        Block("9", "Current Organization", "chart", auto=boxes, people=True),
        Block("10", "Resource Summary", "grid", auto=resources, text=True, people=True,
              columns=(Column("Resource", 3), Column("Resource Identifier", 2.2), Column("Date/Time Ordered", 2),
                       Column("ETA", 2), Column("Arrived", 2), Column("Notes", 3)),
              hint="Resource | identifier | ordered | ETA | arrived | notes"),
    ),
    preparers=("commander", "deputy"),
    prepared_number="6",
    by_period=False,
)  # fmt: skip
