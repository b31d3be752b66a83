"""The timer of an incident: what the passing of time has made true is appended, then the timer is set again."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents import timers
from quarterdeck.store import log
from quarterdeck.store.ids import new_id

from .. import casebook, due
from ..act import engine_act
from ..paging.directory import Directory
from ..reactions import TIMER, glance, set_timer
from . import newer


def fire(incident_id: str, directory: Directory) -> None:
    """Overdue clocks, triage, tasks: each said once. Appending re-arms the timer; so does looking in vain. Where only a
    newer release can tell what is due, the timer is left to its nodes.
    """
    now = directory.now
    try:
        _fire(incident_id, now)
    except newer.Newer as met:
        newer.tell(met, now)
        due.arm(TIMER, incident_id, now + newer.LEFT, now)


def _fire(incident_id: str, now: datetime) -> None:
    log.lock_incident_at_once(incident_id)
    before = casebook.load(incident_id).incident.seq
    after = casebook.change_within(
        engine_act(now),
        incident_id,
        lambda i, t: timers.due_events(glance(i, t, now), new_id),
    )
    if after.incident.seq == before:
        set_timer(after.incident, after.template, now)
