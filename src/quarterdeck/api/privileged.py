"""Privileged notes of the legal group of an incident."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.incidents import privileged as acts
from quarterdeck.core.incidents.privileged import TEXT_LIMIT
from quarterdeck.store import models

from .doors import Request
from .fields import IncidentId, Moment, Named, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Privileged notes", "/incidents/{incident}/privileged-notes")


class PrivilegedNote(Read):
    id: str
    text: str
    written_by: Named
    written_at: Moment


class PrivilegedNoteWrite(Write):
    text: Annotated[str, Text(TEXT_LIMIT, least=1)]


@NOUN.get("", "incident.read", Page[PrivilegedNote])
def list_privileged_notes(request: Request, incident: IncidentId) -> Page[PrivilegedNote]:
    """For the legal group of the incident only; everybody else is refused, whether there are any or not."""
    return whole(_told(request, n) for n in acts.notes(request.act, incident))


@NOUN.post("", "incident.act", PrivilegedNote)
def write_privileged_note(
    request: Request, incident: IncidentId, body: PrivilegedNoteWrite
) -> PrivilegedNote:
    """It stands in no record, export, search or feed."""
    return _told(request, acts.write(request.act, incident, body.text))


def _told(request: Request, row: models.PrivilegedNote) -> PrivilegedNote:
    return PrivilegedNote(
        id=row.id, text=row.text, written_by=request.names.of(row.written_by), written_at=row.written_at
    )
