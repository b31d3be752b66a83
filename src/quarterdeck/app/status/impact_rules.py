"""What an incident suggests for the components of its services, by the impact matrix in force. Never an error."""

from __future__ import annotations

from quarterdeck.catalog.impact import FILE, load_impacts
from quarterdeck.core.incidents import Incident
from quarterdeck.core.status.impact import Impacts, Suggested, Touched, suggest
from quarterdeck.store import models

from ..catalog.kept_rules import Kept

_kept: Kept[Impacts] = Kept(FILE, load_impacts)


def impacts() -> Impacts:
    """The matrix in force now."""
    return _kept.now()


def suggested(incident: Incident) -> dict[str, Suggested]:
    """By the id of the component, what the incident suggests for it."""
    touched: dict[str, list[Touched]] = {}
    links = models.Component.services.through.objects.filter(service__key__in=incident.services)
    for component, name, tier in links.values_list("component_id", "service__name", "service__tier"):
        touched.setdefault(component, []).append(Touched(name, tier))
    table = impacts()
    found = {c: suggest(table, incident.severity, services) for c, services in touched.items()}
    return {c: s for c, s in found.items() if s is not None}
