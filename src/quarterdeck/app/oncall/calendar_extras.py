"""What calendars hold beside shifts: training somebody goes to, preventive work with the days of risks, maintenance.

As the owner of the calendar may see it; it answers nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from quarterdeck.core.access import Who, may
from quarterdeck.core.status.maintenance import LABELS
from quarterdeck.store import models

from ..learning import prevention_days
from ..maintenance import maintenance_views
from ..people import training
from .calendar_entry import Entry

_DAY = timedelta(days=1)


def training_of(person: models.Person, start: datetime, end: datetime) -> Iterator[Entry]:
    """The sessions somebody gives, must come to, or joined."""
    for row in training.between(start, end):
        if training.comes(row, person.id):
            where = f" in {row.place}" if row.place else ""
            yield Entry(
                _uid("training", row.id), row.held_at, row.held_at + timedelta(minutes=row.minutes), "UTC",
                f"Training: {row.topic}", "", "", (), path=f"/knowledge/training#session-{row.id}",
                text=f"{row.topic}{where}, {row.minutes} minutes.",
            )  # fmt: skip


def prevention(owner: models.Person, start: datetime, end: datetime) -> Iterator[Entry]:
    """Every day on which something preventive is due, as far as the owner of the calendar may see it."""
    who = Who(owner.id, frozenset({owner.role}))
    if not may(who, "service.read"):
        return
    for one in prevention_days.between(who, start.date(), end.date() - _DAY):
        at = _midnight(one.day)
        yield Entry(
            _uid(one.kind, f"{one.id} {one.mark}"), at, at + _DAY, "UTC", f"{one.label}: {one.title}", "", "", (),
            path=one.path, text=f"{one.label}, {one.state}.", all_day=True,
        )  # fmt: skip


def maintenance(owner: models.Person, start: datetime, end: datetime) -> Iterator[Entry]:
    """Every window that is agreed to, as far as the owner of the calendar may see it."""
    who = Who(owner.id, frozenset({owner.role}))
    if not may(who, "service.read"):
        return
    for row in maintenance_views.between(who, start, end):
        yield Entry(
            _uid("maintenance", row.id), row.starts_at, row.ends_at, row.zone, f"Maintenance: {row.title}", "", "", (),
            path=f"/maintenance/{row.id}", text=f"{LABELS[row.state]}. {row.text}".strip(),
        )  # fmt: skip


def _uid(kind: str, ref: str) -> str:
    return f"{hashlib.sha256(f'{kind}|{ref}'.encode()).hexdigest()[:32]}@quarterdeck"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
