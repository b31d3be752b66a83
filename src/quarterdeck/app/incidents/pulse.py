"""What is open, in numbers: minutes of impact, and update clocks that are overdue. Reads only; drills never count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from quarterdeck.core.access import Who
from quarterdeck.store import models

from ..visibility import visible_incidents

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pulse:
    """`impact_minutes` adds up, over the open incidents, the time since the impact began (where it was assessed) or
    since the declaration; whole minutes each.
    """

    incidents: int
    impact_minutes: int
    clocks: int
    overdue: int


def read(who: Who, now: datetime) -> Pulse:
    """Of what `who` may know of; two queries."""
    rows = visible_incidents(who).filter(is_open=True, drill=False)
    told = list(rows.values_list("declared_at", "impact_started_at"))
    clocks = models.UpdateClockRow.objects.filter(running=True, incident_id__in=rows.values("id"))
    found = clocks.aggregate(n=Count("id"), late=Count("id", filter=Q(next_due__lt=now)))
    minutes = sum(max((now - (began or declared)) // _MINUTE, 0) for declared, began in told)
    return Pulse(len(told), minutes, found["n"], found["late"])
