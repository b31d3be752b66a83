"""Requests that wait for somebody above: who is asked next when they are silent, and when (R-141).

First the backup of whoever was asked, then the executives on duty in their order. Nobody is asked twice, whoever was
asked may still answer, and after the last the commander hears that nobody is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .business import SpendWait
from .events import Event
from .events.business import RequestPassedUp
from .state import Incident

WAIT = timedelta(minutes=15)


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """Each silence once."""
    minutes = int(WAIT.total_seconds() // 60)
    return [
        RequestPassedUp(
            w.request, w.number, w.asked[-1], next(iter(w.backup), ""), minutes, w.minor, w.currency
        )
        for w in _waiting(incident)
        if w.since + WAIT <= now
    ]


def wake_at(incident: Incident) -> datetime | None:
    return min((w.since + WAIT for w in _waiting(incident)), default=None)


def _waiting(incident: Incident) -> Iterator[SpendWait]:
    if incident.has_ended:
        return
    for wait in incident.business.waits.values():
        found = incident.ics.requests.get(wait.request)
        if found is not None and found.state == "requested" and not wait.over:
            yield wait
