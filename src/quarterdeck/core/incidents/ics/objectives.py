"""Objectives of an operational period (ICS 202): ranked, measurable, judged."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from ..events import Event
from ..events.ics_plan import ObjectiveJudged, ObjectiveSet
from ..guards import filled, known, one_line, unfit
from ..state import Incident
from ..structure import Template
from . import rights
from .periods import must_exist

STATES = ("open", "met", "dropped")
LIMIT = 400


def set_objective(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    objective_id: str,
    period_id: str,
    priority: int,
    text: str,
    measure: str,
) -> list[Event]:
    """A new objective, or other words for one. `measure` says how everybody will see that it is met."""
    period = must_exist(incident, period_id)
    rights.plan(incident, template, by)
    if period.state == "ended":
        raise Refused("period.ended", f"Period {period.number} has ended. Set objectives for the next one.")
    if not 1 <= priority <= 50:
        raise unfit("priority.range", "priority", "Give a priority from 1 (first) to 50.")
    text = one_line(filled(text, "text", "Say what must be true at the end of the period."), "text", LIMIT)
    measure = one_line(filled(measure, "measure", "Say how you will see that it is met."), "measure", LIMIT)
    before = incident.ics.objectives.get(objective_id)
    if before and (before.priority, before.text, before.measure) == (priority, text, measure):
        return []
    return [ObjectiveSet(objective_id, period.id, priority, text, measure)]


def judge_objective(
    incident: Incident, template: Template, by: Who, *, objective_id: str, state: str, note: str = ""
) -> list[Event]:
    """Met, dropped (with a reason) or open again. What was carried into the next period follows."""
    found = known(incident.ics.objectives.get(objective_id), "objective.unknown", "objective")
    must_exist(incident, found.period_id)
    rights.plan(incident, template, by)
    if state not in STATES:
        raise unfit("state.unknown", "state", f"Choose one of: {', '.join(STATES)}.")
    if found.state == state:
        return []
    note = note.strip()
    if state == "dropped":
        note = filled(note, "note", "Say why the objective is dropped.")
    copies = [o for o in incident.ics.objectives.values() if o.carried_from == found.id and o.state != state]
    return [ObjectiveJudged(o.id, state, note, o.text) for o in (found, *copies)]
