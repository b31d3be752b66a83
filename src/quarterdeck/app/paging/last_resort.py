"""Whom to call when a policy has come to its end and nobody answered: the commander and every administrator."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.store import models

from ..visibility import unless_restricted
from .callouts import Request
from .directory import Directory


def requests(request: Request, called: Collection[str], directory: Directory) -> Iterator[Request]:
    """The policy's own request, to those whom it has not just `called`.

    Where it was for a role, the commander alone is told that it stays empty; the role is not offered to them.
    """
    for_role = bool(request.role)
    alert = directory.alert(request.alert_id) if request.alert_id else None
    incident = request.incident_id or (alert.incident_id if alert else "")
    for person, why in people(incident, directory, alone=for_role):
        if person not in called:
            reason = f"{directory.name(person)} {why}, and nobody has answered"
            kind = "heads_up" if for_role else "callout"
            yield replace(request, person=person, reason=reason, kind=kind, role="")


def people(incident_id: str, directory: Directory, *, alone: bool = False) -> Iterator[tuple[str, str]]:
    """(Person, why), each person once; `incident_id` "" for an alert that no incident has taken up. `alone`: the
    commander only.
    """
    seen = set()
    if incident_id:
        rows = models.RoleAssignmentRow.objects.filter(incident_id=incident_id, role=COMMANDER, ended_at=None)
        for person in rows.values_list("person_id", flat=True):
            seen.add(person)
            # Everybody who sees an alert reads why somebody was called about it.
            yield person, unless_restricted(f"commands {incident_id}", incident_id, "is called last")
    for person in () if alone else directory.administrators():
        if person not in seen:
            yield person, "is an administrator"
