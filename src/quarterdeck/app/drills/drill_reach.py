"""Whom a page of a drill reaches on their own contacts. Asked when it is sent; where in doubt, nobody."""

from __future__ import annotations

from quarterdeck.core.incidents.drill import mode
from quarterdeck.store import models


def reaches(incident_id: str, person_id: str) -> bool:
    """While the drill runs and its kind pages: those in it, in a fire drill whoever the engine calls, too."""
    row = (
        models.Drill.objects.filter(incident_id=incident_id, state="running").first() if incident_id else None
    )
    if row is None or not mode(row.kind).pages:
        return False
    if mode(row.kind).strangers or person_id == row.facilitator:
        return True
    return models.DrillPerson.objects.filter(drill=row, person_id=person_id).exists()
