"""What the engine, which alone holds its password, found when it last asked the mail server. Sends no mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

KIND = "mail-server"
EVERY = timedelta(minutes=5)
# An answer older than this says nothing any more.
FRESH = timedelta(minutes=15)


def keep(why: str, where: str, now: datetime) -> None:
    """Remember the last answer alone. `why` is empty when the server took our login."""
    text = f"{where}: {why}" if why else f"The mail server {where} answers."
    with tx.write("web"):
        models.ProbeRun.objects.filter(kind=KIND).delete()
        models.ProbeRun.objects.create(
            id=new_id(), kind=KIND, started_at=now, ended_at=now, well=not why, text=line(text, 300)
        )


def newest(now: datetime) -> models.ProbeRun | None:
    """The last answer, while it is fresh."""
    rows = models.ProbeRun.objects.filter(kind=KIND, started_at__gt=now - FRESH)
    return rows.order_by("-started_at").first()
