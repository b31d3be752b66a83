"""The installation itself: its epoch, when it was last backed up, and when a backup is due. One row, locked to change.

Whether it is paused is `pause`'s to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.core.kernel.text import line
from quarterdeck.store import fence, log, models, tx

from ..act import Act, need
from ..health import alarms
from ..paging import pause

ALARM = "backup"
# A backup that was begun and of which nothing more was heard (the machine was switched off) is begun anew.
ABANDONED = timedelta(hours=2)


def row() -> models.Installation:
    """The one row. Raises DoesNotExist for a store without one."""
    return models.Installation.objects.get(id=1)


def last_backup(found: models.Installation) -> datetime | None:
    """When the last backup that was proved was made."""
    return parse(found.backup.get("at", ""))


def claim_backup(now: datetime, every: timedelta) -> bool:
    """Whether a backup is due and nobody else makes it. Whoever is told True makes it and tells what came of it."""
    with tx.write():
        found = models.Installation.objects.select_for_update().get(id=1)
        begun, tried = parse(found.backup.get("begun", "")), parse(found.backup.get("tried", ""))
        if begun is not None and now - begun < ABANDONED:
            return False
        if any(at is not None and now - at < every for at in (last_backup(found), tried)):
            return False
        _tell(found, begun=text(now))
        return True


def backed_up(told: Mapping[str, Any], now: datetime) -> None:
    """A backup was made and proved: `place`, `bytes`, `seconds`. Its alarm is cleared."""
    with tx.write("web"):
        found = models.Installation.objects.select_for_update().get(id=1)
        _tell(found, at=text(now), begun="", tried="", error="", **told)
        alarms.clear_alarm(ALARM, "backup", now)


def backup_failed(error: str, now: datetime, every: timedelta) -> None:
    """No backup was made: an alarm stands until one is. The next is tried after a quarter of the interval."""
    with tx.write("web"):
        found = models.Installation.objects.select_for_update().get(id=1)
        _tell(found, begun="", tried=text(now - every * 3 / 4), failed_at=text(now), error=line(error, 500))
        alarms.raise_alarm(ALARM, "backup", f"The last backup failed: {error}", now)


def journal_copy(error: str, now: datetime) -> None:
    """How copying the journal to its second folder goes; an empty error: well."""
    subject = "journal copy"
    standing = models.Alarm.objects.filter(kind=ALARM, subject=subject, cleared_at=None).exists()
    if standing == bool(error):
        return
    with tx.write("web"):
        if error:
            alarms.raise_alarm(
                ALARM, subject, f"The journal is not copied to its second folder: {error}", now
            )
        else:
            alarms.clear_alarm(ALARM, subject, now)


def _tell(found: models.Installation, **more: Any) -> None:
    found.backup = {k: v for k, v in (found.backup | more).items() if v != ""}
    found.save(update_fields=["backup"])


def raise_epoch(act: Act, why: str) -> int:
    """This copy of the store is the one that counts from now on; every other one is refused by nodes that saw this.

    After a restore, and after a standby was promoted. Returns the new epoch.
    """
    need(act, "settings.edit")
    with fence.any_copy(), tx.write("engine", "web"):
        return _raise_epoch(act, why)


def _raise_epoch(act: Act, why: str) -> int:
    fence.alone()
    found = models.Installation.objects.select_for_update().get(id=1)
    epoch = max(found.cluster_epoch, fence.seen(found.installation_id)) + 1
    models.Installation.objects.filter(id=1).update(cluster_epoch=epoch)
    log.audit("EpochRaised", {"epoch": epoch, "reason": line(why, 300)}, at=act.at, actor=act.person)
    fence.remember(found.installation_id, epoch)
    return epoch


def restored(act: Act, told: str) -> None:
    """This store was put back from a backup: it is the one that counts, it is open, and its engine is on hold."""
    need(act, "settings.edit")
    with fence.any_copy(), tx.write("engine", "web"):
        _raise_epoch(act, told)
        models.Installation.objects.filter(id=1).update(moved_to="", moved_at=None)
        log.audit("StoreRestored", {"from": line(told, 300)}, at=act.at, actor=act.person)
        pause.hold_restored(act, told)
