"""What an incident's record says of targets, and how many support tickets it brought (R-237)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.access import Who, may, require
from quarterdeck.core.kernel.refused import bad

from .authority import may as granted
from .authority import must_read
from .events import Event
from .events.targets import TargetMissed, TicketsCounted
from .guards import known
from .state import Incident
from .structure import Template

MOST_TICKETS = 10_000_000


@dataclass(frozen=True, slots=True)
class Goal:
    """A target in force for this incident. `title` is how the metric is called, `by` the last moment to meet it."""

    metric: str
    title: str
    at_most_seconds: int
    by: datetime
    business: bool = False


def missed(incident: Incident, goals: Iterable[Goal]) -> list[Event]:
    """Each of these goals, which time has run out for, is said once, whatever becomes of the target later."""
    said = incident.aftermath.missed
    return [
        TargetMissed(g.metric, g.title, g.at_most_seconds, g.by, g.business)
        for g in goals
        if g.metric not in said
    ]


def may_count(incident: Incident, template: Template, by: Who) -> bool:
    return granted(incident, template, by, "impact.set", "support.brief") or may(by, "review.edit")


def count(incident: Incident, template: Template, by: Who, tickets: int) -> list[Event]:
    """So many tickets in all. The same number twice is kept once."""
    must_read(incident, by)
    known(incident.declared_at, "incident.unknown", "incident")
    if not may_count(incident, template, by):
        require(by, "review.edit")
    if not 0 <= tickets <= MOST_TICKETS:
        message = f"Give a whole number from 0 to {MOST_TICKETS}."
        raise bad("tickets.number", message, tickets=message)
    return [] if tickets == incident.aftermath.tickets else [TicketsCounted(tickets)]
