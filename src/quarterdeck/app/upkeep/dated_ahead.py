"""What a machine whose clock is ahead has dated: it must not wait until everybody else's clock has come that far.

Engines agree on the time among themselves; whoever writes for people goes by the clock of their own machine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Model, QuerySet

from quarterdeck.store import models, tx

# Clocks that are kept at all differ by less.
APART = timedelta(seconds=5)
AT_ONCE = 200


def bring_back(clock: Callable[[], datetime]) -> int:
    """Timers and pages made in the future count as made now, and wait as long as they were meant to; returns how many.

    `clock` is the engine's, which is behind no other engine's. It is asked again once the transaction has begun: what
    is brought back to a moment long past would be due too early.
    """
    if not any(rows.exists() for _, _, rows in _dated_ahead(clock())):
        return 0
    with tx.write("engine"):
        now = clock()
        return sum(_bring_back(table, rows, column, now) for table, column, rows in _dated_ahead(now))


def _dated_ahead(now: datetime) -> list[tuple[type[Model], str, QuerySet[Any]]]:
    late = {"created_at__gt": now + APART}
    timers = models.Due.objects.filter(state="waiting", due_at__gt=now, **late)
    pages = models.Delivery.objects.filter(state="queued", next_at__gt=now, **late)
    return [(models.Due, "due_at", timers), (models.Delivery, "next_at", pages)]


def _bring_back(table: type[Model], rows: QuerySet[Any], column: str, now: datetime) -> int:
    made = list(rows.order_by("id").values_list("id", "created_at")[:AT_ONCE])
    for row_id, created_at in made:
        ahead = (created_at - now) // timedelta(microseconds=1)
        table._default_manager.filter(id=row_id, created_at=created_at).update(
            **{column: F(column) - ahead}, created_at=now
        )
    return len(made)
