"""What a legal hold keeps beside the record itself: what came in, what went out and what was changed while the held
incident ran. The one place that chores which delete ask. Never lifts anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q

from quarterdeck.core.incidents.state import ENDED_PHASES
from quarterdeck.store import models

# Changes are shown beside an incident from a while before it began.
CHANGES_BEFORE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From the first alert of a held incident (or its declaration) until its end; None while it goes on."""

    begins: datetime
    ends: datetime | None


def held() -> set[str]:
    """Incidents under a legal hold, and those that were merged with one: their records are parts of one record."""
    found: set[str] = set()
    new = set(models.LegalHoldRow.objects.filter(lifted_at=None).values_list("incident_id", flat=True))
    while new:
        found |= new
        merged = models.IncidentLinkRow.objects.filter(kind__in=("merged_into", "merged_from"), other__in=new)
        new = set(merged.values_list("incident_id", flat=True)) - found
    return found


def alerts_of(incidents: Iterable[str]) -> set[str]:
    """Their alerts, those that were taken out again among them."""
    ids = set(incidents)
    linked = models.AlertLinkRow.objects.filter(incident_id__in=ids).values_list("alert_id", flat=True)
    return set(linked) | set(models.Alert.objects.filter(incident_id__in=ids).values_list("id", flat=True))


def spans() -> list[Span]:
    """When the held incidents ran."""
    found = []
    for row in models.IncidentRow.objects.filter(id__in=held()):
        alerts = models.Alert.objects.filter(id__in=alerts_of([row.id]))
        first = alerts.aggregate(first=Min("first_seen_at"))["first"]
        begins = min(t for t in (row.declared_at, first) if t is not None)
        found.append(Span(begins, row.phase_since if row.phase in ENDED_PHASES else None))
    return found


def deliveries() -> Q | None:
    """What went out about held incidents, by itself, by a page or by an alert; None while nothing is held."""
    ids = held()
    if not ids:
        return None
    alerts = alerts_of(ids)
    pages = models.Callout.objects.filter(Q(incident_id__in=ids) | Q(alert_id__in=alerts)).values("id")
    return Q(incident_id__in=ids) | Q(alert_id__in=alerts) | Q(callout_id__in=pages)


def changes() -> Q | None:
    """Changes that were made before and during held incidents; None while nothing is held."""
    kept: Q | None = None
    for span in spans():
        one = Q(changed_at__gte=span.begins - CHANGES_BEFORE)
        if span.ends is not None:
            one &= Q(changed_at__lte=span.ends)
        kept = one if kept is None else kept | one
    return kept
