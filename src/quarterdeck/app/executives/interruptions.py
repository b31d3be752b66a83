"""How often executives reached into incidents: counts of the records, by incident, never by person (R-240, X-23)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from quarterdeck.core.access import Who
from quarterdeck.core.incidents.boundary import Contacts
from quarterdeck.store import models

from ..figures.insights import Question, chosen


@dataclass(frozen=True, slots=True)
class Interrupted:
    incident: str
    title: str
    severity: int
    contacts: Contacts


def read(who: Who, asked: Question) -> list[Interrupted]:
    """The incidents of the period that executives reached into, the most often first. Drills never count."""
    incidents = chosen(who, asked)
    ids = incidents.values("id")
    found: dict[str, Counter[str]] = {}
    for incident, kind, critical, n in (
        models.ExecQuestionRow.objects.filter(incident_id__in=ids)
        .values_list("incident_id", "kind", "critical")
        .annotate(n=Count("pk"))
    ):
        counts = found.setdefault(incident, Counter())
        counts["status_demands" if kind == "status" else "questions"] += n
        counts["critical"] += n if critical else 0
    for incident, kind, n in (
        models.BoundaryEventRow.objects.filter(incident_id__in=ids)
        .values_list("incident_id", "kind")
        .annotate(n=Count("pk"))
    ):
        found.setdefault(incident, Counter())["attempts" if kind == "attempt" else kind] += n
    told = dict.fromkeys(
        ("questions", "critical", "status_demands", "attempts", "not_taken", "off_channel"), 0
    )
    rows = incidents.filter(id__in=found).values_list("id", "title", "severity")
    shown = [Interrupted(key, title, rank, Contacts(**told | dict(found[key]))) for key, title, rank in rows]
    return sorted(shown, key=lambda i: (-i.contacts.total, i.incident))
