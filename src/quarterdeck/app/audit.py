"""Invariants of paging asked of the live store. What is broken becomes an alarm, what is mended clears it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from quarterdeck.store import models, tx
from quarterdeck.store.journal_reader import JournalReader

from . import alarms, due

LATE = timedelta(seconds=60)
KIND = "audit"


@dataclass(frozen=True, slots=True)
class Finding:
    """`invariant` is I7 or I9 of the reliability goals; `subject` is the row it is about."""

    invariant: str
    subject: str
    text: str


def look(now: datetime, limit: int = 100) -> list[Finding]:
    """Ask every question, raise and clear alarms, and re-arm an orphaned run once."""
    found = [*_stuck(now, limit), *_late(now, limit), *_journal_behind(now), *_orphans(now, limit)]
    with tx.write("engine", "web"):
        standing = {f"{f.invariant}:{f.subject}"[:100] for f in found}
        for row in models.Alarm.objects.filter(kind=KIND, cleared_at=None):
            if row.subject not in standing:
                alarms.clear_alarm(KIND, row.subject, now)
        for f in found:
            new = alarms.raise_alarm(KIND, f"{f.invariant}:{f.subject}", f.text, now)
            if new and f.invariant == "I9":
                due.arm("escalate", f.subject, now, now)
    return found


def _stuck(now: datetime, limit: int) -> Iterator[Finding]:
    """I7: nothing sits in the outbox past its time + 60 s."""
    rows = models.Delivery.objects.filter(cls="page", state="queued", next_at__lt=now - LATE)
    for row in rows.order_by("next_at")[:limit]:
        yield Finding(
            "I7", row.id, f"A page by {row.channel} has been waiting since {row.next_at:%H:%M:%S} UTC."
        )


def _late(now: datetime, limit: int) -> Iterator[Finding]:
    """I7: no timer is overdue by more than 60 s."""
    rows = models.Due.objects.filter(state="waiting", due_at__lt=now - LATE).order_by("due_at")
    for row in rows[:limit]:
        yield Finding(
            "I7", row.id, f"A timer ({row.kind}) was due at {row.due_at:%H:%M:%S} UTC and has not fired."
        )


def _journal_behind(now: datetime) -> Iterator[Finding]:
    reader = JournalReader()
    count, oldest = reader.lag()
    reader.close()
    if oldest is not None and oldest < now - LATE:
        yield Finding(
            "I7",
            "journal",
            f"{count} accepted bodies wait for the engine, the oldest since {oldest:%H:%M:%S} UTC.",
        )


def _orphans(now: datetime, limit: int) -> Iterator[Finding]:
    """I9: a running escalation always has a waiting timer."""
    timers = models.Due.objects.filter(kind="escalate", ref=OuterRef("id"), state="waiting")
    rows = models.Run.objects.filter(state="running", started_at__lt=now - LATE).exclude(Exists(timers))
    for row in rows[:limit]:
        yield Finding("I9", row.id, f"The escalation of “{row.subject}” had no timer; it was armed again.")
