"""Guests of other organisations: an invitation is a link that works once and opens one incident."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.incidents import guests as acts

from .doors import Request
from .fields import IncidentId, Moment, Read, Text, Write
from .operations import Noun

NOUN = Noun("Guests", "/incidents/{incident}/guests")


class Invitation(Read):
    """`link` is shown this once. Hand it to the guest alone: whoever opens it is the guest."""

    id: str
    person: str
    organisation: str
    link: str
    expires_at: Moment


class InvitationWrite(Write):
    name: Annotated[str, Text(120, least=1)]
    organisation: Annotated[str, Text(200, least=1)]


@NOUN.post("", "incident.act", Invitation)
def invite_guest(request: Request, incident: IncidentId, body: InvitationWrite) -> Invitation:
    """Let somebody of another organisation into this incident."""
    row = acts.invite(request.act, incident, body.name, body.organisation)
    return Invitation(
        id=row.id,
        person=row.person_id,
        organisation=row.organisation,
        link=acts.url(row),
        expires_at=row.expires_at,
    )
