"""Who holds which role: take, assign, release, take over. One person commands until the end."""

from __future__ import annotations

from collections.abc import Callable

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.moments import text as iso
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import authorise, must_read
from .eligibility import definition, must_be_fit
from .events import Event, HandoverWithdrawn, RoleReleased, RoleTaken
from .guards import filled, known, not_ended
from .parts import RoleAssignment
from .state import COMMANDER, DEPUTY, PASSIVE_ROLES, Incident
from .structure import Template

_Names = Callable[[str], str]


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
) -> list[Event]:
    """`by` takes a free role. [] when they hold it already.

    Refused: a role that is full (`role.held`, for the commander `command.held`, both naming the holder in
    `details`), one that excludes a role they hold, one their account may not hold. `elsewhere` is the other
    incident in which they hold an exclusive role: refused unless they give a `reason` (R-028).
    """
    not_ended(incident)
    must_read(incident, by)
    if role not in PASSIVE_ROLES:
        require(by, "incident.act")
    return _filling(incident, template, by, by, assignment_id, role, reports_to, elsewhere, reason, names)


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
) -> list[Event]:
    """`by` gives a free role to `person` (with that person's organisation roles)."""
    not_ended(incident)
    must_read(incident, by)
    authorise(incident, template, by, "role.assign")
    return _filling(incident, template, by, person, assignment_id, role, reports_to, elsewhere, reason, names)


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
    return [*_withdrawn(incident, held, "the role was released"), _released(held, reason.strip())]


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
    taken = RoleTaken(
        assignment_id=assignment_id,
        role=role,
        person=person.person,
        previous=before.person if before else "",
        assigned_by=by.person,
        exclusive=wanted.exclusive,
        reports_to=wanted.reports_to or "",
        reason=why,
    )
    leaving = _withdrawn(incident, before, "the role was taken over") if before else []
    return [*leaving, taken, *deputy_leaves(incident, role, person.person)]


def deputy_leaves(incident: Incident, role: str, person: str) -> list[Event]:
    """Whoever takes command is no longer its deputy, nor about to become one."""
    if role != COMMANDER:
        return []
    events: list[Event] = []
    for a in incident.holders(DEPUTY):
        if a.person == person:
            events += [*_withdrawn(incident, a, "took command"), _released(a, "took command")]
    return events


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
    if role in incident.roles_of(person.person):
        return []
    _must_be_free(incident, template, role, names)
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
    if not deputy and "administrator" not in by.roles:
        raise forbidden(
            "command.take_over",
            f"Only a deputy or an administrator may take over the command of {incident.key}. "
            "Ask the commander for a handover, or call a deputy.",
        )


def _withdrawn(incident: Incident, held: RoleAssignment, reason: str) -> list[Event]:
    return [
        HandoverWithdrawn(h.id, reason, h.role, h.from_person, h.to_person)
        for h in incident.handovers.values()
        if h.is_open and h.assignment_id == held.id
    ]


def _released(held: RoleAssignment, reason: str) -> RoleReleased:
    return RoleReleased(held.id, held.role, held.person, reason)
