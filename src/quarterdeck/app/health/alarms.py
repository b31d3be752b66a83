"""Alarms about paging itself: raised once, cleared when the cause is gone, shown above every page until then."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.kernel.text import line
from quarterdeck.store import models


def raise_alarm(kind: str, subject: str, text: str, now: datetime) -> bool:
    """Raise an alarm unless the same one stands already; True when it is new. Inside the caller's transaction."""
    _, new = models.Alarm.objects.get_or_create(
        kind=kind,
        subject=subject[:100],
        cleared_at=None,
        defaults={"text": line(text, 600), "raised_at": now},
    )
    return new


def clear_alarm(kind: str, subject: str, now: datetime) -> None:
    models.Alarm.objects.filter(kind=kind, subject=subject[:100], cleared_at=None).update(cleared_at=now)


def open_alarms() -> list[models.Alarm]:
    """Alarms that stand, newest first."""
    return list(models.Alarm.objects.filter(cleared_at=None).order_by("-raised_at")[:50])
