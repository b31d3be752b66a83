"""Answers that run out, as rows with a timer each: set, looked up, ended. Inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from .. import due

KIND = "snooze"
SNOOZE, ANSWER = "snooze", "answer"


def standing(alert_ids: Iterable[str]) -> dict[str, models.Snooze]:
    """Alert → what its answer lasts by, of those that last for a time only."""
    rows = models.Snooze.objects.filter(alert_id__in=list(alert_ids), ended_at=None)
    return {r.alert_id: r for r in rows}


def put(
    kind: str, alert_id: str, until: datetime, now: datetime, *, person: str, reason: str = ""
) -> models.Snooze:
    """Let the answer to an alert last until then, in place of whatever stood. Its timer is set with it."""
    end([alert_id], now, person)
    row = models.Snooze.objects.create(
        alert_id=alert_id, kind=kind, until=until, person_id=person, reason=line(reason, 300), created_at=now
    )
    due.arm(KIND, row.id, until, now)
    return row


def put_all(kind: str, until: Mapping[str, datetime], now: datetime, *, person: str) -> None:
    """As `put`, for many alerts: each with the time until which its answer lasts."""
    if not until:
        return
    end(list(until), now, person)
    rows = [
        models.Snooze(alert_id=alert, kind=kind, until=at, person_id=person, reason="", created_at=now)
        for alert, at in until.items()
    ]
    models.Snooze.objects.bulk_create(rows)
    due.arm_each(KIND, [(row.id, row.until) for row in rows], now)


def end(alert_ids: Sequence[str], now: datetime, by: str = "") -> int:
    """These last no longer; how many stood. The timer of one that is over finds nothing to do: whoever answers an alert
    must not wait for the engine that holds it.
    """
    rows = models.Snooze.objects.filter(alert_id__in=alert_ids, ended_at=None)
    return rows.update(ended_at=now, ended_by=by)
