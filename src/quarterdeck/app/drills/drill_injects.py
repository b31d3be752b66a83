"""Injects of a drill that runs: fired by their timers or by hand, skipped, added (R-190).

Each writes the ordinary record of the drill's incident, and whoever it is for is paged as the kind of drill says.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.drills import clock
from quarterdeck.core.drills.scenario import Inject, inject_faults
from quarterdeck.core.incidents.drill import inject as what_it_changes
from quarterdeck.core.incidents.drill import mode
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models, tx

from .. import casebook, due
from ..act import Act, engine_act
from ..casebook import Case
from ..comms.links import incident_url
from ..paging.callouts import Request, call
from ..paging.directory import Directory
from . import drill_scenarios
from .drills import INJECT, RUNNING, audit, in_state, locked, pauses_of

WAITING, FIRED, SKIPPED = "waiting", "fired", "skipped"
MOST = 80


@tx.again
def fire(act: Act, drill_id: str, inject_id: str) -> models.DrillInject:
    """By hand, now. One that has happened already stays as it is."""
    with tx.write("engine", "web"):
        row = _running(act, drill_id)
        inject = _inject(row, inject_id)
        if inject.state == FIRED:
            return inject
        due.disarm(INJECT, [inject.id], act.at)
        _happen(row, inject, Directory(act.at), act.person)
        audit(act, "InjectFired", row, {"inject": inject.key})
    return inject


@tx.again
def skip(act: Act, drill_id: str, inject_id: str, reason: str = "") -> models.DrillInject:
    with tx.write("engine", "web"):
        row = _running(act, drill_id)
        inject = _inject(row, inject_id)
        if inject.state == FIRED:
            raise Refused("inject.fired", "It has happened already and cannot be skipped.")
        due.disarm(INJECT, [inject.id], act.at)
        inject.state, inject.actor, inject.note = SKIPPED, act.person, line(reason, 300)
        inject.save(update_fields=["state", "actor", "note"])
        audit(act, "InjectSkipped", row, {"inject": inject.key})
    return inject


@tx.again
def add(
    act: Act, drill_id: str, *, kind: str, title: str, text: str = "", role: str = "", about: str = "",
    page: bool = False, surprise: bool = True, in_minutes: int = 0,
) -> models.DrillInject:  # fmt: skip
    """A surprise of the moment: at once, or in so many minutes of the drill's clock."""
    said = line(title, 200)
    if not said:
        message = "Say in one line what happens."
        raise bad("inject.title", message, title=message)
    if not 0 <= in_minutes <= 480:
        message = "Give 0 to 480 minutes from now."
        raise bad("inject.minutes", message, in_minutes=message)
    with tx.write("engine", "web"):
        row = _running(act, drill_id)
        count = models.DrillInject.objects.filter(drill=row).count()
        if count >= MOST:
            raise Refused("inject.many", f"A drill has at most {MOST} injects.")
        assert row.started_at is not None
        pauses = pauses_of(row)
        minute = int(clock.elapsed(row.started_at, pauses, act.at) / timedelta(minutes=1)) + in_minutes
        made = Inject(
            key=f"added_{count + 1}", at_minute=minute, kind=kind, title=said, text=clean(text, 2000), role=role,
            about=about, surprise=surprise, page=page,
        )  # fmt: skip
        _can_happen(made, row, act)
        inject = drill_scenarios.inject_row(row, made, added=True)
        inject.save(force_insert=True)
        if in_minutes:
            at = clock.due_at(row.started_at, pauses, minute, act.at)
            if at is not None:
                due.rearm(INJECT, inject.id, max(at, act.at), act.at)
        else:
            _happen(row, inject, Directory(act.at), act.person)
        audit(act, "InjectAdded", row, {"inject": inject.key})
    return inject


def timer(inject_id: str, directory: Directory) -> None:
    """Its timer: it happens, unless it has or the drill is over or stands still (T1)."""
    inject = models.DrillInject.objects.filter(id=inject_id).first()
    if inject is None:
        return
    row = models.Drill.objects.select_for_update().get(id=inject.drill_id)
    inject.refresh_from_db()
    if row.state != RUNNING or inject.state != WAITING or clock.is_paused(pauses_of(row)):
        return
    _happen(row, inject, directory, "")


def _happen(row: models.Drill, inject: models.DrillInject, directory: Directory, actor: str) -> None:
    """Inside the caller's transaction. An incident that its people have ended already gets no injects any more."""
    now = directory.now
    before = casebook.load(row.incident_id)
    if before.incident.has_ended:
        inject.state, inject.actor, inject.note = SKIPPED, actor, "The incident had ended."
        inject.save(update_fields=["state", "actor", "note"])
        return
    case = casebook.change_within(
        engine_act(now),
        row.incident_id,
        lambda i, t: what_it_changes(
            i, inject_id=inject.id, kind=inject.kind, title=inject.title, text=inject.text, role=inject.role,
            about=inject.about,
        ),
    )  # fmt: skip
    inject.state, inject.fired_at, inject.actor = FIRED, now, actor
    inject.save(update_fields=["state", "fired_at", "actor"])
    if mode(row.kind).pages:
        for person, subject, why in _whom(row, inject, before, case):
            _page(row, person, subject, why, directory)


def _whom(
    row: models.Drill, inject: models.DrillInject, before: Case, case: Case
) -> list[tuple[str, str, str]]:
    """Who is paged, with subject and reason: whoever is away always, the others where the inject says so."""
    if inject.kind == "away":
        held = before.incident.holder(inject.role)
        gone = "You are away for this drill: do nothing more in it until the facilitator says so."
        return [(held.person, f"You are away: {inject.title}", gone)] if held else []
    if not inject.page:
        return []
    open_ = case.incident.open_assignments()
    to = [a.person for a in open_ if not inject.role or a.role == inject.role]
    if not to and case.incident.commander:
        to = [case.incident.commander.person]
    return [(p, inject.title, "Something new in the drill.") for p in dict.fromkeys(to)]


def _page(row: models.Drill, person: str, subject: str, why: str, directory: Directory) -> None:
    call(
        Request(
            person=person, subject=subject, reason=why, expires_at=directory.now + timedelta(hours=4),
            urgency="low", kind="heads_up", incident_id=row.incident_id, drill=True,
            link=incident_url(row.incident_id), link_label="Open the drill",
        ),
        directory,
    )  # fmt: skip


def _running(act: Act, drill_id: str) -> models.Drill:
    row = locked(act, drill_id)
    in_state(row, RUNNING, f"This drill is {row.state}: injects happen while it runs.")
    return row


def _inject(row: models.Drill, inject_id: str) -> models.DrillInject:
    found = models.DrillInject.objects.filter(drill=row, id=inject_id).first()
    if found is None:
        raise missing("inject.unknown", "There is no such inject in this drill. Look it up in its list.")
    return found


def _can_happen(made: Inject, row: models.Drill, act: Act) -> None:
    for wrong in inject_faults(made):
        message = f"{wrong.text[0].upper()}{wrong.text[1:]}. {wrong.advice}"
        raise bad("inject.unfit", message, about=message)
    template = casebook.load(row.incident_id, act.who).template
    if made.role and template.role(made.role) is None:
        message = "This incident has no such role. Choose one of its structure."
        raise bad("inject.role", message, role=message)


def happens_at(row: models.Drill, inject: models.DrillInject, now: datetime) -> datetime | None:
    """When one that waits will happen by itself, as far as is known now."""
    if row.state != RUNNING or row.started_at is None or inject.state != WAITING:
        return None
    return (
        clock.due_at(row.started_at, pauses_of(row), inject.at_minute, now) if mode(row.kind).timed else None
    )
