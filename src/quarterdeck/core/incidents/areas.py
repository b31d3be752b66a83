"""How each area of ownership does: a word of each role, as of when, and a round that asks all of them (R-093).

A word that is older than `STALE` is shown as such: nobody reads an old one as if it were new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from .authority import act, authorise, stands_for
from .emergency import Area
from .events import Event
from .events.emergency import AreaReported, AreasAsked
from .guards import filled, not_ended, unfit
from .state import COMMANDER, PASSIVE_ROLES, Incident
from .structure import Template

STATES = {"normal": "normal", "affected": "affected", "down": "stands still", "unknown": "not known"}
STALE = timedelta(minutes=30)
AGAIN = timedelta(minutes=1)
TEXT_LIMIT = 1000


def roles(incident: Incident, template: Template) -> tuple[str, ...]:
    """The areas: every role of the structure that somebody holds, and each that gave its word before. Never the lead,
    who asks, nor who only looks on.
    """
    held = {a.role for a in incident.open_assignments()} | set(incident.emergency.areas)
    return tuple(r.key for r in template.roles if r.key in held and r.key not in (COMMANDER, *PASSIVE_ROLES))


def start_round(
    incident: Incident, template: Template, by: Who, *, departments: Sequence[str] = (), now: datetime
) -> list[Event]:
    """Ask every role for its area, or `departments` only. A second press within a minute asks nobody twice."""
    not_ended(incident)
    authorise(incident, template, by, "decision.make", "role.assign", "callout.send", "timer.manage")
    wanted = tuple(r for r in roles(incident, template) if not departments or r in departments)
    if not wanted:
        raise Refused("round.nobody", "Nobody holds a role that looks after an area. Fill the roles first.")
    asked = {a.role for a in incident.emergency.areas.values() if a.asked_at and now - a.asked_at < AGAIN}
    if asked.issuperset(wanted):
        return []
    holders = [incident.holder(r) for r in wanted]
    return [AreasAsked(wanted, tuple(h.person if h else "" for h in holders))]


def report(
    incident: Incident, template: Template, by: Who, *, role: str, state: str, text: str
) -> list[Event]:
    """The word of whoever holds the role, or stands in for it."""
    not_ended(incident)
    act(incident, by)
    card = template.role(role)
    if card is None or card.retired or role in PASSIVE_ROLES:
        raise unfit("role.unknown", "role", "This structure has no such role. Choose one of the list.")
    if role not in stands_for(incident, template, by):
        raise forbidden(
            "area.role", f"Only whoever holds the role {card.title} now may say how its area does."
        )
    if state not in STATES:
        raise unfit("state.unknown", "state", f"Choose one of: {', '.join(STATES)}.")
    said = filled(text, "text", "Say in a sentence how the area does.")
    if len(said) > TEXT_LIMIT:
        message = f"The text has {len(said)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise unfit("text.long", "text", message)
    return [AreaReported(role, state, said)]


def is_stale(area: Area, now: datetime) -> bool:
    return area.as_of is not None and now - area.as_of > STALE
