"""Passing a role on: offered, accepted, briefed, in effect; or refused, or withdrawn."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import command as acts
from quarterdeck.core.incidents.parts import Handover as Part

from .doors import Request
from .fields import Id, IncidentId, Line, Moment, Named, Read, Text, When, Write, Yes
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Handovers", "/incidents/{incident}/handovers")


class Handover(Read):
    """`state`: offered, accepted, briefed, effective, declined, withdrawn. The holder keeps the role until it is
    effective. `effective_at` is the time it was announced for. `snapshot`: for command, the incident as it stood when
    it was told, under the headings of form ICS 201.
    """

    id: str
    role: str
    assignment: str
    from_person: Named
    to_person: Named
    state: str
    note: str
    briefing: str
    offered_at: Moment
    accepted_at: Moment | None
    briefed_at: Moment | None
    effective_at: Moment | None
    ended_at: Moment | None
    end_reason: str
    new_assignment: str | None
    snapshot: dict[str, str]


class HandoverWrite(Write):
    assignment: Id
    to: Id
    note: Annotated[str, Text(2000)] = ""


class HandoverReasonWrite(Write):
    reason: Line = ""


class AcceptanceWrite(Write):
    """`understood`: the card of the role was read and understood; asked where the card says so."""

    reason: Line = ""
    understood: Yes = False


class BriefingWrite(Write):
    briefing: Annotated[str, Text(4000)]


class HandoverTimeWrite(Write):
    """Null takes the time back: the two then say themselves when the role passes."""

    effective_at: When | None


@NOUN.get("", "incident.read", Page[Handover])
def list_handovers(request: Request, incident: IncidentId) -> Page[Handover]:
    """Every handover of the incident, in the order they were offered."""
    case = load(incident, request.act.who)
    return whole(_told(request, h) for h in case.incident.handovers.values())


@NOUN.post("", "incident.act", Handover)
def offer_handover(request: Request, incident: IncidentId, body: HandoverWrite) -> Handover:
    """Offer a role one holds to another person."""
    case = acts.offer_handover(request.act, incident, body.assignment, body.to, body.note)
    offered = [
        h for h in case.incident.handovers.values() if h.is_open and h.assignment_id == body.assignment
    ]
    return _told(request, offered[-1])


@NOUN.put("/{handover}/acceptance", "incident.read", Handover)
def accept_handover(
    request: Request, incident: IncidentId, handover: Id, body: AcceptanceWrite | None = None
) -> Handover:
    """Accept what is offered to oneself. A reason is needed by whoever leads elsewhere already."""
    said = body or AcceptanceWrite()
    case = acts.accept_handover(request.act, incident, handover, said.reason, said.understood)
    return _one(request, case, handover)


@NOUN.put("/{handover}/briefing", "incident.read", Handover)
def brief_handover(request: Request, incident: IncidentId, handover: Id, body: BriefingWrite) -> Handover:
    """What the successor was told."""
    return _one(request, acts.brief_handover(request.act, incident, handover, body.briefing), handover)


@NOUN.put("/{handover}/effect", "incident.read", Handover)
def effect_handover(request: Request, incident: IncidentId, handover: Id) -> Handover:
    """From this instant the successor holds the role."""
    return _one(request, acts.make_effective(request.act, incident, handover), handover)


@NOUN.put("/{handover}/time", "incident.read", Handover)
def time_handover(request: Request, incident: IncidentId, handover: Id, body: HandoverTimeWrite) -> Handover:
    """Announce the time from which the successor holds the role; all responders are told of a change of command."""
    case = acts.time_handover(request.act, incident, handover, body.effective_at)
    return _one(request, case, handover)


@NOUN.put("/{handover}/refusal", "incident.read", Handover)
def decline_handover(
    request: Request, incident: IncidentId, handover: Id, body: HandoverReasonWrite | None = None
) -> Handover:
    """Say no to what is offered to oneself."""
    case = acts.decline_handover(request.act, incident, handover, body.reason if body else "")
    return _one(request, case, handover)


@NOUN.put("/{handover}/withdrawal", "incident.read", Handover)
def withdraw_handover(
    request: Request, incident: IncidentId, handover: Id, body: HandoverReasonWrite | None = None
) -> Handover:
    """Take one's own offer back."""
    case = acts.withdraw_handover(request.act, incident, handover, body.reason if body else "")
    return _one(request, case, handover)


def _one(request: Request, case: Case, handover_id: str) -> Handover:
    return _told(request, case.incident.handovers[handover_id])


def _told(request: Request, part: Part) -> Handover:
    names = request.names.load((part.from_person, part.to_person))
    return Handover(
        id=part.id,
        role=part.role,
        assignment=part.assignment_id,
        from_person=names.of(part.from_person),
        to_person=names.of(part.to_person),
        state=part.state,
        note=part.note,
        briefing=part.briefing,
        offered_at=part.offered_at,
        accepted_at=part.accepted_at,
        briefed_at=part.briefed_at,
        effective_at=part.effective_at,
        ended_at=part.ended_at,
        end_reason=part.end_reason,
        new_assignment=part.new_assignment_id or None,
        snapshot=dict(part.snapshot),
    )
