"""What an incident suggests for the components of its services, by the impact matrix in force. Never an error."""

from __future__ import annotations

from contextlib import suppress

from quarterdeck.catalog import CatalogError
from quarterdeck.catalog.impact import FILE, load_impacts
from quarterdeck.core.incidents import Incident
from quarterdeck.core.status.impact import Impacts, Suggested, Touched, suggest
from quarterdeck.store import models

from . import catalogue_files, saved_files
from .catalogue_files import Read

_known: list[tuple[Read, str | None, Impacts]] = []


def impacts() -> Impacts:
    """Saved in the browser, of the organisation's folder, or as shipped; read once per reading of the catalogue."""
    read = catalogue_files.files()
    saved = saved_files.in_force(read)[1].get(FILE)
    if _known and _known[0][0] is read and _known[0][1] == saved:
        return _known[0][2]
    found = None
    with suppress(CatalogError, OSError):
        found = load_impacts(read.folder, {FILE: saved} if saved is not None else None)
    kept = found if found is not None else _known[0][2] if _known else load_impacts()
    _known[:] = [(read, saved, kept)]
    return kept


def suggested(incident: Incident) -> dict[str, Suggested]:
    """By the id of the component, what the incident suggests for it."""
    touched: dict[str, list[Touched]] = {}
    links = models.Component.services.through.objects.filter(service__key__in=incident.services)
    for component, name, tier in links.values_list("component_id", "service__name", "service__tier"):
        touched.setdefault(component, []).append(Touched(name, tier))
    table = impacts()
    found = {c: suggest(table, incident.severity, services) for c, services in touched.items()}
    return {c: s for c, s in found.items() if s is not None}
