"""The course of an incident: its phase, resolving, reopening, closing, dismissing. Gates say what is missing."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from quarterdeck.app.incidents import incidents as acts

from .doors import Request
from .fields import Asked, IncidentId, LongLine, Text, When, Word, Write
from .incidents import IncidentDetail, detail
from .operations import Noun

NOUN = Noun("Incidents", "/incidents/{incident}")


class PhaseWrite(Write):
    """`override_reason` passes conditions that are not met, where that is allowed at all."""

    phase: Word
    reason: LongLine = ""
    override_reason: LongLine = ""


class ResolutionOfIncidentWrite(Write):
    """`resolved_at` is when service was back; now, unless given."""

    code: Word
    summary: Annotated[str, Text(4000)] = ""
    resolved_at: When | None = None
    override_reason: LongLine = ""


class ClosureWrite(Write):
    reason: LongLine = ""
    override_reason: LongLine = ""


class DismissalWrite(Write):
    reason: LongLine


class ReopeningAsked(Asked):
    reason: Annotated[str, Text(500, least=1)]


@NOUN.put("/phase", "incident.act", IncidentDetail)
def change_phase(request: Request, incident: IncidentId, body: PhaseWrite) -> IncidentDetail:
    """Move to another phase; 409 with `details` names what is missing."""
    return detail(
        request, acts.change_phase(request.act, incident, body.phase, body.reason, body.override_reason)
    )


@NOUN.put("/resolution", "incident.act", IncidentDetail)
def resolve_incident(
    request: Request, incident: IncidentId, body: ResolutionOfIncidentWrite
) -> IncidentDetail:
    """Service is back: callouts and clocks end, and a review opens where the severity asks for one."""
    case = acts.resolve(
        request.act, incident, body.code, body.resolved_at, body.summary, body.override_reason
    )
    return detail(request, case)


@NOUN.delete("/resolution", "incident.act", IncidentDetail)
def reopen_incident(request: Request, incident: IncidentId, asked: Query[ReopeningAsked]) -> IncidentDetail:
    """It was not over: back to investigating."""
    return detail(request, acts.reopen(request.act, incident, asked.reason))


@NOUN.put("/closure", "incident.act", IncidentDetail)
def close_incident(
    request: Request, incident: IncidentId, body: ClosureWrite | None = None
) -> IncidentDetail:
    """The end; every role ends with it."""
    said = body or ClosureWrite()
    return detail(request, acts.close(request.act, incident, said.reason, said.override_reason))


@NOUN.put("/dismissal", "incident.act", IncidentDetail)
def dismiss_incident(request: Request, incident: IncidentId, body: DismissalWrite) -> IncidentDetail:
    """It was no incident; from triage only."""
    return detail(request, acts.dismiss(request.act, incident, body.reason))
