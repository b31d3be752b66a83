"""Which executives are asked to read a review once it is agreed (X-19). Decides nothing else."""

from __future__ import annotations

from quarterdeck.core.incidents import Event, Incident
from quarterdeck.core.incidents import executive_review as core
from quarterdeck.store import models

from ..comms import closing_rules
from ..paging.directory import Directory


def asking(incident: Incident, directory: Directory) -> list[Event]:
    """Every active executive, where the catalogue asks for it."""
    rules = closing_rules.rules()
    people = models.Person.objects.filter(role=core.EXECUTIVE, is_active=True).order_by("id")
    return core.asking(
        incident, list(people.values_list("id", flat=True)), at=directory.now, days=rules.reading_days,
        rank=rules.reading_severity,
    )  # fmt: skip
