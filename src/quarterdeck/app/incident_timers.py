"""The timer of an incident: what the passing of time has made true is appended, then the timer is set again."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents import (
    Event,
    Incident,
    clocks,
    contributions,
    delegations,
    polls,
    regulatory,
    reliefs,
    review_course,
    tasks,
    timed_handover,
    vacancies,
    vendors,
    workstreams,
)
from quarterdeck.core.incidents.ics import meetings
from quarterdeck.core.incidents.structure import Template
from quarterdeck.store import log
from quarterdeck.store.ids import new_id

from . import casebook
from .act import engine_act
from .directory import Directory
from .reactions import set_timer, triage_minutes


def fire(incident_id: str, directory: Directory) -> None:
    """Overdue clocks, triage, tasks: each said once. Appending re-arms the timer; so does looking in vain."""
    now = directory.now
    log.lock_incident_at_once(incident_id)
    before = casebook.load(incident_id).incident.seq
    after = casebook.change_within(
        engine_act(now),
        incident_id,
        lambda i, t: _due(i, t, now),
    )
    if after.incident.seq == before:
        set_timer(after.incident, after.template, now)


def _due(i: Incident, t: Template, now: datetime) -> list[Event]:
    """Nothing while the team stands down (R-025) but what follows the incident, and what the law asks."""
    after = [
        *contributions.due_events(i, now),
        *review_course.due_events(i, now),
        *regulatory.due_events(i, now),
    ]
    if i.technical.stood_down_at is not None:
        return after
    return [
        *clocks.due_events(i, now, triage_minutes=triage_minutes(i, t)),
        *tasks.due_events(i, now),
        *meetings.due_events(i, now),
        *vacancies.due_events(i, t, now),
        *workstreams.due_events(i, now),
        *reliefs.due_events(i, now),
        *polls.due_events(i, t, now),
        *delegations.due_events(i, now),
        *vendors.due_events(i, now),
        *timed_handover.due_events(i, t, now, new_id),
        *after,
    ]
