"""Executives and the review: their comments on its strategic part, their word that they have read it (X-19, R-150)."""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents import executive_review as core
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..visibility import visible_incidents

MOST = 20


@dataclass(frozen=True, slots=True)
class Count:
    """How many executives are asked, and how many have confirmed. Never who: no figures of single executives (X-23)."""

    asked: int
    confirmed: int


def comment(act: Act, incident_id: str, section: str, text: str) -> Case:
    """A word on a strategic part. An executive who comments elsewhere is refused with review.strategic_only."""
    key = new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.comment(i, act.who, comment_id=key, section=section, text=clean(text, 8_000)),
    )


def confirm(act: Act, incident_id: str) -> Case:
    """They have read it."""
    return casebook.change(act, incident_id, lambda i, t: core.confirm(i, act.who))


def count(incident: Incident) -> Count:
    readings = incident.aftermath.readings.values()
    return Count(len(readings), sum(r.confirmed_at is not None for r in readings))


def owed_by(who: Who) -> list[models.ExecutiveReadingRow]:
    """The reviews somebody has not confirmed yet, the most urgent first."""
    rows = models.ExecutiveReadingRow.objects.filter(person=who.person, confirmed_at=None)
    seen = visible_incidents(who).values("id")
    return list(rows.filter(incident_id__in=seen).order_by("due_at", "incident_id")[:MOST])
