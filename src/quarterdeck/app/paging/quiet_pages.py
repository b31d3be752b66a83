"""Pages that wait for somebody's quiet hours, once they are queued: when one may ring, and what lets it go earlier.

A page never waits on after what it is about has grown severe enough to override these hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.core.escalation.quiet import Quiet, until
from quarterdeck.core.kernel.moments import micros
from quarterdeck.store import bulk, models

from ..alerts import notes
from . import quiet_hours
from .callouts import WAITS


def may_ring(callout_id: str, now: datetime) -> datetime:
    """When a page of this callout may ring: now, or at the end of its recipient's quiet hours."""
    callout = models.Callout.objects.filter(id=callout_id).only("person_id", "urgency", "alert_id").first()
    if callout is None or callout.urgency != "low":
        return now
    hours = quiet_hours.hours([callout.person_id]).get(callout.person_id)
    if hours is None:
        return now
    severity = models.Alert.objects.filter(id=callout.alert_id).values_list("severity", flat=True).first()
    return until(hours, now, callout.urgency, severity or "") or now


def let_go(alert_ids: Sequence[str], now: datetime) -> int:
    """These alerts have become more severe: their waiting pages ring now where that overrides the quiet hours, at the
    same distance from one another. Returns how many. Inside the caller's transaction, which holds the alerts.
    """
    rows = models.Delivery.objects.filter(alert_id__in=alert_ids, cls="page", state="queued", error=WAITS)
    held = list(rows.select_for_update().order_by("id").defer("body")) if alert_ids else []
    if not held:
        return 0
    severities = dict(models.Alert.objects.filter(id__in=alert_ids).values_list("id", "severity"))
    callouts = models.Callout.objects.in_bulk({r.callout_id for r in held})
    hours = quiet_hours.hours({r.person_id for r in held})
    free = [r for r in held if not _waits(callouts[r.callout_id], hours, severities[r.alert_id], now)]
    first: dict[str, datetime] = {}
    for r in free:
        first[r.callout_id] = min(first.get(r.callout_id, r.next_at), r.next_at)
    freed = [(micros(now + (r.next_at - first[r.callout_id])), "", r.id) for r in free]
    bulk.update(models.Delivery, ("next_at", "error"), freed)
    told = dict.fromkeys((r.alert_id, r.person_id) for r in free)
    names = dict(models.Person.objects.filter(id__in={p for _, p in told}).values_list("id", "name"))
    notes.write(
        [
            (alert, now, "paging", person, f"It is {severities[alert]} now: the page to {names.get(person, '')} waits"
             " for no quiet hours any more.")
            for alert, person in told
        ]
    )  # fmt: skip
    return len(free)


def _waits(callout: models.Callout, hours: dict[str, Quiet], severity: str, now: datetime) -> bool:
    return until(hours.get(callout.person_id), now, callout.urgency, severity) is not None
