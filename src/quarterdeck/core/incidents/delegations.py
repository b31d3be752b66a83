"""Delegation of authority: who lets whom do what, up to which amount, until when. Nobody lends more than they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from quarterdeck.core import access
from quarterdeck.core.access import Who
from quarterdeck.core.kernel import money
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import authorise, holds_a_role, may
from .business import Delegation
from .events import Event
from .events.business import AuthorityDelegated, AuthorityEnded
from .guards import known, not_ended, one_line, unfit
from .ics.resource_parts import ResourceRequest
from .state import COMMANDER, Incident
from .structure import Template

# What can be lent. The first two have a limit in money.
ACTS: Mapping[str, str] = {
    "spend": "Approve requests and enter costs",
    "budget": "Set the budget",
    "regulatory": "Judge legal deadlines",
    "continuity": "Activate continuity plans",
    "shutdown": "Switch a service off",
    "disclosure": "Disclose to the outside",
    "data_deletion": "Delete data",
}
PRICED = ("spend", "budget")
# Money is counted after the incident, too: the bill comes later.
MONEY_GRANTS = ("decision.make", "resource.manage")
NOTE_LIMIT = 300
MOST_WINDOW_HOURS = 24 * 31
MOST_STANDING = 50


def delegate(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    delegation_id: str,
    to: str,
    acts: tuple[str, ...],
    limit_minor: int = 0,
    currency: str = "",
    until: datetime | None = None,
    note: str = "",
    window_hours: int = 0,
    now: datetime,
) -> list[Event]:
    """By the commander, or by an administrator for the organisation (the agency's letter to its commander). What an
    administrator lends to whoever commands belongs to the office and passes on with it. The limit bounds all acts
    together, over the whole incident or within any `window_hours`.
    """
    not_ended(incident)
    if not is_agency(by):
        authorise(incident, template, by, "decision.make")
    if delegation_id in incident.business.delegations:
        return []
    chosen = tuple(a for a in ACTS if a in acts)
    if not chosen or set(acts) - set(ACTS):
        raise unfit("acts.unknown", "acts", f"Choose what to lend: {', '.join(ACTS)}.")
    if to == by.person:
        raise unfit("delegation.self", "person", "You have this authority yourself. Choose somebody else.")
    if not holds_a_role(incident, to):
        raise unfit("role.none", "person", "They hold no role here that acts. Give them one first.")
    if until is not None and until <= now:
        raise unfit("until.past", "until", "This end has passed already. Give a later one, or none.")
    if len(standing(incident, now)) >= MOST_STANDING:
        raise Refused("delegation.many", f"{MOST_STANDING} delegations stand. Take one back first.")
    limit, code = limit_of(incident, by, chosen, limit_minor, currency, now)
    told = one_line(note, "note", NOTE_LIMIT)
    if not 0 <= window_hours <= MOST_WINDOW_HOURS:
        message = f"Give 1 to {MOST_WINDOW_HOURS} hours, or 0 for the whole incident."
        raise unfit("window_hours.range", "window_hours", message)
    commander = incident.commander
    office = COMMANDER if is_agency(by) and commander and commander.person == to else ""
    return [
        AuthorityDelegated(
            delegation_id, by.person, to, chosen, limit, code, until, told, window_hours, office
        )
    ]


def revoke(
    incident: Incident, template: Template, by: Who, *, delegation_id: str, reason: str = ""
) -> list[Event]:
    """Taken back by whoever gave it, the commander or an administrator; given back by whoever has it."""
    not_ended(incident)
    found = known(incident.business.delegations.get(delegation_id), "delegation.unknown", "delegation")
    if found.ended_at is not None:
        return []
    if by.person not in (found.from_person, found.to_person) and not is_agency(by):
        authorise(incident, template, by, "decision.make")
    if by.person == found.to_person and found.currency and may(incident, template, by, *MONEY_GRANTS):
        # Without it their role would let them spend without a limit: nobody lifts their own.
        raise forbidden(
            "delegation.own_limit",
            "This is the limit of your own spending. Whoever set it takes it back; an administrator can, too.",
        )
    return [AuthorityEnded(found.id, found.to_person, one_line(reason, "reason", NOTE_LIMIT))]


def is_agency(who: Who) -> bool:
    """Whether `who` speaks for the organisation above the incident."""
    return not who.is_system and access.may(who, "settings.edit")


def standing(incident: Incident, now: datetime) -> tuple[Delegation, ...]:
    """Those in force, the oldest first."""
    return tuple(d for d in incident.business.delegations.values() if d.in_force(now))


def lent(incident: Incident, person: str, act: str, now: datetime) -> tuple[Delegation, ...]:
    """What gives this person this act now."""
    return tuple(d for d in standing(incident, now) if d.to_person == person and act in d.acts)


def standing_in_words(incident: Incident, names: Callable[[str], str]) -> list[str]:
    """A line each, for the briefing of a successor and the ICS 201."""
    found = [d for d in incident.business.delegations.values() if d.ended_at is None]
    return [
        f"Authority of {names(d.to_person)}: {', '.join(ACTS[a].lower() for a in d.acts if a in ACTS)}"
        f"{f', up to {money.text(d.limit_minor, d.currency)}' if d.currency else ''}, from {names(d.from_person)}"
        for d in found
    ]


def may_act(incident: Incident, template: Template, who: Who, act: str, now: datetime, *grants: str) -> bool:
    """By a role's grant, or by delegation."""
    return may(incident, template, who, *grants) or bool(lent(incident, who.person, act, now))


def authorise_act(
    incident: Incident, template: Template, who: Who, act: str, now: datetime, *grants: str
) -> None:
    """Refuses unless `may_act`."""
    if not lent(incident, who.person, act, now):
        authorise(incident, template, who, *grants)


def above(
    incident: Incident, person: str, act: str, minor: int, currency: str, now: datetime, but: str = ""
) -> Delegation | None:
    """The delegation whose limit this amount is above, with what was used up already; None when the person may do it,
    or has no limit at all. `but` is a request that is counted with its new cost.
    """
    found = lent(incident, person, act, now)
    fitting = [d for d in found if d.currency == currency]
    if not found or minor == 0:
        return None
    left = {d.id: d.limit_minor - used(incident, d, act, now, but) for d in fitting}
    if any(minor <= amount for amount in left.values()):
        return None
    return max(fitting or found, key=lambda d: left.get(d.id, d.limit_minor))


def used(incident: Incident, d: Delegation, act: str, now: datetime, but: str = "") -> int:
    """What of this limit was used up, in its minor units: by whoever has it, and by those they lent it on to. Amounts
    in other currencies need an authority of their own.
    """
    since = max(d.given_at, now - timedelta(hours=d.window_hours)) if d.window_hours else d.given_at
    people = _holders(incident, d)
    kind = "budget" if act == "budget" else "cost"
    spent = sum(
        e.minor
        for e in incident.business.costs.values()
        if e.kind == kind and e.struck_at is None and e.currency == d.currency
        if e.entered_by in people and e.entered_at >= since
    )
    before = d.planned_minor if act == "budget" else d.spent_minor
    if act == "spend":
        spent += sum(
            minor
            for r in incident.ics.requests.values()
            if r.approved_by in people and r.approved_at is not None and r.approved_at >= since
            if r.id != but and r.state not in ("refused", "cancelled")
            for minor, code in [price(r, d.currency)]
            if code == d.currency
        )
    return spent + (before if since == d.given_at else 0)


def price(request: ResourceRequest, currency: str) -> tuple[int, str]:
    """The cost of a request in minor units. One in whole units only is taken to be in the organisation's currency."""
    if request.currency:
        return request.cost_minor, request.currency
    return request.cost * 10 ** money.exponent(currency), currency


def _holders(incident: Incident, d: Delegation) -> set[str]:
    """Who spends out of this limit: the person it was lent to, and whoever they lent it on to since."""
    found = {d.to_person}
    for other in incident.business.delegations.values():
        if other.from_person in found and other.given_at >= d.given_at:
            found.add(other.to_person)
    return found


def must_be_within(
    incident: Incident,
    person: str,
    act: str,
    minor: int,
    currency: str,
    now: datetime,
    giver: str = "",
    but: str = "",
) -> None:
    """Refuses an amount above what is left of what was lent to this person; `giver` names who lent it, where that is
    known.
    """
    found = above(incident, person, act, minor, currency, now, but)
    if found is None:
        return
    most, asked = money.text(found.limit_minor, found.currency), money.text(minor, currency)
    gone = used(incident, found, act, now, but)
    already = f", of which {money.text(gone, found.currency)} is used up" if gone else ""
    raise Refused(
        "delegation.above",
        f"{asked} is above the limit of {most} that was delegated{already}. Ask {giver or 'whoever delegated it'}.",
        kind="forbidden",
        details={"limit_minor": str(found.limit_minor), "currency": found.currency, "ask": found.from_person},
    )


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """Delegations whose time is over."""
    return [
        AuthorityEnded(d.id, d.to_person, "Its time is over.")
        for d in incident.business.delegations.values()
        if d.ended_at is None and d.until is not None and now >= d.until and not incident.has_ended
    ]


def wake_at(incident: Incident) -> datetime | None:
    if incident.has_ended:
        return None
    found = incident.business.delegations.values()
    return min((d.until for d in found if d.ended_at is None and d.until), default=None)


def limit_of(
    incident: Incident, by: Who, acts: tuple[str, ...], limit_minor: int, currency: str, now: datetime
) -> tuple[int, str]:
    """The amount and its currency, where what is lent costs money; nobody lends more than was lent to them."""
    if not set(acts) & set(PRICED):
        return 0, ""
    code = money.code(currency)
    money.within(limit_minor, "limit_minor", 1)
    for act in set(acts) & set(PRICED):
        if not is_agency(by) and above(incident, by.person, act, limit_minor, code, now):
            message = "This is above your own limit. Lend at most as much as was lent to you."
            raise bad("delegation.above_own", message, limit_minor=message)
    return limit_minor, code
