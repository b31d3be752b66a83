"""Timers: set, cancelled and taken in the same transaction as what they belong to. One table for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from quarterdeck.core.kernel.moments import micros
from quarterdeck.store import bulk, models
from quarterdeck.store.ids import new_id

from .health import alarms


def arm(kind: str, ref: str, due_at: datetime, now: datetime, **data: Any) -> None:
    """Wake `kind` for `ref` at `due_at`. Several timers of one kind and ref may stand at once."""
    models.Due.objects.create(id=new_id(), kind=kind, ref=ref, due_at=due_at, data=data, created_at=now)


def arm_all(kind: str, refs: Sequence[str], due_at: datetime, now: datetime) -> None:
    """One timer for each of many, all at the same instant."""
    arm_each(kind, [(r, due_at) for r in refs], now)


def arm_each(kind: str, timers: Sequence[tuple[str, datetime]], now: datetime) -> None:
    """One timer for each (ref, due_at)."""
    made = micros(now)
    bulk.insert(
        models.Due, _DUE, [(new_id(), kind, r, micros(at), "waiting", "{}", 0, made) for r, at in timers]
    )


_DUE = ("id", "kind", "ref", "due_at", "state", "data", "attempts", "created_at")


def rearm(kind: str, ref: str, due_at: datetime, now: datetime, **data: Any) -> None:
    """Replace whatever waits for this kind and ref."""
    disarm(kind, [ref], now)
    arm(kind, ref, due_at, now, **data)


def disarm(kind: str, refs: Iterable[str], now: datetime) -> None:
    models.Due.objects.filter(kind=kind, ref__in=list(refs), state="waiting").update(
        state="cancelled", ended_at=now
    )


def pull(kind: str, ref: str, now: datetime) -> None:
    """Make a waiting timer due now (somebody could not be reached: do not wait out the step). It counts as made now:
    where the clock of whoever pulls is ahead of the engines', they bring it back to theirs.
    """
    waiting = models.Due.objects.filter(kind=kind, ref=ref, state="waiting", due_at__gt=now)
    waiting.update(due_at=now, created_at=now)


class Timer(NamedTuple):
    """A timer as firing it needs it."""

    id: str
    kind: str
    ref: str
    attempts: int


def take(now: datetime, limit: int) -> list[Timer]:
    """Due timers, oldest first, locked for this transaction; other nodes skip them."""
    rows = models.Due.objects.filter(state="waiting", due_at__lte=now).order_by("due_at")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    return [Timer(*row) for row in rows.values_list("id", "kind", "ref", "attempts")[:limit]]


def take_again(row: Timer) -> Timer | None:
    """One that was taken before and not fired, locked anew; None where somebody else has fired or has it."""
    rows = models.Due.objects.filter(id=row.id, state="waiting")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    found = rows.values_list("id", "kind", "ref", "attempts").first()
    return Timer(*found) if found else None


def finish(row: Timer, now: datetime) -> None:
    finish_all([row], now)


def finish_all(rows: Sequence[Timer], now: datetime) -> None:
    """These have fired; the alarm of one that failed before is over."""
    for row in rows:
        if row.attempts:
            alarms.clear_alarm("timer", row.id, now)
    bulk.update(
        models.Due,
        ("state", "ended_at"),
        [("done", micros(now), r.id) for r in rows],
        "due.state = 'waiting'",
    )


def postpone(row: Timer, until: datetime) -> None:
    """A timer that failed is tried again later, and counts."""
    models.Due.objects.filter(id=row.id).update(due_at=until, attempts=row.attempts + 1)


def next_due() -> datetime | None:
    """When the earliest waiting timer falls due."""
    return (
        models.Due.objects.filter(state="waiting").order_by("due_at").values_list("due_at", flat=True).first()
    )
