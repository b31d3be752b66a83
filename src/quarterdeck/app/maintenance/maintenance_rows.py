"""Maintenance windows as rows: found and locked, what the core needs of them, their history and their one timer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status.maintenance import AHEAD, OVER, RUNNING, Course, next_step
from quarterdeck.store import models

from .. import due

KIND = "maintenance"
# How often a start that is held looks whether what holds it is over.
HELD_AGAIN = timedelta(minutes=2)
_MINUTE = timedelta(minutes=1)


def find(window_id: str, *, lock: bool = False) -> models.MaintenanceWindow:
    rows = models.MaintenanceWindow.objects
    found = (rows.select_for_update() if lock else rows.all()).filter(id=window_id).first()
    if found is None:
        raise missing("maintenance.unknown", "There is no such maintenance. Look it up in the list.")
    return found


def course(row: models.MaintenanceWindow) -> Course:
    """The row as far as its clock needs it."""
    return Course(
        row.state, row.starts_at, row.ends_at, row.announce_minutes * _MINUTE,
        tuple(m * _MINUTE for m in row.reminders), frozenset(m * _MINUTE for m in row.reminded),
        row.auto_start, row.auto_finish, row.started_at, frozenset(row.told),
    )  # fmt: skip


def arm(row: models.MaintenanceWindow, now: datetime) -> None:
    """Its one timer, set to whatever comes next, inside the caller's transaction."""
    step = next_step(course(row), now)
    if step is None:
        due.disarm(KIND, [row.id], now)
        return
    at = max(step.at, now)
    if row.held_at is not None and step.what == "start":
        at = min(max(at, now + HELD_AGAIN), max(row.ends_at, now))
    due.rearm(KIND, row.id, at, now)


def save(row: models.MaintenanceWindow, now: datetime, **values: Any) -> None:
    """Change a locked row, count the change, and set its timer anew."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*values, "version"])
    arm(row, now)


def note(row: models.MaintenanceWindow, kind: str, actor: str, text: str, now: datetime) -> None:
    models.MaintenanceEntry.objects.create(window=row, at=now, kind=kind, actor=actor, text=line(text, 600))


def windows() -> QuerySet[models.MaintenanceWindow]:
    return models.MaintenanceWindow.objects.order_by("starts_at", "id")


def running() -> QuerySet[models.MaintenanceWindow]:
    return windows().filter(state__in=RUNNING)


def ahead(now: datetime, within: timedelta) -> QuerySet[models.MaintenanceWindow]:
    """Approved or announced, and to start within this time; one whose start has passed is among them."""
    return windows().filter(state__in=AHEAD, starts_at__lt=now + within)


def standing() -> QuerySet[models.MaintenanceWindow]:
    """All that are neither over nor a mere draft."""
    return windows().exclude(state__in=[*OVER, "draft"])
