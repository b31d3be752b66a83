"""What a machine whose clock is ahead has dated: it must not wait until everybody else's clock has come that far.

Engines agree on the time among themselves; whoever writes for people goes by the clock of their own machine.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Model

from quarterdeck.store import models, tx

# Clocks that are kept at all differ by less.
APART = timedelta(seconds=5)
AT_ONCE = 200


def bring_back(now: datetime) -> int:
    """Timers and pages made in the future count as made now, and wait as long as they were meant to; returns how many.

    `now` is the engine's, which is behind no other engine's.
    """
    late = now + APART
    timers = models.Due.objects.filter(state="waiting", due_at__gt=now, created_at__gt=late)
    pages = models.Delivery.objects.filter(state="queued", next_at__gt=now, created_at__gt=late)
    if not pages.exists() and not timers.exists():
        return 0
    with tx.write("engine"):
        return _bring_back(models.Due, timers, "due_at", now) + _bring_back(
            models.Delivery, pages, "next_at", now
        )


def _bring_back(table: type[Model], rows: object, column: str, now: datetime) -> int:
    made = list(rows.order_by("id").values_list("id", "created_at")[:AT_ONCE])  # type: ignore[attr-defined]
    for row_id, created_at in made:
        ahead = (created_at - now) // timedelta(microseconds=1)
        table._default_manager.filter(id=row_id, created_at=created_at).update(
            **{column: F(column) - ahead}, created_at=now
        )
    return len(made)
