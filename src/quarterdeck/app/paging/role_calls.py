"""Callouts for roles: advancing their runs, and writing who was called and who answered into the incident."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Incident, Template, crewing
from quarterdeck.core.incidents import events as ev
from quarterdeck.store import bulk, log, models

from .. import casebook
from ..act import engine_act
from ..incidents import crew_notices, newer
from . import advancing
from .directory import Directory

# The callout of a roll call bears this in place of a role: acknowledging it is the answer.
ROLL_CALL = crew_notices.ROLL_CALL


def advance(run_ids: Sequence[str], directory: Directory) -> None:
    """Advance any runs (T1). When one calls for a role, the incident's record says who was called: such a run goes
    alone, since its incident may be held by somebody else just now (Busy).
    """
    runs = advancing.standing(run_ids)
    plain = [r for r in runs if not (r.incident_id and r.role)]
    advancing.advance(plain, directory)
    for run in runs:
        if run.incident_id and run.role:
            _advance(run, directory)


def alone(run_ids: Sequence[str]) -> frozenset[str]:
    """Those of these runs that must not share a transaction with others."""
    marks = ", ".join(["%s"] * len(run_ids))
    asked = f"SELECT id FROM run WHERE id IN ({marks}) AND incident_id <> '' AND role <> ''"  # noqa: S608 - only marks
    return frozenset(id_ for (id_,) in bulk.select(asked, *run_ids))


def _advance(run: advancing.Standing, directory: Directory) -> None:
    before = run.state
    if before == "running":
        log.lock_incident_at_once(run.incident_id)  # who was called is written there next
    called = advancing.advance([run], directory)
    events: list[ev.Event] = [
        ev.RoleCalled(run.role, c.person_id, c.id, "callout", c.reason)
        for c in called
        if c.state != "unreachable"
        and c.role  # whoever is only told that it stays empty is not called for it
    ]
    if run.state == "exhausted" and before != run.state:
        events.append(ev.RoleUnreachable(run.role, "everybody was called and nobody answered"))
    if events:
        _write(run.incident_id, directory.now, lambda i, t: [] if i.has_ended else events)


def _write(incident_id: str, now: datetime, decide: casebook.Decide) -> None:
    """Into the incident's record. Where this release must not write, the page and its answer stand as they are."""
    try:
        casebook.change_within(engine_act(now), incident_id, decide)
    except newer.Newer as met:
        newer.tell(met, now)


def answered(callout: models.Callout, now: datetime) -> None:
    """The person called for a role has answered: write it down, inside the caller's transaction."""
    if not callout.incident_id or not callout.role:
        return
    if callout.role == ROLL_CALL:
        _is_here(callout, now)
        return
    event = ev.CalloutAnswered(callout.id, callout.role, callout.person_id)
    _write(
        callout.incident_id,
        now,
        lambda i, t: [event] if callout.id in i.callouts and not i.callouts[callout.id].answered_at else [],
    )


def _is_here(callout: models.Callout, now: datetime) -> None:
    """One tap on the message answers the roll call that runs."""
    person = Who(callout.person_id)

    def decide(i: Incident, t: Template) -> list[ev.Event]:
        roll = None if i.has_ended else i.crew.roll_call()
        asked = roll is not None and person.person in roll.silent
        return crewing.answer_roll_call(i, person, roll_id=roll.id) if roll and asked else []

    _write(callout.incident_id, now, decide)
