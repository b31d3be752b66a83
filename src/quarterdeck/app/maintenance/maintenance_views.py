"""Which maintenance windows somebody sees, and which of them are upcoming, running or past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from django.db.models import QuerySet

from quarterdeck.core.access import Who, may
from quarterdeck.core.status.maintenance import OVER, RUNNING
from quarterdeck.store import models

View = Literal["upcoming", "running", "past", "all"]


def inside(who: Who) -> bool:
    """Whether they see services, people and internal notes, beside what the public is told as well."""
    return may(who, "service.read")


def seen(who: Who) -> QuerySet[models.MaintenanceWindow]:
    """Executives see what was announced; whoever works here sees every plan."""
    rows = models.MaintenanceWindow.objects.all()
    return rows if inside(who) else rows.exclude(announced_at=None)


def of_view(who: Who, view: str) -> QuerySet[models.MaintenanceWindow]:
    """Unordered; an unknown view is all of them."""
    rows = seen(who)
    match view:
        case "upcoming":
            return rows.exclude(state__in=[*OVER, *RUNNING])
        case "running":
            return rows.filter(state__in=RUNNING)
        case "past":
            return rows.filter(state__in=OVER)
    return rows


def order(view: str) -> Sequence[str]:
    """What is to come by its start, what is over the newest first."""
    return ("-starts_at", "-id") if view in ("past", "all") else ("starts_at", "id")


def between(who: Who, start: datetime, end: datetime) -> list[models.MaintenanceWindow]:
    """What is agreed to and touches this time, for calendars; cancelled ones are not in it."""
    rows = seen(who).exclude(state__in=("draft", "proposed", "cancelled"))
    return list(rows.filter(starts_at__lt=end, ends_at__gt=start).order_by("starts_at", "id")[:2000])
