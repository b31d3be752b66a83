"""How fast an incident was answered, clock by clock, and how its promises to audiences were kept. Counts from the log
alone; judges nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.incidents import Incident, Stamped
from quarterdeck.core.incidents.events import (
    ClockReset,
    ClockStarted,
    ClockStopped,
    Closed,
    Dismissed,
    MessageSent,
)
from quarterdeck.core.incidents.state import COMMANDER

from .shapes import AlertMoments, Clock, Lookup, PhaseTime, Updates


def reported_at(incident: Incident, alerts: Sequence[AlertMoments]) -> datetime | None:
    """The first report: the first linked alert, or the declaration if there was none before it."""
    moments = [a.first_at for a in alerts]
    if incident.declared_at:
        moments.append(incident.declared_at)
    return min(moments, default=None)


def clocks(incident: Incident, alerts: Sequence[AlertMoments]) -> tuple[Clock, ...]:
    """The five times a review looks at. Each is there, also when it did not end."""
    start = reported_at(incident, alerts)
    public = min((u.posted_at for u in incident.page_updates.values()), default=None)
    answered = min((c.answered_at for c in incident.callouts.values() if c.answered_at), default=None)
    return (
        _acknowledged(alerts),
        _commanded(incident),
        _clock(
            "first_answer",
            "Declared to first callout answered",
            incident.declared_at,
            answered,
            "no callout was answered",
        ),
        _clock(
            "first_public_update",
            "Reported to first public update",
            start,
            public,
            "nothing was posted on a public page",
        ),
        _clock("resolved", "Reported to resolved", start, incident.resolved_at, "not resolved"),
    )


def _acknowledged(alerts: Sequence[AlertMoments]) -> Clock:
    first = min(alerts, key=lambda a: (a.first_at, a.alert_id), default=None)
    if first is None:
        return Clock("first_alert", "First alert acknowledged", None, "no alert is linked")
    return _clock(
        "first_alert",
        "First alert acknowledged",
        first.first_at,
        first.acknowledged_at,
        "nobody acknowledged it",
    )


def _commanded(incident: Incident) -> Clock:
    """Command is held from the first second; the note says whether that was by declaring."""
    first = next((a for a in incident.assignments.values() if a.role == COMMANDER), None)
    if first is None or incident.declared_at is None:
        return Clock("commander", "Declared to commander", None, "nobody held command")
    lasted = max(first.started_at - incident.declared_at, timedelta(0))
    by_declaring = first.started_at == incident.declared_at and first.person == incident.declared_by
    return Clock(
        "commander", "Declared to commander", lasted, "in command by declaring" if by_declaring else ""
    )


def _clock(key: str, title: str, start: datetime | None, stop: datetime | None, otherwise: str) -> Clock:
    """A stop before its start counts as zero, as in the figures of the organisation."""
    if start is None or stop is None:
        return Clock(key, title, None, otherwise)
    return Clock(key, title, max(stop - start, timedelta(0)))


def phases(incident: Incident, now: datetime, titles: Lookup, names: Lookup) -> tuple[PhaseTime, ...]:
    """Every stay in a phase with its length; the present one counts until `now`, an end does not last."""
    spans = incident.phases
    found = []
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        until = following.since if following else None
        lasts = until or (None if incident.has_ended else now)
        lasted = max(lasts - span.since, timedelta(0)) if lasts else None
        found.append(PhaseTime(titles(span.phase), span.since, until, lasted, names(span.by)))
    return tuple(found)


@dataclass(slots=True)
class _Kept:
    """One audience while the log is read: the promise in force, and how the earlier ones were kept."""

    due: datetime | None = None
    on_time: int = 0
    late: int = 0
    missed: int = 0
    unpromised: int = 0
    latest_by: timedelta | None = None

    def sent(self, at: datetime) -> None:
        if self.due is None:
            self.unpromised += 1
        elif at <= self.due:
            self.on_time += 1
        else:
            self.late += 1
            self.latest_by = max(self.latest_by or timedelta(0), at - self.due)
        self.due = None

    def stopped(self, at: datetime) -> None:
        if self.due is not None and self.due < at:
            self.missed += 1
        self.due = None


def updates(incident: Incident, log: Sequence[Stamped], now: datetime, titles: Lookup) -> tuple[Updates, ...]:
    """Updates on time and late per audience, as promised by its clock. A promise is kept up to its very second:
    the minutes of grace before somebody is called do not make a late update punctual.
    """
    kept: dict[str, _Kept] = {}
    for stamped in log:
        match stamped.event:
            case ClockStarted(audience=audience, next_due=due) | ClockReset(audience=audience, next_due=due):
                kept.setdefault(audience, _Kept()).due = due
            case ClockStopped(audience=audience):
                kept.setdefault(audience, _Kept()).stopped(stamped.at)
            case MessageSent(message_id=message_id, audience=audience):
                known = incident.messages.get(message_id)
                whom = audience or (known.audience if known else "")
                kept.setdefault(whom, _Kept()).sent(stamped.at)
            case Closed() | Dismissed():
                for one in kept.values():
                    one.stopped(stamped.at)
    for one in kept.values():
        one.stopped(now)
    return tuple(
        Updates(key, titles(key), k.on_time, k.late, k.missed, k.unpromised, k.latest_by)
        for key, k in kept.items()
        if k.on_time or k.late or k.missed or k.unpromised
    )
