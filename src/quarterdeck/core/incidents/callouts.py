"""Calling people for roles, and what became of it. Sends nothing itself: it records who was asked."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import bad, forbidden

from .authority import authorise
from .eligibility import definition
from .events import CalloutAnswered, Event, RoleCalled, RoleUnreachable
from .guards import known, not_ended
from .state import Incident
from .structure import Template

HOW = ("callout", "heads_up")


def call_role(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    callout_id: str,
    role: str,
    person: str,
    how: str = "callout",
    reason: str = "",
) -> list[Event]:
    """A person is asked to fill a role (callout) or told about the incident (heads_up)."""
    not_ended(incident)
    authorise(incident, template, by, "callout.send", "role.assign")
    definition(template, role)
    if how not in HOW:
        raise bad("callout.how", f"There is no way {how!r} to call. Choose one of: {', '.join(HOW)}.")
    if not person:
        raise bad("person.missing", "Say who is called.", person="Say who is called.")
    if callout_id in incident.callouts:
        return []
    return [RoleCalled(role, person, callout_id, how, reason.strip())]


def answer_callout(incident: Incident, by: Who, *, callout_id: str) -> list[Event]:
    """The person called says they are coming. The product may say it for them, from a signed link."""
    not_ended(incident)
    call = known(incident.callouts.get(callout_id), "callout.unknown", "callout")
    if call.answered_at:
        return []
    if by.person != call.person and not by.is_system:
        raise forbidden(
            "callout.not_yours", "Only the person called can answer. Take the role if it is free."
        )
    return [CalloutAnswered(call.id, call.role, call.person)]


def mark_unreachable(
    incident: Incident, template: Template, by: Who, *, role: str, reason: str
) -> list[Event]:
    """Everybody who could fill the role was tried; whoever commands must find somebody."""
    not_ended(incident)
    authorise(incident, template, by, "callout.send", "role.assign")
    return [] if incident.unreachable.get(role) == reason else [RoleUnreachable(role, reason)]
