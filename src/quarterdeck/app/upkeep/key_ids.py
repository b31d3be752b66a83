"""Which keys this installation has worked with: new ones that replaced known ones are noted, strange ones an alarm.

Strange are the keys of a file that was made anew because the old one was lost, and those of a second machine that was
not given the file of the first. Both page as before; what was signed or sealed with the lost keys opens no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import log, models, tx

from ..act import Act, need
from ..health import alarms

KIND = "keys"
STRANGE = (
    "{host} works with keys this installation does not know: secrets.json was lost or is that of another machine. "
    "People are paged all the same. Links in messages sent before do not open, everybody signs in again, and codes of "
    "second factors are refused (passkeys work). Put the old secrets.json back and restart; where there is none: "
    "quarterdeck keys accept"
)


def watch(now: datetime, host: str, ids: Sequence[str]) -> None:
    """Compare the ids of the keys held here, the present one first, with those known. Cheap when nothing changed."""
    if not ids:
        return
    subject = f"keys of {host}"[:100]
    known = list(models.Installation.objects.get(id=1).key_ids)
    standing = models.Alarm.objects.filter(kind=KIND, subject=subject, cleared_at=None).exists()
    if ids[0] in known and not standing:
        return
    with tx.write("web"):
        found = models.Installation.objects.select_for_update().get(id=1)
        if ids[0] in found.key_ids:
            alarms.clear_alarm(KIND, subject, now)
        elif not found.key_ids:
            _remember(found, ids[0])
        elif set(ids[1:]) & set(found.key_ids):
            _remember(found, ids[0])
            log.audit("KeysRotated", {"key": ids[0], "before": ids[1]}, at=now, actor="")
        else:
            alarms.raise_alarm(KIND, subject, STRANGE.format(host=host), now)


def accept(act: Act, ids: Sequence[str]) -> None:
    """These keys are the installation's from now on; whatever the lost ones signed is given up."""
    need(act, "settings.edit")
    with tx.write("engine", "web"):
        found = models.Installation.objects.select_for_update().get(id=1)
        if ids[0] in found.key_ids:
            raise Refused(
                "keys.known", "This installation knows these keys: nothing to accept.", kind="conflict"
            )
        _remember(found, ids[0])
        log.audit("KeysAccepted", {"key": ids[0]}, at=act.at, actor=act.person)


def _remember(found: models.Installation, key_id: str) -> None:
    found.key_ids = [*found.key_ids, key_id]
    found.save(update_fields=["key_ids"])
