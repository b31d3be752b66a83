"""Update clocks: when which audience must hear from us next, and who is told when it did not (R-017)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import authorise
from .events import ClockOverdue, ClockReset, ClockStarted, ClockStopped, Event, TriageOverdue
from .guards import not_ended
from .parts import Message, UpdateClock
from .state import Incident
from .structure import Template

GRACE = timedelta(minutes=5)
SHORTEST = timedelta(minutes=5)
# Shorter demands of executives cost the time of the repair.
SHORTEST_EXECUTIVE = timedelta(minutes=15)


def starting(template: Template, rank: int, at: datetime) -> list[Event]:
    """The clocks an incident of this severity rank starts with."""
    return [
        _started(template, audience, every, at + every)
        for audience, every in _intervals(template, rank).items()
    ]


def retimed(incident: Incident, template: Template, rank: int, at: datetime) -> list[Event]:
    """What a new severity changes: clocks start, stop or tick differently. A promise is never put off."""
    if incident.technical.stood_down_at is not None:
        return []
    wanted = _intervals(template, rank)
    events: list[Event] = []
    for audience, every in wanted.items():
        running = _running(incident, audience)
        if running is None:
            events.append(_started(template, audience, every, at + every))
        elif running.every_seconds != int(every.total_seconds()):
            events.append(_started(template, audience, every, min(running.next_due, at + every)))
    events.extend(
        ClockStopped(c.audience, "this severity has no clock for it")
        for c in incident.running_clocks()
        if c.audience not in wanted
    )
    return events


def stopping(incident: Incident, reason: str) -> list[Event]:
    return [ClockStopped(c.audience, reason) for c in incident.running_clocks()]


def after_sending(incident: Incident, message: Message, at: datetime) -> list[Event]:
    """A sent message sets its audience's clock to the time it promised; the final one stops it."""
    clock = _running(incident, message.audience)
    if clock is None:
        return []
    if message.final:
        return [ClockStopped(clock.audience, "the final message was sent")]
    next_due = message.next_update_at or at + timedelta(seconds=clock.every_seconds)
    return [ClockReset(clock.audience, next_due, message.id)]


def set_clock(
    incident: Incident, template: Template, by: Who, *, audience: str, every: timedelta, at: datetime
) -> list[Event]:
    """Starts an audience's clock, or gives it another interval. Refused below five minutes."""
    not_ended(incident)
    authorise(incident, template, by, "clock.manage", "incident.phase")
    if incident.technical.stood_down_at is not None:
        raise Refused(
            "standdown.on",
            "The team stood down: no clock runs. Have the commander take the work up again first.",
        )
    if template.audience(audience) is None:
        raise bad(
            "audience.unknown", f"There is no audience {audience!r} here. Choose one of the template's."
        )
    if every < SHORTEST:
        message = "An update every few minutes keeps people from the repair. Choose five minutes or more."
        raise bad("clock.short", message, every=message)
    if audience == "executives" and every < SHORTEST_EXECUTIVE:
        message = "Executives are briefed every 15 minutes at most: shorter costs the time of the repair."
        raise bad("clock.executives", message, every=message)
    running = _running(incident, audience)
    if running and running.every_seconds == int(every.total_seconds()):
        return []
    return [_started(template, audience, every, at + every)]


def due_events(
    incident: Incident, now: datetime, grace: timedelta = GRACE, triage_minutes: int | None = None
) -> list[Event]:
    """What the passing of time has made true: one grace period over, the owner is told; two, the commander.

    With `triage_minutes`, also that the triage time is over. Looking twice, or late, adds nothing.
    """
    events: list[Event] = []
    if not incident.is_open or incident.technical.stood_down_at is not None:
        return events
    for clock in incident.running_clocks():
        events.extend(
            ClockOverdue(clock.audience, level, clock.next_due)
            for level in (1, 2)
            if clock.overdue_level < level and now >= clock.next_due + level * grace
        )
    at = _triage_ends(incident, triage_minutes)
    if at and now >= at and triage_minutes is not None:
        events.append(TriageOverdue(triage_minutes))
    return events


def wake_at(
    incident: Incident, grace: timedelta = GRACE, triage_minutes: int | None = None
) -> datetime | None:
    """The next moment at which `due_events` may have something new; None when never."""
    if not incident.is_open:
        return None
    moments = [
        c.next_due + (c.overdue_level + 1) * grace for c in incident.running_clocks() if c.overdue_level < 2
    ]
    at = _triage_ends(incident, triage_minutes)
    return min([*moments, at] if at else moments, default=None)


def _triage_ends(incident: Incident, minutes: int | None) -> datetime | None:
    if minutes is None or incident.triage_overdue or not incident.is_untriaged:
        return None
    return incident.declared_at + timedelta(minutes=minutes) if incident.declared_at else None


def _intervals(template: Template, rank: int) -> Mapping[str, timedelta]:
    return {
        audience: by_rank[rank]
        for audience, by_rank in template.clocks.items()
        if rank in by_rank and template.audience(audience) is not None
    }


def _running(incident: Incident, audience: str) -> UpdateClock | None:
    clock = incident.clocks.get(audience)
    return clock if clock and clock.running else None


def _started(template: Template, audience: str, every: timedelta, next_due: datetime) -> ClockStarted:
    profile = template.audience(audience)
    owner = profile.clock_owner if profile else ""
    return ClockStarted(audience, int(every.total_seconds()), next_due, owner)
