"""The timer of a maintenance window: announces, reminds, starts and finishes it when that is due, each once.

A clock that wakes late does what is late and says so; reminders that have lost their sense are left out, and a window
that went by as a whole is not started any more: somebody is asked.
"""

from __future__ import annotations

from quarterdeck.core.kernel.text import line
from quarterdeck.core.status.maintenance import Step, next_step, too_late
from quarterdeck.store import models

from ..health import alarms
from ..paging.directory import Directory
from . import maintenance_conflicts, maintenance_notices
from . import maintenance_course as turns
from . import maintenance_posts as posts
from .maintenance_rows import KIND, arm, course, note, save

ENGINE = turns.ENGINE
# More turns than a window can have at one instant.
_MOST = 12


def fire(window_id: str, directory: Directory) -> None:
    """Do everything of one window that is due, and set the time of the next thing."""
    row = models.MaintenanceWindow.objects.select_for_update().filter(id=window_id).first()
    if row is None:
        return
    now = directory.now
    for _ in range(_MOST):
        step = next_step(course(row), now)
        if step is None or step.at > now or not _do(row, step, directory):
            break
    arm(row, now)


def _do(row: models.MaintenanceWindow, step: Step, directory: Directory) -> bool:
    """One step. False where it could not be done yet."""
    now, late = directory.now, too_late(course(row), step, directory.now)
    match step.what:
        case "announce":
            # Agreed to later than the lead asks for, it is announced at once, which is no lateness of ours.
            agreed_late = row.approved_at is not None and row.approved_at >= step.at
            turns.announce(row, ENGINE, now, "" if agreed_late else late)
        case "remind":
            _remind(row, step, directory)
        case "start":
            return _start(row, directory, late)
        case "finish":
            turns.finish(row, ENGINE, now, remark=late)
        case "ending":
            text = "It ends in a few minutes. Extend it if the work takes longer, or finish it."
            _once(row, step, "Maintenance ends soon", text, directory)
        case "ask_start":
            text = "Its time has come and it waits for you: start it, move it or cancel it."
            _once(row, step, "Maintenance waits to be started", text, directory)
        case "overrun":
            text = "Its end has come and it was not finished: alerts page again. Finish it or extend it."
            _once(row, step, "Maintenance runs over", text, directory)
            alarms.clear_alarm(KIND, row.id, now)
            alarms.raise_alarm(KIND, row.id, f"The maintenance “{row.title}” runs over: {text}", now)
        case "missed":
            text = "Its time went by without a start. Move it, start it by hand or cancel it."
            _once(row, step, "Maintenance did not take place", text, directory)
            alarms.clear_alarm(KIND, row.id, now)
            alarms.raise_alarm(KIND, row.id, f"The maintenance “{row.title}” was not started: {text}", now)
    return True


def _remind(row: models.MaintenanceWindow, step: Step, directory: Directory) -> None:
    assert step.reminder is not None
    now = directory.now
    gone = {int(r.total_seconds() // 60) for r in (step.reminder, *step.skipped)}
    save(row, now, reminded=[m for m in row.reminders if m in gone or m in row.reminded])
    skipped = f" {len(step.skipped)} earlier reminders were left out: too late." if step.skipped else ""
    text = posts.reminded(row, now)
    note(row, "reminded", ENGINE, f"{text}{skipped}", now)
    posts.post(row, posts.Words("reminded", text), ENGINE, now)
    lead = int(step.reminder.total_seconds() // 60)
    maintenance_notices.tell_workers(
        row, f"reminded {lead} {row.starts_at:%Y%m%d%H%M}", "Reminder", text, now
    )


def _start(row: models.MaintenanceWindow, directory: Directory, late: str) -> bool:
    """Start it, unless an incident is open on what it covers: then it waits, and the commander is asked."""
    standing = maintenance_conflicts.incidents(row) if row.hold else []
    if not standing:
        turns.start(row, ENGINE, directory.now, remark=late)
        return True
    now = directory.now
    reason = line(" ".join(c.text for c in standing), 300)
    if row.held_at is None:
        save(row, now, held_at=now, held_reason=reason)
        text = f"{reason} It starts by itself once that is over, or now if you start it by hand."
        note(row, "held", ENGINE, f"Held: {reason}", now)
        people = [*maintenance_conflicts.commanders(row), *row.people, row.planned_by]
        told = f"held {row.starts_at:%Y%m%d%H%M}"
        maintenance_notices.tell_these(row, people, told, "Maintenance is held", text, now)
        alarms.raise_alarm(KIND, row.id, f"The maintenance “{row.title}” is held: {reason}", now)
    elif row.held_reason != reason:
        save(row, now, held_reason=reason)
    return False


def _once(row: models.MaintenanceWindow, step: Step, subject: str, text: str, directory: Directory) -> None:
    """Tell those who do it, and remember that they were told."""
    now = directory.now
    save(row, now, told=sorted({*row.told, step.what}))
    note(row, step.what, ENGINE, text, now)
    told = f"{step.what} {step.at:%Y%m%d%H%M}"
    maintenance_notices.tell_workers(row, told, subject, text, now)
