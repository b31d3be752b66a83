"""May this person do this in this incident? Answers from the roles held in it, never from rank."""

from __future__ import annotations

from quarterdeck.core.access import GUEST, RoleGrants, Who, acts_as, grants_of
from quarterdeck.core.kernel.refused import bad, forbidden, missing

from .state import PASSIVE_ROLES, Incident
from .structure import Template

# What the product may do by itself, as reaction to an event. It never releases, decides or changes a phase.
_MACHINE = frozenset({"role.assign", "callout.send", "message.draft", "clock.manage"})


def structure_of(template: Template) -> dict[str, RoleGrants]:
    """The grants of the template's roles as plain data. Observers and shadows never act."""
    return {
        role.key: RoleGrants(role.grants, role.reports_to, role.rollup)
        for role in template.roles
        if role.key not in PASSIVE_ROLES
    }


def held(incident: Incident) -> tuple[tuple[str, str], ...]:
    """Who holds which acting role now, as (role, person)."""
    return tuple((a.role, a.person) for a in incident.open_assignments() if a.role not in PASSIVE_ROLES)


def grants(incident: Incident, template: Template, who: Who) -> frozenset[str]:
    """Everything `who` may do in this incident, with the duties of unfilled roles below."""
    if who.is_system:
        return _MACHINE
    if who.is_rule:
        return who.own
    return grants_of(structure_of(template), held(incident), who.person)


def stands_for(incident: Incident, template: Template, who: Who) -> frozenset[str]:
    """The roles `who` holds or stands in for."""
    return acts_as(structure_of(template), held(incident), who.person)


def may(incident: Incident, template: Template, who: Who, *any_of: str) -> bool:
    return not grants(incident, template, who).isdisjoint(any_of)


def authorise(incident: Incident, template: Template, who: Who, *any_of: str) -> None:
    """Refuses with `grant.<first>` unless `who` has one of the grants in this incident."""
    if may(incident, template, who, *any_of):
        return
    can = [role.title for role in template.roles if not set(any_of).isdisjoint(role.grants)]
    names = " or the ".join(can) or "nobody in this structure"
    raise forbidden(
        f"grant.{any_of[0]}",
        f"Only the {names} may do this in {incident.key}. Ask them, or be given that role first.",
    )


def is_acting(incident: Incident, who: Who) -> bool:
    """Whether `who` holds a role that acts (dispatch and deployment: only assigned people act)."""
    return who.is_machine or any(person == who.person for _, person in held(incident))


def holds_a_role(incident: Incident, person: str) -> bool:
    """As `is_acting`, for somebody who is only named."""
    return any(holder == person for _, holder in held(incident))


def act(incident: Incident, who: Who) -> None:
    """Refuses people without an acting role in the incident."""
    if not is_acting(incident, who):
        raise forbidden(
            "role.none",
            f"You hold no role in {incident.key} that acts. Take a free role, or ask the commander for one.",
        )


def may_read(incident: Incident, who: Who) -> bool:
    """A restricted incident exists only for its members (R-293): declarer, holders, called, asked."""
    if who.is_system:
        return True
    if who.is_rule:
        return not incident.restricted or "incident.restricted" in who.own
    if GUEST in who.roles:
        return _is_guest_of(incident, who)
    if not incident.restricted or who.person in (incident.declared_by, incident.response.parent_commander):
        return True
    return (
        any(a.person == who.person for a in incident.assignments.values())
        or any(c.person == who.person for c in incident.callouts.values())
        or any(t.assignee == who.person for t in incident.tasks.values())
    )


def _is_guest_of(incident: Incident, who: Who) -> bool:
    """Somebody of another organisation knows of the one incident they were let into, until it ends or they leave."""
    found = incident.crew.presence.get(who.person)
    return bool(found and found.guest and found.is_here) and not incident.has_ended


def must_be_inside(incident: Incident, person: str, field: str) -> None:
    """Refuses to hand something of a restricted incident to somebody who may not know of it; a role lets them in."""
    if person and not may_read(incident, Who(person)):
        message = (
            "This person may not know of the incident. Give them a role in it first, or name somebody else."
        )
        raise bad("person.outside", message, **{field: message})


def must_read(incident: Incident, who: Who) -> None:
    """Refuses as if the incident did not exist."""
    if not may_read(incident, who):
        raise missing("incident.unknown", "There is no such incident. Look it up in the list of incidents.")
