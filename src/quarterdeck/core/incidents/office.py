"""Authority when command passes on: what was lent to the office goes with it, what its holder lent to others lapses
until the successor confirms it. Nothing that was used up comes back by passing command back and forth.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from .authority import authorise, holds_a_role
from .business import Delegation
from .delegations import limit_of, standing, used
from .events import Event
from .events.business import AuthorityDelegated, AuthorityEnded
from .guards import known, not_ended, unfit
from .state import COMMANDER, Incident
from .structure import Template


def passed_on(
    incident: Incident, leaver: str, successor: str, now: datetime, new_id: Callable[[], str]
) -> list[Event]:
    """Command has passed on: the office's authority goes to the successor with what is left of it; what the leaver lent
    to others lapses until the successor confirms it.
    """
    events: list[Event] = []
    for d in standing(incident, now):
        if d.office == COMMANDER and d.to_person == leaver:
            events.append(AuthorityEnded(d.id, leaver, "Command passed on, and this with it."))
            events.append(_again(incident, d, new_id(), d.from_person, successor, now))
        elif d.from_person == leaver:
            why = "Whoever lent it commands no more. The commander may confirm it."
            events.append(AuthorityEnded(d.id, d.to_person, why, lapsed=True))
    return events


def confirm(
    incident: Incident, template: Template, by: Who, *, delegation_id: str, new_id: str, now: datetime
) -> list[Event]:
    """The commander lends again what lapsed when command passed to them, on the same terms; what was used is used."""
    not_ended(incident)
    authorise(incident, template, by, "decision.make")
    found = known(incident.business.delegations.get(delegation_id), "delegation.unknown", "delegation")
    if not found.lapsed:
        raise Refused(
            "delegation.not_lapsed",
            "Only what lapsed with a change of command is confirmed. Lend the authority anew.",
        )
    if found.to_person == by.person:
        raise unfit("delegation.self", "person", "You have this authority yourself. Choose somebody else.")
    if found.until is not None and found.until <= now:
        raise unfit("until.past", "until", "Its time is over. Lend it anew, with another end.")
    if not holds_a_role(incident, found.to_person):
        raise unfit("role.none", "person", "They hold no role here that acts. Give them one first.")
    limit_of(incident, by, found.acts, found.limit_minor, found.currency, now)
    return [
        AuthorityEnded(found.id, found.to_person, "Confirmed by the commander."),
        _again(incident, found, new_id, by.person, found.to_person, now, office=""),
    ]


def _again(
    incident: Incident, d: Delegation, key: str, giver: str, to: str, now: datetime, office: str = COMMANDER
) -> AuthorityDelegated:
    counted = now if d.ended_at is None else d.ended_at
    return AuthorityDelegated(
        key, giver, to, d.acts, d.limit_minor, d.currency, d.until, d.note, d.window_hours, office,
        used(incident, d, "spend", counted) if d.currency else 0,
        used(incident, d, "budget", counted) if d.currency else 0,
    )  # fmt: skip
