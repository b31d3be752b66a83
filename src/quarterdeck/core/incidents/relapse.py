"""Watching recovery: an alert of the same service that fires again is a relapse (R-064). Flags it, never reopens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .events import CheckFailed, Event
from .events.technical import RelapseSeen
from .state import Incident

# How long after it was resolved an incident is still watched.
WATCH_AFTER = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert that just began to fire; `service` is a key or empty."""

    alert_id: str
    service: str
    dedup_key: str
    summary: str


def is_watched(incident: Incident, at: datetime) -> bool:
    """In monitoring, and for an hour after it was resolved."""
    if incident.phase == "monitoring":
        return True
    since = incident.phase_since
    return incident.phase == "resolved" and since is not None and at < since + WATCH_AFTER


def alerts_fired(incident: Incident, fired: Sequence[Fired], at: datetime) -> list[Event]:
    """What alerts that began to fire mean: the checks that follow them fail, and a watched incident has relapsed.

    One relapse a service until somebody takes it up: a storm is one piece of news.
    """
    if not incident.number or incident.has_ended:
        return []
    return [*_failing(incident, fired), *_relapses(incident, fired, at)]


def _failing(incident: Incident, fired: Sequence[Fired]) -> list[Event]:
    first = {f.service: f for f in reversed(fired) if f.service}
    return [
        CheckFailed(c.id, f"An alert fires: {first[c.service].summary}", c.subject)
        for c in incident.checks.values()
        if c.service in first and c.state != "failed"
    ]


def _relapses(incident: Incident, fired: Sequence[Fired], at: datetime) -> list[Event]:
    if not is_watched(incident, at):
        return []
    ours = {a.dedup_key for a in incident.alerts.values()} - {""}
    told = {r.service or r.alert_id for r in incident.technical.relapses.values() if r.is_open}
    events: list[Event] = []
    for f in fired:
        same = f.dedup_key in ours or (f.service != "" and f.service in incident.services)
        if same and (f.service or f.alert_id) not in told:
            told.add(f.service or f.alert_id)
            events.append(RelapseSeen(f.alert_id, f.service, f.summary))
    return events
