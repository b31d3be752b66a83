"""What follows from the state of the synchronous standby: alarms, and in the mode "degrade" going on without one.

Every commit that waits for a standby that is gone would wait for ever. Only "degrade" lets those go, and says so in
the audit; "required" leaves them to PostgreSQL.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from quarterdeck.store import log, models, standby, tx

from ..health import alarms

KIND = "standby"
SUBJECT = "standby"
ACTOR = "engine"


def standing() -> standby.Standby | None:
    """How it is now; None on SQLite."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as c:
        c.execute(standby.QUESTION)
        return standby.Standby(*c.fetchone())


def look(mode: str, now: datetime) -> None:
    """Ask, and do what the mode wants. Called every few seconds, on every node."""
    found = standing() if mode != "off" else None
    if found is None:
        return
    if not found.safe and mode == "degrade":
        with connection.cursor() as c:
            c.execute(standby.LET_GO)
    degraded = models.Installation.objects.values_list("degraded_at", flat=True).get(id=1) is not None
    alarmed = models.Alarm.objects.filter(kind=KIND, subject=SUBJECT, cleared_at=None).exists()
    if found.safe != (degraded or alarmed):
        return
    with tx.write("web"):
        with connection.cursor() as c:
            # This must be known even while nothing else can be written.
            c.execute(standby.LOCALLY)
        row = models.Installation.objects.select_for_update().get(id=1)
        if found.safe:
            _mended(row, now)
        else:
            _broken(row, found, mode, now)


def _broken(row: models.Installation, found: standby.Standby, mode: str, now: datetime) -> None:
    if mode == "required":
        text = f"{found.why} No alert is accepted until one is: senders are told to come back."
    else:
        text = f"{found.why} What is accepted now is on one machine alone."
    alarms.raise_alarm(KIND, SUBJECT, text, now)
    if mode == "degrade" and row.degraded_at is None:
        models.Installation.objects.filter(id=1).update(degraded_at=now)
        log.audit("ReplicationDegraded", {"reason": found.why}, at=now, actor=ACTOR)


def _mended(row: models.Installation, now: datetime) -> None:
    alarms.clear_alarm(KIND, SUBJECT, now)
    if row.degraded_at is not None:
        models.Installation.objects.filter(id=1).update(degraded_at=None)
        log.audit("ReplicationRestored", {"since": row.degraded_at.isoformat()}, at=now, actor=ACTOR)
