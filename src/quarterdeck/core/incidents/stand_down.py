"""Calling it a day: the commander ends callouts and clocks (R-025), and takes the work up again."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import forbidden

from .clocks import starting, stopping
from .events import Event
from .events.technical import PollClosed, StoodDown, StoodTo
from .guards import filled, not_ended
from .record import make_decision
from .state import Incident
from .structure import Template

QUESTION = "Does the team stand down?"


def stand_down(
    incident: Incident, template: Template, by: Who, *, decision_id: str, reason: str
) -> list[Event]:
    """Only the commander: the decision, the end of every clock, and of what waits for an answer."""
    not_ended(incident)
    _commander(incident, by)
    if incident.technical.stood_down_at is not None:
        return []
    why = filled(reason, "reason", "Say why the team stands down; everybody reads it.")
    made = make_decision(
        incident, template, by, decision_id=decision_id, question=QUESTION, options=("stand down", "go on"),
        chosen="stand down", reason=why, kind="stand_down",
    )  # fmt: skip
    polls = [
        PollClosed(p.id, "withdrawn", p.proposal) for p in incident.technical.polls.values() if p.is_open
    ]
    return [*made, *stopping(incident, "the team stood down"), *polls, StoodDown(why)]


def stand_to(incident: Incident, template: Template, by: Who, *, reason: str, at: datetime) -> list[Event]:
    """Only the commander: the work goes on, the clocks run anew."""
    not_ended(incident)
    _commander(incident, by)
    if incident.technical.stood_down_at is None:
        return []
    why = filled(reason, "reason", "Say why the work goes on; everybody reads it.")
    clocks = starting(template, incident.severity, at) if incident.is_open else []
    return [StoodTo(why), *clocks]


def _commander(incident: Incident, by: Who) -> None:
    if incident.commander is None or incident.commander.person != by.person:
        raise forbidden(
            "standdown.commander", "Only the commander calls it a day or takes the work up again. Ask them."
        )
