"""Callouts for roles: advancing their runs, and writing who was called and who answered into the incident."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents import events as ev
from quarterdeck.store import models

from . import casebook, escalations
from .act import engine_act
from .directory import Directory


def advance(run_id: str, directory: Directory) -> None:
    """Advance any run; when it calls for a role, the incident's record says who was called (T1)."""
    run, called = escalations.advance(run_id, directory)
    if run is None or not run.incident_id or not run.role:
        return
    events: list[ev.Event] = [
        ev.RoleCalled(run.role, c.person_id, c.id, "callout", c.reason)
        for c in called
        if c.state != "unreachable"
    ]
    if run.state == "exhausted":
        events.append(ev.RoleUnreachable(run.role, "everybody was called and nobody answered"))
    if events:
        casebook.change_within(
            engine_act(directory.now), run.incident_id, lambda i, t: [] if i.has_ended else events
        )


def answered(callout: models.Callout, now: datetime) -> None:
    """The person called for a role has answered: write it down, inside the caller's transaction."""
    if not callout.incident_id or not callout.role:
        return
    event = ev.CalloutAnswered(callout.id, callout.role, callout.person_id)
    casebook.change_within(
        engine_act(now),
        callout.incident_id,
        lambda i, t: [event] if callout.id in i.callouts and not i.callouts[callout.id].answered_at else [],
    )
