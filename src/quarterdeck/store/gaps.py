"""How far the ids of a growing table can be followed in order. On PostgreSQL a lower id may become visible later.

An id that is missing where others follow belongs to a transaction that goes on, or to one that was taken back. It is
waited for as long as a transaction is open that is older than the first sight of the gap, and never for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max

from .models import AlertEntry, Event

Followed = type[Event | AlertEntry]

# Nothing waits longer for a transaction than this; what it brings is seen when the page is opened again.
PATIENCE = timedelta(seconds=60)
# So many ids at the end are looked at for one that is missing.
LAST = 100
# First sight of a gap: (table, the id before it) -> the server's clock.
_seen: dict[tuple[str, int], datetime] = {}
_OLDEST = (
    "SELECT clock_timestamp(), min(xact_start) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
)


def end(model: Followed) -> int:
    """The last id of all, or the one before the first gap that may still be filled."""
    last = model._default_manager.aggregate(last=Max("id"))["last"] or 0
    if connection.vendor != "postgresql" or last == 0:
        return last
    return _followed(model, max(last - LAST, 0), last)


def reach(model: Followed, after: int, limit: int) -> int:
    """Up to which id the rows behind `after` can be told in order, at most `limit` of them."""
    rows = model._default_manager.filter(id__gt=after).order_by("id").values_list("id", flat=True)
    ids = list(rows[:limit])
    if not ids:
        return after
    return ids[-1] if connection.vendor != "postgresql" else _followed(model, after, ids[-1])


def _followed(model: Followed, after: int, last: int) -> int:
    if not _gaps(_ids(model, after, last), after):
        return last
    with connection.cursor() as c:
        c.execute(_OLDEST)
        now, oldest = c.fetchone()
    # Asked again: what was open when the gap was seen may have been committed before the transactions were looked at.
    ids = _ids(model, after, last)
    table = model._meta.db_table
    for before in _gaps(ids, after):
        first = _seen.setdefault((table, before), now)
        if oldest is not None and oldest <= first and now - first < PATIENCE:
            return before
    _forget(table, last)
    return last


def _ids(model: Followed, after: int, last: int) -> list[int]:
    rows = model._default_manager.filter(id__gt=after, id__lte=last)
    return list(rows.order_by("id").values_list("id", flat=True))


def _gaps(ids: Sequence[int], after: int) -> list[int]:
    """The id before each gap; what comes before the first of a table is none."""
    return [a for a, b in zip((after, *ids), ids, strict=False) if b != a + 1 and a > 0]


def _forget(table: str, last: int) -> None:
    for key in [k for k in _seen if k[0] == table and k[1] < last - 10 * LAST]:
        _seen.pop(key, None)
