"""Which drills somebody may know of: a restricted one only whoever is in it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from quarterdeck.core.access import GUEST, Who
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models


def visible(who: Who) -> QuerySet[models.Drill]:
    """Every drill `who` may know of. Unordered."""
    rows = models.Drill.objects.all()
    if GUEST in who.roles:
        return rows.none()
    if who.is_system:
        return rows
    inside = models.DrillPerson.objects.filter(person_id=who.person).values("drill_id")
    return rows.filter(Q(restricted=False) | Q(facilitator=who.person) | Q(id__in=inside))


def find(drill_id: str, who: Who) -> models.Drill:
    found = visible(who).filter(id=drill_id).first()
    if found is None:
        raise missing("drill.unknown", "There is no such drill. Look it up in the list of drills.")
    return found
