"""What is not kept for ever: bodies of alerts that were worked through, timers that are over, old deliveries.

A little at a time, so that nothing waits for it. Attempts are never touched; incidents go whole, and only where the
installation says after how long. What belongs to an incident under a legal hold stays (`holds`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from quarterdeck.core.kernel.moments import micros
from quarterdeck.store import ids, models, tx
from quarterdeck.store.journal_reader import JournalReader

from ..alerts import relapses
from ..comms import contact_imports
from ..incidents import newer
from ..subscribers import subscriber_figures, subscribers
from . import holds, keeping, purging, removals

KEEP = timedelta(days=90)
AT_ONCE = 500
# How many portions of each kind one round takes: at most a second or so of an engine's minute.
PORTIONS = 10
# An alarm without a cause that ends (another journal, an integration that is gone) has been seen after a day.
SEEN = timedelta(days=1)


def tidy(now: datetime) -> int:
    """Delete some of what is old enough; returns how many rows. The rest goes with the next round."""
    kinds: tuple[Callable[[datetime], int], ...] = (
        _bodies,
        _timers,
        _deliveries,
        _answers,
        _nodes,
        _changes,
        _rule_runs,
        contact_imports.tidy,
        subscribers.tidy,
        subscriber_figures.tidy,
        removals.tidy,
        purging.purge_one,
    )
    gone = sum(_portions(kind, now) for kind in kinds)
    keeping.sweep(now)
    _clear_seen_alarms(now)
    return gone


def _portions(kind: Callable[[datetime], int], now: datetime) -> int:
    gone = 0
    for _ in range(PORTIONS):
        found = kind(now)
        gone += found
        if found == 0:
            break
    return gone


def _bodies(now: datetime) -> int:
    """Raw bodies, as long as the installation says (0 days: for ever)."""
    days = settings.QUARTERDECK_JOURNAL_DAYS
    if days <= 0:
        return 0
    reader = JournalReader()
    try:
        kept = [(s.begins, s.ends) for s in holds.spans()]
        return reader.forget(now - timedelta(days=days), kept)
    finally:
        reader.close()


def _made_before(now: datetime) -> str:
    """Ids begin with the time they were made: what is old is found by the primary key alone."""
    return ids.first_id(micros(now - KEEP) // 1000)


def _timers(now: datetime) -> int:
    over = models.Due.objects.filter(id__lt=_made_before(now), ended_at__lt=now - KEEP).exclude(
        state="waiting"
    )
    return _delete(models.Due, list(over.order_by("id").values_list("id", flat=True)[:AT_ONCE]))


def _deliveries(now: datetime) -> int:
    over = models.Delivery.objects.filter(id__lt=_made_before(now), finished_at__lt=now - KEEP)
    if (kept := holds.deliveries()) is not None:
        over = over.exclude(kept)
    rows = over.filter(state__in=("sent", "failed", "cancelled")).order_by("id")
    return _delete(models.Delivery, list(rows.values_list("id", flat=True)[:AT_ONCE]))


def _answers(now: datetime) -> int:
    over = models.Idempotency.objects.filter(id__lt=_made_before(now), at__lt=now - KEEP)
    return _delete(models.Idempotency, list(over.order_by("id").values_list("id", flat=True)[:AT_ONCE]))


def _nodes(now: datetime) -> int:
    over = models.Node.objects.filter(heartbeat_at__lt=now - KEEP)
    return _delete(models.Node, list(over.values_list("name", flat=True)[:AT_ONCE]))


def _changes(now: datetime) -> int:
    """Deployments and flags explain what happened lately; an incident keeps what people wrote about them."""
    over = models.Change.objects.filter(id__lt=_made_before(now), changed_at__lt=now - KEEP)
    if (kept := holds.changes()) is not None:
        over = over.exclude(kept)
    return _delete(models.Change, list(over.order_by("id").values_list("id", flat=True)[:AT_ONCE]))


def _rule_runs(now: datetime) -> int:
    """What rules did; an incident keeps it on its timeline."""
    over = models.AutomationRun.objects.filter(id__lt=_made_before(now), ended_at__lt=now - KEEP).order_by(
        "id"
    )
    return _delete(models.AutomationRun, list(over.values_list("id", flat=True)[:AT_ONCE]))


def _delete(
    model: type[
        models.Due | models.Delivery | models.Idempotency | models.Node | models.Change | models.AutomationRun
    ],
    keys: list[str],
) -> int:
    if not keys:
        return 0
    with tx.write():
        return model._default_manager.filter(pk__in=keys).delete()[0]


def _clear_seen_alarms(now: datetime) -> None:
    gone = Q(kind="unparsed") & ~Q(subject__in=models.Integration.objects.values("id"))
    old = models.Alarm.objects.filter(cleared_at=None, raised_at__lt=now - SEEN)
    seen = list(
        old.filter(Q(kind__in=("journal", relapses.ALARM, newer.ALARM)) | gone).values_list("id", flat=True)
    )
    if seen:
        with tx.write("web"):
            models.Alarm.objects.filter(id__in=seen).update(cleared_at=now)
