"""How reviews sort causes, as the catalogue in force says, and which causes, factors and services come back."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from quarterdeck import catalog as shipped
from quarterdeck.catalog import CatalogError, Causes
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import causes as core
from quarterdeck.core.incidents.describe import words
from quarterdeck.core.reviews.patterns import Pattern, Seen, patterns
from quarterdeck.store import models

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..catalog import catalogue_files
from ..visibility import visible_incidents

# Looked back over: a year catches what comes with the season.
DAYS = (90, 365, 1095)
USUAL_DAYS = 365
_known: dict[Path | None, tuple[object, Causes]] = {}


def causes() -> Causes:
    """The file in force; read once for each reading of the catalogue. Never an error."""
    found = catalogue_files.files()
    kept = _known.get(found.folder)
    if kept is not None and kept[0] is found:
        return kept[1]
    read = None
    with suppress(CatalogError, OSError):
        read = shipped.load_causes(found.folder)
    said = read or (kept[1] if kept else shipped.load_causes(None))
    _known[found.folder] = (found, said)
    return said


def set_causes(
    act: Act, incident_id: str, category: str, factors: Iterable[str] = (), change: str = ""
) -> Case:
    """Sort what happened, in the review (R-080)."""
    said = causes()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.set_causes(
            i, act.who, category=category, factors=factors, change=change, categories=said.categories,
            known_factors=said.factors,
        ),
    )  # fmt: skip


def title(kind: str, key: str) -> str:
    """How a key of a cause, factor or kind of change is called; one the catalogue no longer has, in plain words."""
    said = causes()
    known = {"cause": said.categories, "factor": said.factors}.get(kind, {})
    return known.get(key) or words(key).capitalize()


def coming_back(who: Who, now: datetime, days: int = USUAL_DAYS) -> list[Pattern]:
    """Patterns in what `who` may know of; drills are left out. Whoever sees no incidents learns from agreed reviews
    only. What is dismissed or merged was no incident of its own.
    """
    rows = visible_incidents(who).filter(drill=False, declared_at__gte=now - timedelta(days=days))
    rows = rows.exclude(phase__in=("dismissed", "merged"))
    reviews = models.ReviewRow.objects.filter(incident_id__in=rows.values("id")).exclude(state="waived")
    if not may(who, "incident.read"):
        reviews = reviews.filter(state__in=("reviewed", "closed"))
        rows = rows.filter(id__in=reviews.values("incident_id"))
    sorted_ = {r.incident_id: r for r in reviews}
    return patterns(
        Seen(
            i, at, tuple(services), *((r.cause_category, tuple(r.factors), r.change_kind) if r else ())
        )
        for i, at, services in rows.values_list("id", "declared_at", "services")
        for r in (sorted_.get(i),)
    )  # fmt: skip
