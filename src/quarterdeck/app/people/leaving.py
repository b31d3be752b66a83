"""Somebody's account is switched off: what waits for their answer goes on to whoever is next, at once."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from ..paging import escalations


def pass_on(person: models.Person, at: datetime) -> int:
    """Inside the caller's transaction; returns how many callouts were theirs. The runs lock first, as everywhere."""
    waiting = models.Callout.objects.filter(person=person, state="waiting")
    runs = sorted(set(waiting.exclude(run_id="").values_list("run_id", flat=True)))
    escalations.hold(runs)
    why = line(f"The account of {person.name} was switched off.", 300)
    ids = list(waiting.values_list("id", flat=True))
    models.Callout.objects.filter(id__in=ids, state="waiting").update(state="cancelled", note=why)
    models.Delivery.objects.filter(callout_id__in=ids, state="queued").update(
        state="cancelled", finished_at=at, error=why
    )
    models.AlertEntry.objects.bulk_create(
        models.AlertEntry(alert_id=alert, at=at, kind="passed_on", actor=person.id, text=why)
        for alert in dict.fromkeys(
            models.Callout.objects.filter(id__in=ids).exclude(alert_id="").values_list("alert_id", flat=True)
        )
    )
    # Whoever else was called by the same step may still answer: only where nobody is left the next one fires now.
    others = models.Callout.objects.filter(run_id__in=runs, state="waiting").values_list("run_id", flat=True)
    for run in set(runs) - set(others):
        escalations.hurry(run, at)
    return len(ids)
