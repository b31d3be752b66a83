"""The maintenance that mutes alerts now: of covered services, from its start until its end and never longer."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.alerts.silence import Maintenance
from quarterdeck.core.status.maintenance import RUNNING
from quarterdeck.store import models


def running(now: datetime) -> list[Maintenance]:
    """The windows that run and whose end has not come. One that overruns mutes nothing until it is extended."""
    rows = models.MaintenanceWindow.objects.filter(state__in=RUNNING, ends_at__gt=now)
    return [of_row(r) for r in rows.prefetch_related("services").order_by("starts_at", "id")]


def of_row(row: models.MaintenanceWindow) -> Maintenance:
    """A window as alerts meet it."""
    muted = frozenset(s.key for s in row.services.all() if s.id not in row.spared_services)
    begun = row.started_at or row.starts_at
    return Maintenance(row.id, row.title, muted, begun, row.ends_at, spares=frozenset(row.spared))
