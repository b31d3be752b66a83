"""The timer of an incident: what the passing of time has made true is appended, then the timer is set again."""

from __future__ import annotations

from quarterdeck.core.incidents import (
    clocks,
    delegations,
    regulatory,
    reliefs,
    tasks,
    vacancies,
    vendors,
    workstreams,
)
from quarterdeck.core.incidents.ics import meetings
from quarterdeck.store import log

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
        lambda i, t: [
            *clocks.due_events(i, now, triage_minutes=triage_minutes(i, t)),
            *tasks.due_events(i, now),
            *meetings.due_events(i, now),
            *vacancies.due_events(i, t, now),
            *workstreams.due_events(i, now),
            *reliefs.due_events(i, now),
            *delegations.due_events(i, now),
            *vendors.due_events(i, now),
            *regulatory.due_events(i, now),
        ],
    )
    if after.incident.seq == before:
        set_timer(after.incident, after.template, now)
