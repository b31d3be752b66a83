"""Who holds which role: take, assign, release, take over. One person commands until the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.moments import text as iso
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import authorise, is_acting, must_read
from .eligibility import definition, must_be_fit
from .events import DomainDelegated, Event, HandoverWithdrawn, RoleReleased, RoleTaken
from .guards import filled, known, not_ended, one_line
from .liaison import must_have_left, must_not_leave
from .parts import RoleAssignment
from .state import COMMAND_MEMBER, COMMANDER, DEPUTY, PASSIVE_ROLES, Incident
from .structure import Template
from .understanding import confirming, must_be_understood

_Names = Callable[[str], str]
DOMAIN_LIMIT = 300


def take_role(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    assignment_id: str,
    role: str,
    reports_to: str = "",
    elsewhere: str = "",
    reason: str = "",
    names: _Names = str,
    domain: str = "",
    mentor: str = "",
    understood: bool = False,
) -> list[Event]:
    """`by` takes a free role. When they hold it already: [], or with `understood` that they have read its card.

    Refused: a role that is full (`role.held`, for the commander `command.held`, both naming the holder in
    `details`), one that excludes a role they hold, one their account may not hold. `elsewhere` is the other
    incident in which they hold an exclusive role: refused unless they give a `reason` (R-028). A trainee names the
    `mentor` beside whom they learn (shadow) or under whose eyes they act (R-261).
    """
    not_ended(incident)
    must_read(incident, by)
    if role not in PASSIVE_ROLES:
        require(by, "incident.act")
    taken = _filling(incident, template, by, by, assignment_id, role, reports_to, elsewhere, reason, names)
    if not taken:
        return list(confirming(incident, template, by.person, role)) if understood else []
    must_be_understood(template, role, understood)
    return [_detailed(incident, e, domain, mentor, understood) for e in taken]


def assign_role(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    assignment_id: str,
    role: str,
    person: Who,
    reports_to: str = "",
    elsewhere: str = "",
    reason: str = "",
    names: _Names = str,
    domain: str = "",
    mentor: str = "",
) -> list[Event]:
    """`by` gives a free role to `person` (with that person's organisation roles). `domain` is what a deputy looks
    after (R-027), `mentor` as in `take_role`.
    """
    not_ended(incident)
    must_read(incident, by)
    authorise(incident, template, by, "role.assign")
    given = _filling(
        incident, template, by, person, assignment_id, role, reports_to, elsewhere, reason, names
    )
    return [_detailed(incident, e, domain, mentor) for e in given]


def release_role(
    incident: Incident, template: Template, by: Who, *, assignment_id: str, reason: str = ""
) -> list[Event]:
    """Ends an assignment: one's own, or with role.assign another's. Command is only passed on."""
    not_ended(incident)
    held = known(incident.assignments.get(assignment_id), "assignment.unknown", "assignment")
    if not held.is_open:
        return []
    if held.role == COMMANDER:
        raise Refused(
            "command.not_released",
            f"{incident.key} would have no commander. Offer a handover, or resolve and close the incident.",
        )
    if held.person != by.person:
        authorise(incident, template, by, "role.assign")
    must_not_leave(incident, held)
    return [*withdrawing(incident, held, "the role was released"), _released(held, reason.strip())]


def take_over(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    assignment_id: str,
    role: str,
    reason: str,
    person: Who | None = None,
    elsewhere: str = "",
    understood: bool = False,
) -> list[Event]:
    """Replaces a holder who cannot be reached. Always with a reason.

    Command: only a deputy or an administrator, and only for themselves. Other roles: whoever may assign
    roles, for `person` (or themselves). [] when the person holds the role already.
    """
    not_ended(incident)
    must_read(incident, by)
    person = person or by
    if role == COMMANDER:
        _may_take_command(incident, by, person)
    else:
        authorise(incident, template, by, "role.assign")
    if role in incident.roles_of(person.person):
        return []
    why = filled(reason, "reason", "Say why the holder cannot go on; it is recorded.")
    before = incident.holder(role)
    wanted = definition(template, role)
    if before and (wanted.max is None or len(incident.holders(role)) < wanted.max):
        raise bad(
            "role.free", f"The role {wanted.title} has a free place. Take or assign it; nobody must leave."
        )
    must_be_fit(incident, template, person, role, replaces=before, elsewhere=elsewhere, reason=why)
    if person.person == by.person:
        must_be_understood(template, role, understood)
    taken = RoleTaken(
        assignment_id=assignment_id,
        role=role,
        person=person.person,
        understood=understood,
        previous=before.person if before else "",
        assigned_by=by.person,
        exclusive=wanted.exclusive,
        reports_to=wanted.reports_to or "",
        reason=why,
    )
    leaving = withdrawing(incident, before, "the role was taken over") if before else []
    return [*leaving, taken, *deputy_leaves(incident, role, person.person)]


def deputy_leaves(incident: Incident, role: str, person: str) -> list[Event]:
    """Whoever takes command is no longer its deputy, nor about to become one."""
    if role != COMMANDER:
        return []
    events: list[Event] = []
    for a in incident.holders(DEPUTY):
        if a.person == person:
            events += [*withdrawing(incident, a, "took command"), _released(a, "took command")]
    return events


def delegate_domain(incident: Incident, by: Who, *, assignment_id: str, domain: str) -> list[Event]:
    """The commander names what a deputy looks after, or "" for everything. No right comes with it (R-027)."""
    not_ended(incident)
    held = known(incident.assignments.get(assignment_id), "assignment.unknown", "assignment")
    commander = incident.commander
    if commander is None or commander.person != by.person:
        raise forbidden("domain.commander", "Only the commander delegates a domain. Ask them.")
    if not held.is_open or held.role != DEPUTY:
        raise Refused("domain.deputy", "A domain is delegated to a deputy. Appoint one first.")
    text = one_line(domain, "domain", DOMAIN_LIMIT)
    return [] if text == held.domain else [DomainDelegated(assignment_id, held.person, text)]


def _detailed(incident: Incident, event: Event, domain: str, mentor: str, understood: bool = False) -> Event:
    if not isinstance(event, RoleTaken) or not (domain or mentor or understood):
        return event
    if domain and event.role != DEPUTY:
        raise bad("domain.deputy", "Only a deputy has a domain. Leave it out.")
    if mentor:
        teaches = any(a.person == mentor and a.role not in PASSIVE_ROLES for a in incident.open_assignments())
        if mentor == event.person or not teaches:
            message = "A mentor is somebody else who holds a role here that acts. Choose one of them."
            raise bad("mentor.unknown", message, mentor=message)
    return replace(
        event, domain=one_line(domain, "domain", DOMAIN_LIMIT), mentor=mentor, understood=understood
    )


def _filling(
    incident: Incident,
    template: Template,
    by: Who,
    person: Who,
    assignment_id: str,
    role: str,
    reports_to: str,
    elsewhere: str,
    reason: str,
    names: _Names,
) -> list[Event]:
    wanted = definition(template, role)
    if role == COMMAND_MEMBER:
        if not incident.crew.unified:
            raise Refused("unified.single", "Command is not unified. Its commander opens that first.")
        if incident.commander is None or incident.commander.person != by.person:
            raise forbidden("unified.commander", "Only the commander names who commands together. Ask them.")
    if role in incident.roles_of(person.person):
        return []
    _must_be_free(incident, template, role, names)
    must_have_left(incident, role, person.person)
    must_be_fit(incident, template, person, role, elsewhere=elsewhere, reason=reason)
    return [
        RoleTaken(
            assignment_id=assignment_id,
            role=role,
            person=person.person,
            assigned_by=by.person,
            exclusive=wanted.exclusive,
            reports_to=reports_to or wanted.reports_to or "",
            reason=reason.strip(),
        )
    ]


def _must_be_free(incident: Incident, template: Template, role: str, names: _Names) -> None:
    wanted = definition(template, role)
    holders = incident.holders(role)
    if wanted.max is None or len(holders) < wanted.max:
        return
    holder = holders[0]
    who, since = names(holder.person), f"{holder.started_at:%H:%M} UTC"
    details = {"holder": holder.person, "since": iso(holder.started_at), "assignment": holder.id}
    if role == COMMANDER:
        message = (
            f"{who} commands {incident.key} since {since}. "
            "Ask for a handover; a deputy or an administrator can take over if they cannot be reached."
        )
        raise Refused("command.held", message, details=details)
    message = (
        f"{who} is {wanted.title} since {since}. Ask for a handover, or have the commander free the role."
    )
    raise Refused("role.held", message, details=details)


def _may_take_command(incident: Incident, by: Who, person: Who) -> None:
    if person.person != by.person:
        raise bad("command.for_other", "Command is taken by the person who will command. Ask them to do it.")
    deputy = any(a.person == by.person for a in incident.holders(DEPUTY))
    lead = incident.commander
    # Only a drill sends people away: whoever is at work in it may step in.
    away = lead is not None and lead.person in incident.away and is_acting(incident, by)
    if not deputy and not away and "administrator" not in by.roles:
        raise forbidden(
            "command.take_over",
            f"Only a deputy or an administrator may take over the command of {incident.key}. "
            "Ask the commander for a handover, or call a deputy.",
        )


def releasing(incident: Incident, held: RoleAssignment, reason: str) -> list[Event]:
    """One assignment ends, and what was on offer of it."""
    return [*withdrawing(incident, held, reason), _released(held, reason)]


def withdrawing(incident: Incident, held: RoleAssignment, reason: str) -> list[Event]:
    """Open offers of an assignment that ends."""
    return [
        HandoverWithdrawn(h.id, reason, h.role, h.from_person, h.to_person)
        for h in incident.handovers.values()
        if h.is_open and h.assignment_id == held.id
    ]


def _released(held: RoleAssignment, reason: str) -> RoleReleased:
    return RoleReleased(held.id, held.role, held.person, reason)
