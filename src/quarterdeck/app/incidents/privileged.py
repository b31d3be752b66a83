"""Privileged notes of an incident: written by its legal group, read by it, and by nobody else. They are no part of the
record: no event, no export, no search, no feed and no replay holds them. The audit trail keeps a seal of each.
"""

from __future__ import annotations

import hashlib
import secrets

from quarterdeck.core.incidents.guards import unfit
from quarterdeck.core.incidents.privileged import TEXT_LIMIT, group
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case

# Where there is a team of this name, nobody outside of it is let in, whatever role they took.
TEAM = "legal"
MOST = 200


def may_read(case: Case, person: str) -> bool:
    """Whether this person belongs to the legal group here."""
    if person not in group(case.incident, case.template):
        return False
    team = models.Team.objects.filter(key=TEAM)
    return not team.exists() or team.filter(members__id=person).exists()


def notes(act: Act, incident_id: str) -> list[models.PrivilegedNote]:
    """The newest first. The same refusal whether there are any or not."""
    _must(casebook.load(incident_id, act.who), act)
    return list(
        models.PrivilegedNote.objects.filter(incident_id=incident_id).order_by("-written_at", "-id")[:MOST]
    )


def write(act: Act, incident_id: str, text: str) -> models.PrivilegedNote:
    """A note stands as it was written; another one corrects it."""
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        _must(casebook.load(incident_id, act.who), act)
        said = clean(text, TEXT_LIMIT + 1).strip()
        if not said:
            raise unfit("text.missing", "text", "Write the note first.")
        if len(said) > TEXT_LIMIT:
            raise unfit("text.long", "text", f"{TEXT_LIMIT} characters fit. Split it.")
        salt = secrets.token_hex(16)
        row = models.PrivilegedNote.objects.create(
            id=new_id(), incident_id=incident_id, text=said, written_by=act.person, written_at=act.at, salt=salt,
            seal=seal(salt, said),
        )  # fmt: skip
        log.audit("PrivilegedNoteWritten", {"note": row.id, "seal": row.seal}, at=act.at, actor=act.person)
    return row


def seal(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}/{text}".encode()).hexdigest()


def _must(case: Case, act: Act) -> None:
    if not may_read(case, act.person):
        raise forbidden(
            "legal.notes",
            "Privileged notes are for the legal group of this incident only. Ask the Legal Officer.",
        )
