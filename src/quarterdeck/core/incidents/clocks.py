"""Update clocks: when which audience must hear from us next, and who is told when it did not (R-017, R-213)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import authorise
from .cadence import FIRST, GRACE, LONG, PLAIN, SCOPE, STEADY, Cadence
from .events import ClockOverdue, ClockReminded, ClockReset, ClockStarted, ClockStopped, Event, TriageOverdue
from .guards import filled, known, not_ended
from .parts import Message, UpdateClock
from .state import Incident
from .structure import Template

SHORTEST = timedelta(minutes=5)
# Shorter demands of executives cost the time of the repair.
SHORTEST_EXECUTIVE = timedelta(minutes=15)


def starting(template: Template, rank: int, at: datetime) -> list[Event]:
    """The clocks an incident of this severity rank starts with."""
    return [
        _begun(template, rank, audience, every, at) for audience, every in _intervals(template, rank).items()
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
            events.append(_begun(template, rank, audience, every, at))
        elif running.every_seconds != int(every.total_seconds()):
            if running.stage == LONG and rank == incident.severity:
                continue
            events.append(_stepped(template, rank, running, every, min(running.next_due, at + every)))
    events.extend(
        ClockStopped(c.audience, "this severity has no clock for it")
        for c in incident.running_clocks()
        if c.audience not in wanted
    )
    return events


def stopping(incident: Incident, reason: str) -> list[Event]:
    return [ClockStopped(c.audience, reason) for c in incident.running_clocks()]


def after_sending(incident: Incident, template: Template, message: Message, at: datetime) -> list[Event]:
    """A sent message sets its audience's clock to the time it promised, or earlier where the cadence asks for it; the
    final one stops it.
    """
    clock = _running(incident, message.audience)
    if clock is None:
        return []
    if message.final:
        return [ClockStopped(clock.audience, "the final message was sent")]
    every = timedelta(seconds=clock.every_seconds)
    cadence = template.cadence(clock.audience, incident.severity)
    if cadence is None or clock.stage == PLAIN:
        return [ClockReset(clock.audience, message.next_update_at or at + every, message.id)]
    stage = cadence.after(clock.stage)
    latest = at + cadence.wait(stage, every)
    return [ClockReset(clock.audience, min(message.next_update_at or latest, latest), message.id, stage)]


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
    if running:
        return [_stepped(template, incident.severity, running, every, at + every)]
    return [_begun(template, incident.severity, audience, every, at)]


def pace(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    audience: str,
    slow: bool,
    at: datetime,
    reason: str = "",
) -> list[Event]:
    """Long-incident mode (R-213): the clock of an audience slows down, or is in step again. By the communications lead
    or the commander, once the incident has run long enough. What was promised stays promised.
    """
    not_ended(incident)
    authorise(incident, template, by, "clock.manage", "incident.phase")
    clock = known(_running(incident, audience), "clock.unknown", "running clock for this audience")
    if slow == (clock.stage == LONG):
        return []
    cadence = template.cadence(audience, incident.severity)
    if not slow:
        every = _intervals(template, incident.severity).get(audience, timedelta(seconds=clock.every_seconds))
        return [
            _stepped(
                template, incident.severity, clock, every, min(clock.next_due, at + every), STEADY, reason
            )
        ]
    if cadence is None or cadence.long is None:
        raise Refused("clock.no_long", "There is no long-incident mode for this audience at this severity.")
    if clock.stage in (FIRST, SCOPE):
        raise Refused(
            "clock.first_word", "Say first what is wrong and who is affected; then it may slow down."
        )
    ready = slows_from(clock, cadence)
    if at < ready:
        raise Refused(
            "clock.long_early",
            f"In its first hours an incident is told of in step. Long mode opens at {ready:%H:%M} UTC.",
        )
    why = filled(reason, "reason", "Say why updates may be further apart; it is recorded.")
    return [_stepped(template, incident.severity, clock, cadence.long, clock.next_due, LONG, why)]


def slows_from(clock: UpdateClock, cadence: Cadence) -> datetime:
    """From when on the long mode may be entered."""
    return (clock.runs_since or clock.started_at) + (cadence.holds or timedelta(0))


def due_events(incident: Incident, now: datetime, triage_minutes: int | None = None) -> list[Event]:
    """What the passing of time has made true: soon due, the owner is reminded; one grace period over, they are told;
    two, the commander.

    With `triage_minutes`, also that the triage time is over. Looking twice, or late, adds nothing.
    """
    events: list[Event] = []
    if not incident.is_open or incident.technical.stood_down_at is not None:
        return events
    for clock in incident.running_clocks():
        grace, remind = timedelta(seconds=clock.grace_seconds), reminds_at(clock)
        if remind is not None and remind <= now < clock.next_due + grace:
            events.append(ClockReminded(clock.audience, clock.next_due, clock.owner_role))
        events.extend(
            ClockOverdue(clock.audience, level, clock.next_due)
            for level in (1, 2)
            if clock.overdue_level < level and now >= clock.next_due + level * grace
        )
    at = _triage_ends(incident, triage_minutes)
    if at and now >= at and triage_minutes is not None:
        events.append(TriageOverdue(triage_minutes))
    return events


def wake_at(incident: Incident, triage_minutes: int | None = None) -> datetime | None:
    """The next moment at which `due_events` may have something new; None when never."""
    if not incident.is_open:
        return None
    moments = [
        c.next_due + (c.overdue_level + 1) * timedelta(seconds=c.grace_seconds)
        for c in incident.running_clocks()
        if c.overdue_level < 2
    ]
    moments += [at for c in incident.running_clocks() if (at := reminds_at(c)) is not None]
    at = _triage_ends(incident, triage_minutes)
    return min([*moments, at] if at else moments, default=None)


def reminds_at(clock: UpdateClock) -> datetime | None:
    """When its owner is reminded of the next update; None once they were, or are told that it is overdue. Of a short
    wait the last third is enough.
    """
    if not clock.remind_seconds or clock.overdue_level or clock.reminded_for == clock.next_due:
        return None
    since = max(m for m in (clock.started_at, clock.last_reset_at) if m is not None)
    wait = max(clock.next_due - since, timedelta(0))
    return clock.next_due - min(timedelta(seconds=clock.remind_seconds), wait / 3)


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


def _begun(template: Template, rank: int, audience: str, every: timedelta, at: datetime) -> ClockStarted:
    """A clock that did not run: it begins with the first word where the cadence asks for one."""
    cadence = template.cadence(audience, rank)
    stage = cadence.begins if cadence else PLAIN
    wait = cadence.wait(stage, every) if cadence else every
    return _started(template, rank, audience, every, at + wait, stage)


def _stepped(
    template: Template, rank: int, clock: UpdateClock, every: timedelta, next_due: datetime, stage: str = "",
    reason: str = "",
) -> ClockStarted:  # fmt: skip
    """A running clock with another interval. The words still owed at the beginning stay owed."""
    owed = clock.stage if clock.stage in (FIRST, SCOPE) else STEADY
    now = stage or (owed if template.cadence(clock.audience, rank) else PLAIN)
    due = min(next_due, clock.next_due) if now in (FIRST, SCOPE) else next_due
    return _started(template, rank, clock.audience, every, due, now, reason)


def _started(
    template: Template,
    rank: int,
    audience: str,
    every: timedelta,
    next_due: datetime,
    stage: str,
    reason: str = "",
) -> ClockStarted:
    profile, cadence = template.audience(audience), template.cadence(audience, rank)
    owner = profile.clock_owner if profile else ""
    remind = cadence.remind if cadence and cadence.remind else timedelta(0)
    grace = cadence.grace if cadence and cadence.grace else GRACE
    seconds = int(remind.total_seconds()), int(grace.total_seconds())
    return ClockStarted(audience, int(every.total_seconds()), next_due, owner, stage, *seconds, reason)
