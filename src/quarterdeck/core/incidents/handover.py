"""Passing a role on in four steps: offered, accepted, briefed, effective. The holder keeps it until then."""

from __future__ import annotations

from collections.abc import Mapping

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .command import deputy_leaves
from .eligibility import must_be_fit, must_not_clash
from .events import (
    Event,
    HandoverAccepted,
    HandoverBriefed,
    HandoverDeclined,
    HandoverEffective,
    HandoverOffered,
    HandoverWithdrawn,
)
from .guards import filled, known, not_ended
from .parts import Handover
from .state import Incident
from .structure import Template
from .understanding import must_be_understood


def offer_handover(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    handover_id: str,
    assignment_id: str,
    to: Who,
    note: str = "",
) -> list[Event]:
    """The holder offers a role to another person. One offer at a time per role held."""
    not_ended(incident)
    held = known(incident.assignments.get(assignment_id), "assignment.unknown", "assignment")
    if not held.is_open:
        raise Refused("assignment.ended", "This role has passed on already. Reload the page.")
    if by.person != held.person:
        raise forbidden("handover.not_holder", "Only the holder offers a role. Ask them, or take it over.")
    if to.person == held.person:
        raise bad("handover.self", "You hold this role already. Choose another person.")
    running = _running(incident, assignment_id)
    if running and running.to_person == to.person:
        return []
    if running:
        raise Refused(
            "handover.running",
            "This role is on offer to somebody else. Withdraw that offer first.",
            details={"handover": running.id, "to": running.to_person},
        )
    must_be_fit(incident, template, to, held.role, replaces=held)
    if held.role in incident.roles_of(to.person):
        raise bad("handover.holds", "They hold this role already. Release yours instead.")
    return [HandoverOffered(handover_id, held.role, held.id, held.person, to.person, note.strip())]


def accept_handover(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    handover_id: str,
    elsewhere: str = "",
    reason: str = "",
    understood: bool = False,
) -> list[Event]:
    """Only the person it is offered to accepts. `elsewhere` as in `take_role`."""
    passing = _open(incident, handover_id)
    if by.person != passing.to_person:
        raise forbidden("handover.not_yours", "Only the person it is offered to can accept. Ask them to.")
    if passing.state != "offered":
        return []
    held = incident.assignments[passing.assignment_id]
    must_be_fit(incident, template, by, passing.role, replaces=held, elsewhere=elsewhere, reason=reason)
    must_be_understood(template, passing.role, understood)
    return [HandoverAccepted(passing.id, passing.role, passing.from_person, passing.to_person, understood)]


def brief_handover(
    incident: Incident,
    by: Who,
    *,
    handover_id: str,
    briefing: str,
    snapshot: Mapping[str, str] | None = None,
) -> list[Event]:
    """The holder briefs, or the successor confirms what they were told. After acceptance only.

    `snapshot` is the incident as it stood when it was told; it stays with the handover (R-040).
    """
    passing = _open(incident, handover_id)
    _either(by, passing)
    if passing.state == "offered":
        raise Refused("handover.not_accepted", "Nobody has accepted this role yet. Wait for the acceptance.")
    if passing.state == "briefed":
        return []
    told = filled(briefing, "briefing", "Say what the successor was told: situation, plan, open decisions.")
    return [
        HandoverBriefed(
            passing.id, told, passing.role, passing.from_person, passing.to_person, dict(snapshot or {})
        )
    ]


def make_effective(
    incident: Incident, template: Template, by: Who, *, handover_id: str, new_assignment_id: str
) -> list[Event]:
    """From this instant the successor holds the role. Either of the two says so, after the briefing."""
    if handover_id in incident.handovers and incident.handovers[handover_id].state == "effective":
        return []
    passing = _open(incident, handover_id)
    _either(by, passing)
    if passing.state != "briefed":
        raise Refused("handover.not_briefed", "The successor is not briefed yet. Accept and brief first.")
    held = incident.assignments[passing.assignment_id]
    must_not_clash(incident, template, passing.to_person, passing.role, held)
    effective = HandoverEffective(
        passing.id, new_assignment_id, passing.role, passing.from_person, passing.to_person
    )
    return [effective, *deputy_leaves(incident, passing.role, passing.to_person)]


def decline_handover(incident: Incident, by: Who, *, handover_id: str, reason: str = "") -> list[Event]:
    """The person it is offered to says no, at any step before it is effective."""
    passing = _open(incident, handover_id)
    if by.person != passing.to_person:
        raise forbidden(
            "handover.not_yours", "Only the person it is offered to can decline. Withdraw it instead."
        )
    return [
        HandoverDeclined(passing.id, reason.strip(), passing.role, passing.from_person, passing.to_person)
    ]


def withdraw_handover(incident: Incident, by: Who, *, handover_id: str, reason: str = "") -> list[Event]:
    """The holder takes the offer back, at any step before it is effective."""
    passing = _open(incident, handover_id)
    if by.person != passing.from_person:
        raise forbidden("handover.not_holder", "Only the holder can withdraw. The other person can decline.")
    return [
        HandoverWithdrawn(passing.id, reason.strip(), passing.role, passing.from_person, passing.to_person)
    ]


def _open(incident: Incident, handover_id: str) -> Handover:
    not_ended(incident)
    passing = known(incident.handovers.get(handover_id), "handover.unknown", "handover")
    if not passing.is_open:
        raise Refused("handover.ended", f"This handover is {passing.state}. Offer the role again if needed.")
    return passing


def _running(incident: Incident, assignment_id: str) -> Handover | None:
    return next(
        (h for h in incident.handovers.values() if h.is_open and h.assignment_id == assignment_id), None
    )


def _either(by: Who, passing: Handover) -> None:
    if by.person not in (passing.from_person, passing.to_person):
        raise forbidden(
            "handover.not_yours", "Only the two people of this handover can do this. Ask them to."
        )
