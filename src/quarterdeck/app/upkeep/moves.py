"""The installation's own side of a move to another kind of store: marking the new one, closing the old one, opening the
new one. Never both open, and each step can be done again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, connections, transaction

from quarterdeck.store import adopting, fence, log, models, tx
from quarterdeck.store.moving import Move, MoveFailed

from ..people.accounts import OPERATOR

BEING_FILLED = "being filled from another store"


def closed_for() -> str:
    """What this store was moved to; "" while it is open."""
    return models.Installation.objects.values_list("moved_to", flat=True).get(id=1)


def begin(target: str, name: str) -> None:
    """The new store belongs to this installation and nobody may serve it yet. Raises MoveFailed for one in use."""
    mine = models.Installation.objects.get(id=1)
    if mine.moved_to:
        raise MoveFailed(f"This store was moved to {mine.moved_to} already. Move on from there.")
    if models.Event.objects.using(target).exists() or models.Person.objects.using(target).exists():
        raise MoveFailed(f"{name} is in use by an installation. Name an empty one.")
    models.Installation.objects.using(target).update(
        installation_id=mine.installation_id, moved_to=BEING_FILLED, cluster_epoch=mine.cluster_epoch
    )


def close(mover: Move, name: str, journal: Path) -> int:
    """While nobody writes: the last differences, compared; then this store is closed for good.

    Returns how many accepted bodies were taken along. Raises MoveFailed, and then nothing has changed here.
    """
    now = datetime.now(UTC)
    on_postgres = connection.vendor == "postgresql"
    with tx.write():
        fence.alone()
        if on_postgres:
            adopting.hold("default")
        log.audit("StoreMoved", {"to": name}, at=now, actor=OPERATOR)
        mover.copy()
        wrong = mover.verify_last()
        if wrong:
            raise MoveFailed(f"The copy is not the same: {'; '.join(wrong[:5])}. Nothing was changed here.")
        bodies = 0
        mine = models.Installation.objects.get(id=1)
        with transaction.atomic(using=mover.target):
            if on_postgres:
                bodies = adopting.into_file(journal, "default", mover.target)
            mover.count_on()
            models.Installation.objects.using(mover.target).update(
                cluster_epoch=mine.cluster_epoch + 1, paused_at=mine.paused_at, paused_by=mine.paused_by,
                paused_reason=mine.paused_reason, backup=mine.backup,
            )  # fmt: skip
        _settle(mover.target)
        models.Installation.objects.filter(id=1).update(moved_to=name, moved_at=now)
    return bodies


def _settle(target: str) -> None:
    """Everything of a SQLite file in the file itself, so that it can be renamed."""
    if connections[target].vendor == "sqlite":
        with connections[target].cursor() as c:
            c.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def open_for_work(target: str) -> None:
    """The new store is the one that counts from now on."""
    rows = models.Installation.objects.using(target)
    rows.filter(moved_to=BEING_FILLED).update(moved_to="", moved_at=None)
    found = rows.get(id=1)
    if fence.seen(found.installation_id) < found.cluster_epoch:
        fence.remember(found.installation_id, found.cluster_epoch)
