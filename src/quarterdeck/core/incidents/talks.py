"""Talks of technical leaders with single customers: few, because their time is (R-121, R-123)."""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from .authority import act, authorise
from .events import Event
from .events.emergency import MeetingCapacitySet, MeetingEnded, MeetingOffered
from .guards import filled, known, not_ended, one_line, unfit
from .state import Incident
from .structure import Template

MOST_WEEKLY, MOST_OPEN = 500, 500


@dataclass(frozen=True, slots=True)
class Forecast:
    """`weeks` is how long the talks that are offered will take; None without a capacity."""

    offered: int
    weekly: int
    weeks: float | None

    @property
    def beyond(self) -> bool:
        """More are offered than there is time for in a week."""
        return self.weekly > 0 and self.offered > self.weekly


def forecast(incident: Incident) -> Forecast:
    """Open offers divided by what a week holds."""
    offered, weekly = len(incident.emergency.open_offers()), incident.emergency.weekly_meetings
    return Forecast(offered, weekly, offered / weekly if weekly else None)


def warning(found: Forecast) -> str:
    """What to say while more talks are offered than a week holds; "" otherwise."""
    if not found.beyond:
        return ""
    return f"{found.offered} talks are offered and a week holds {found.weekly}: offer no more, or find more time."


def set_capacity(incident: Incident, template: Template, by: Who, *, weekly: int) -> list[Event]:
    not_ended(incident)
    authorise(incident, template, by, "decision.make", "message.draft")
    if not 1 <= weekly <= MOST_WEEKLY:
        raise unfit("weekly.range", "weekly", f"Give how many talks a week holds, from 1 to {MOST_WEEKLY}.")
    return [] if incident.emergency.weekly_meetings == weekly else [MeetingCapacitySet(weekly)]


def offer(incident: Incident, by: Who, *, offer_id: str, customer: str, note: str = "") -> list[Event]:
    """More than the capacity is not refused: it is said."""
    not_ended(incident)
    act(incident, by)
    if offer_id in incident.emergency.offers:
        return []
    if len(incident.emergency.open_offers()) >= MOST_OPEN:
        raise Refused("offer.many", f"{MOST_OPEN} talks are offered. Hold or withdraw some first.")
    name = one_line(filled(customer, "customer", "Say whom the talk is offered to."), "customer", 200)
    now = forecast(incident)
    beyond = now.weekly > 0 and now.offered + 1 > now.weekly
    return [MeetingOffered(offer_id, name, one_line(note, "note", 300), beyond)]


def end(incident: Incident, by: Who, *, offer_id: str, state: str) -> list[Event]:
    """`state`: held or withdrawn. After the incident, too: customers are met when they have time."""
    act_or_past(incident, by)
    found = known(incident.emergency.offers.get(offer_id), "offer.unknown", "offer")
    if state not in ("held", "withdrawn"):
        raise unfit("state.unknown", "state", "Choose held or withdrawn.")
    if found.state == state:
        return []
    if found.state != "open":
        raise Refused("offer.ended", f"This talk was {found.state} already.")
    return [MeetingEnded(offer_id, state, found.customer)]


def act_or_past(incident: Incident, by: Who) -> None:
    """Whoever acts in it; of one that has ended, whoever acted."""
    if incident.has_ended and any(a.person == by.person for a in incident.assignments.values()):
        return
    act(incident, by)
