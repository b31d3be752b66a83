"""How those who asked felt about it, over the inquiries of an incident and of the one it belongs to. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.inquiries import SENTIMENTS
from quarterdeck.store import models

from ..visibility import visible_incidents


@dataclass(frozen=True, slots=True)
class Mood:
    """`key` is angry, worried, calm, or "" for what nobody has judged."""

    key: str
    title: str
    count: int


def of(incident: Incident, who: Who) -> list[Mood]:
    """The worst first; without those nobody asked with. A closed inquiry counts: it was asked all the same."""
    wanted = [incident.key, incident.response.parent]
    seen = visible_incidents(who).filter(id__in=[key for key in wanted if key]).values("id")
    rows = models.Inquiry.objects.filter(incident_id__in=seen).order_by().values_list("sentiment")
    counted = dict(rows.annotate(number=Count("id")))
    order = [*reversed([key for key in SENTIMENTS if key]), ""]
    return [Mood(key, SENTIMENTS[key], counted[key]) for key in order if counted.get(key)]
