"""The course of a drill: start, pause, resume, end, cancel. Its incident goes through the ordinary functions."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from quarterdeck.core.access import ENGINE
from quarterdeck.core.drills import clock
from quarterdeck.core.drills.scenario import Scenario
from quarterdeck.core.incidents import command as roles
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.incidents.drill import mode
from quarterdeck.core.incidents.events import Closed
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from .. import casebook, due
from ..act import Act, engine_act
from ..incidents import command, incidents
from ..paging.directory import Directory
from . import drill_notices, drill_scenarios, drill_scores
from .drills import (
    CANCELLED,
    ENDED,
    INJECT,
    KIND,
    PLANNED,
    REASON_LIMIT,
    RUNNING,
    audit,
    in_state,
    locked,
    pauses_of,
)

OBSERVER = "observer"
# A facilitator who forgets a drill that runs is reminded once, this long after its end was due.
GRACE = timedelta(minutes=10)


@tx.again
def start(act: Act, drill_id: str) -> models.Drill:
    """Declares the drill's incident and lets its clock run. Refused without people to play with, and where the
    commander holds a real incident just now.
    """
    with tx.write("engine", "web"):
        row = locked(act, drill_id)
        in_state(row, PLANNED, f"This drill is {row.state}: it starts once.")
        script = drill_scenarios.unpinned(row.script)
        people = list(models.DrillPerson.objects.filter(drill=row).order_by("id"))
        commander = _commander(row, people)
        case = incidents.declare(act, _said(row, script, commander))
        row.incident_id, row.state = case.incident.key, RUNNING
        row.started_at = row.changed_at = act.at
        row.save(update_fields=["incident_id", "state", "started_at", "changed_at"])
        if mode(row.kind).assigns:
            _assign(row, [p for p in people if p.person_id != commander], act)
        _let_watch(row, [p for p in people if p.observer], act)
        _arm(row, act)
        audit(act, "DrillStarted", row, {"kind": row.kind})
    return row


@tx.again
def pause(act: Act, drill_id: str, reason: str = "") -> models.Drill:
    """The clock of the drill stands still; what is left of it comes later by as long."""
    with tx.write("engine", "web"):
        row = locked(act, drill_id)
        in_state(row, RUNNING, f"This drill is {row.state}: only one that runs is paused.")
        if clock.is_paused(pauses_of(row)):
            return row
        row.pauses = [*row.pauses, [text(act.at), None]]
        row.save(update_fields=["pauses"])
        due.disarm(INJECT, _waiting(row), act.at)
        due.disarm(KIND, [row.id], act.at)
        audit(act, "DrillPaused", row, {"reason": line(reason, REASON_LIMIT)})
    return row


@tx.again
def resume(act: Act, drill_id: str) -> models.Drill:
    with tx.write("engine", "web"):
        row = locked(act, drill_id)
        in_state(row, RUNNING, f"This drill is {row.state}: only one that runs goes on.")
        if not clock.is_paused(pauses_of(row)):
            return row
        since = row.pauses[-1][0]
        row.pauses = [*row.pauses[:-1], [since, text(act.at)]]
        row.save(update_fields=["pauses"])
        _arm(row, act)
        audit(act, "DrillResumed", row, {})
    return row


@tx.again
def end(act: Act, drill_id: str, reason: str = "") -> models.Drill:
    """The drill is over: nobody is called any more, nothing fires, its incident is closed."""
    with tx.write("engine", "web"):
        row = locked(act, drill_id)
        if row.state == ENDED:
            return row
        in_state(row, RUNNING, f"This drill is {row.state}: only one that runs is ended.")
        _stop(row, ENDED, line(reason, REASON_LIMIT), act)
        drill_scores.keep(row, act.at)
        audit(act, "DrillEnded", row, {"reason": row.reason})
    return row


@tx.again
def cancel(act: Act, drill_id: str, reason: str) -> models.Drill:
    """It does not take place, or is broken off and counts as none; always with a reason."""
    why = line(reason, REASON_LIMIT)
    if not why:
        message = "Say why in one line; it is kept."
        raise bad("reason.missing", message, reason=message)
    with tx.write("engine", "web"):
        row = locked(act, drill_id)
        if row.state == CANCELLED:
            return row
        if row.state == ENDED:
            raise Refused("drill.state", "This drill is ended: what was done stays.")
        running = row.state == RUNNING
        _stop(row, CANCELLED, why, act)
        audit(act, "DrillCancelled", row, {"reason": why})
        if not running:
            drill_notices.cancelled(row, act)
    return row


def fire(drill_id: str, directory: Directory) -> None:
    """Its timer: the facilitator hears once that it is time to start, and once that its end was due."""
    row = models.Drill.objects.filter(id=drill_id).first()
    if row is None:
        return
    if row.state == PLANNED:
        drill_notices.due_now(row, directory, "It is time. Start it, postpone it or cancel it on its page.")
    elif row.state == RUNNING:
        drill_notices.due_now(row, directory, "Its time is over. End it on its page once people are done.")


def _commander(row: models.Drill, people: list[models.DrillPerson]) -> str:
    """Who commands from the first second: whoever plays the role; in a fire drill the first of those in it, or the
    facilitator until somebody who was called takes over.
    """
    playing = [p for p in people if not p.observer]
    named = next((p.person_id for p in playing if p.role == COMMANDER), "")
    if named:
        return named
    if mode(row.kind).assigns:
        message = "Nobody plays the commander. Name people for this drill, and who commands."
        raise bad("drill.commander", message, participants=message)
    return playing[0].person_id if playing else row.facilitator


def _said(row: models.Drill, script: Scenario, commander: str) -> Declaration:
    return Declaration(
        title=script.headline, type=script.type, severity=script.severity, services=script.services,
        summary=script.situation, template=script.template, drill=True, drill_kind=row.kind,
        restricted=script.restricted, source="drill", commander=commander,
    )  # fmt: skip


def _assign(row: models.Drill, people: list[models.DrillPerson], act: Act) -> None:
    """The roles of the scenario, given by the engine. Whoever may not hold theirs now plays without it."""
    for one in people:
        if one.role and not one.observer:
            _give(row, one.person_id, one.role, act)


def _let_watch(row: models.Drill, people: list[models.DrillPerson], act: Act) -> None:
    """Observers follow the incident as such, so that they may see one of a restricted scenario, too."""
    for one in people:
        _give(row, one.person_id, OBSERVER, act)


def _give(row: models.Drill, person_id: str, role: str, act: Act) -> None:
    with suppress(Refused):
        person = command.who(person_id)
        casebook.change_within(
            engine_act(act.at),
            row.incident_id,
            lambda i, t: roles.assign_role(
                i, t, ENGINE, assignment_id=new_id(), role=role, person=person,
                elsewhere=command.elsewhere(person_id, i.key), names=Directory(act.at).name,
            ),
        )  # fmt: skip


def _waiting(row: models.Drill) -> list[str]:
    rows = models.DrillInject.objects.filter(drill=row, state="waiting")
    return list(rows.values_list("id", flat=True))


def _arm(row: models.Drill, act: Act) -> None:
    """The timers of what is left, by the clock of the drill as it runs now."""
    assert row.started_at is not None
    pauses = pauses_of(row)
    if mode(row.kind).timed:
        for inject in models.DrillInject.objects.filter(drill=row, state="waiting"):
            at = clock.due_at(row.started_at, pauses, inject.at_minute, act.at)
            if at is not None:
                due.rearm(INJECT, inject.id, max(at, act.at), act.at)
    length = int(row.script.get("minutes", 60))
    over = clock.due_at(row.started_at, pauses, length, act.at)
    if over is not None:
        due.rearm(KIND, row.id, max(over + GRACE, act.at), act.at)


def _stop(row: models.Drill, state: str, reason: str, act: Act) -> None:
    waiting = _waiting(row)
    due.disarm(INJECT, waiting, act.at)
    due.disarm(KIND, [row.id], act.at)
    models.DrillInject.objects.filter(id__in=waiting).update(
        state="skipped", note="The drill was over first."
    )
    if row.pauses and row.pauses[-1][1] is None:
        row.pauses = [*row.pauses[:-1], [row.pauses[-1][0], text(act.at)]]
    row.state, row.reason, row.changed_at = state, reason, act.at
    row.ended_at = act.at if row.started_at else None
    row.save()
    if row.incident_id:
        why = "; ".join(t for t in ("The drill is over", reason) if t)
        casebook.change_within(act, row.incident_id, lambda i, t: [] if i.has_ended else [Closed(why)])
