"""Continuity plans in use: the business goes on by hand while the service is down (R-280)."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from .authority import is_acting
from .delegations import authorise_act
from .events import Event, TaskGiven
from .events.business import ContinuityActivated, ContinuityEnded
from .guards import known, not_ended, unfit
from .state import Incident
from .structure import Template
from .tasks import LONGEST_MINUTES, TITLE_LIMIT

STEP_MINUTES = 30
MOST_STEPS = 20


def activate(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    plan: ContinuityActivated,
    assignee: Who,
    task_ids: tuple[str, ...],
    minutes: int = STEP_MINUTES,
    now: datetime,
) -> list[Event]:
    """The plan goes into use and each of its steps becomes a task of `assignee`. [] when it is in use already."""
    not_ended(incident)
    authorise_act(incident, template, by, "continuity", now, "decision.make")
    if any(c.plan_id == plan.plan_id and c.ended_at is None for c in incident.business.continuity.values()):
        return []
    if not is_acting(incident, assignee):
        message = "They hold no role here that acts. Give them one first, or choose somebody else."
        raise unfit("role.none", "person", message)
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise unfit("minutes.number", "minutes", f"Give a number of minutes from 1 to {LONGEST_MINUTES}.")
    if len(plan.steps) > MOST_STEPS:
        raise Refused(
            "continuity.long", f"A plan has at most {MOST_STEPS} steps. Shorten it in the catalogue."
        )
    given = [
        TaskGiven(task_id, step[:TITLE_LIMIT], assignee.person, minutes)
        for task_id, step in zip(task_ids, plan.steps, strict=False)
    ]
    return [plan, *given]


def end(
    incident: Incident, template: Template, by: Who, *, activation_id: str, note: str = "", now: datetime
) -> list[Event]:
    """Back to normal."""
    found = known(incident.business.continuity.get(activation_id), "continuity.unknown", "plan in use")
    if found.ended_at is not None:
        return []
    not_ended(incident)
    authorise_act(incident, template, by, "continuity", now, "decision.make")
    return [ContinuityEnded(found.id, note.strip(), found.title)]
