"""Duties with a legal deadline: which ones an incident starts, who answers for them, who is reminded when (R-262).

The library says what may apply; whether it does is judged by people. Nothing here is legal advice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from .authority import may
from .business import RegulatoryClock
from .delegations import is_agency, lent
from .events import Event
from .events.business import RegulatoryEnded, RegulatoryOverdue, RegulatoryReminded, RegulatoryStarted
from .expressions import Expression, evaluate
from .guards import filled, known, not_later, one_line, unfit
from .staffing import values
from .state import Incident
from .structure import Template

GRANTS = ("legal.review", "decision.make")
NOTE_LIMIT = 2000
LONGEST = timedelta(days=400)
# Where no duty runs: it was no incident, or the one it was merged into has taken the duty over.
NOT_COUNTED = ("dismissed", "merged")


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One duty of the library. `when` starts it by itself; without one it is started by hand."""

    key: str
    title: str
    source: str
    within: timedelta
    when: Expression | None = None
    reminders: tuple[timedelta, ...] = ()
    owner: str = "legal_officer"
    note: str = ""


def starting(
    incident: Incident, template: Template, library: Iterable[ClockRule], now: datetime
) -> list[Event]:
    """The clocks that this incident starts by what it is, each once. Aware is when it was declared or became so."""
    if incident.has_ended or not incident.number:
        return []
    facts = values(incident, template, now)
    found = [r for r in library if r.key not in incident.business.regulatory]
    return [
        _started(incident, r, now, r.note) for r in found if r.when is not None and evaluate(r.when, facts)
    ]


def start_clock(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    rule: ClockRule | None,
    aware_at: datetime | None = None,
    why: str = "",
    now: datetime,
) -> list[Event]:
    """By hand, from the moment people became aware. [] when it runs or was judged already."""
    _exists(incident)
    _authorised(incident, template, by, now)
    rule = known(rule, "regulatory.unknown", "deadline")
    if rule.key in incident.business.regulatory:
        return []
    since = aware_at or now
    not_later(since, now, "aware_at")
    if now - since > LONGEST:
        raise unfit("aware_at.early", "aware_at", "That is more than a year ago. Give the moment again.")
    return [_started(incident, rule, since, one_line(why, "why", 500) or rule.note)]


def end_clock(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    key: str,
    state: str,
    note: str,
    now: datetime,
) -> list[Event]:
    """Met, or judged not to apply, with the reason. After the incident, too: the duty outlives it."""
    _exists(incident)
    found = known(incident.business.regulatory.get(key), "regulatory.unknown", "deadline")
    if state not in ("met", "not_applicable"):
        raise unfit("state.unknown", "state", "Choose met or not_applicable.")
    if by.person != found.owner:
        _authorised(incident, template, by, now)
    if not found.is_running:
        if found.state == state:
            return []
        raise Refused("regulatory.ended", f"This was judged already: {found.state.replace('_', ' ')}.")
    message = "Say how and when it was met." if state == "met" else "Say why it does not apply."
    told = filled(note, "note", message)
    if len(told) > NOTE_LIMIT:
        raise unfit(
            "note.long", "note", f"The note has {len(told)} characters; {NOTE_LIMIT} fit. Shorten it."
        )
    return [RegulatoryEnded(found.key, state, told, found.title)]


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """Reminders that fall due (the latest speaks for those before it), and deadlines that passed, each said once."""
    events: list[Event] = []
    for c in _running(incident):
        if now >= c.due_at and not c.overdue:
            events.append(RegulatoryOverdue(c.key, c.title, answerable(incident, c)))
            continue
        passed = sum(now >= c.due_at - timedelta(seconds=int(r)) for r in c.reminders)
        if passed > c.reminded and now < c.due_at:
            events.append(RegulatoryReminded(c.key, c.title, answerable(incident, c), c.due_at, passed))
    return events


def wake_at(incident: Incident) -> datetime | None:
    moments = []
    for c in _running(incident):
        if not c.overdue:
            left = c.reminders[c.reminded :]
            moments.append(c.due_at - timedelta(seconds=int(left[0])) if left else c.due_at)
    return min(moments, default=None)


def answerable(incident: Incident, clock: RegulatoryClock) -> str:
    """Whoever holds the legal role now; else whoever answered for it at the start, while they have a part in it."""
    holder = incident.holder(clock.owner_role)
    if holder is not None:
        return holder.person
    if incident.commander is None or incident.roles_of(clock.owner):
        return clock.owner
    return incident.commander.person


def _running(incident: Incident) -> list[RegulatoryClock]:
    return [] if incident.phase in NOT_COUNTED else list(incident.business.running_clocks())


def _started(incident: Incident, rule: ClockRule, since: datetime, why: str) -> Event:
    holder = incident.holder(rule.owner) or incident.commander
    owner = holder.person if holder else incident.declared_by
    seconds = sorted((int(r.total_seconds()) for r in rule.reminders if r < rule.within), reverse=True)
    reminders = tuple(str(s) for s in seconds)
    return RegulatoryStarted(
        rule.key, rule.title, rule.source, rule.owner, owner, since, since + rule.within, reminders, why
    )


def _exists(incident: Incident) -> None:
    if not incident.number or incident.phase in NOT_COUNTED:
        raise Refused("incident.ended", "This incident counts no more. Go on in the one that does.")


def _authorised(incident: Incident, template: Template, by: Who, now: datetime) -> None:
    if may(incident, template, by, *GRANTS) or is_agency(by) or lent(incident, by.person, "regulatory", now):
        return
    raise forbidden(
        "grant.legal.review",
        f"Only whoever answers for legal duties in {incident.key}, the commander or an administrator may judge this.",
    )
