"""A silence or a maintenance takes hold at once: what it matches and nobody has answered yet stops paging."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from quarterdeck.core.alerts.silence import Maintenance, Muted, Silence, muted
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx

from ..paging.escalations import stop_paging
from . import notes

# How many alerts one transaction looks at.
PART = 200


def mute(silence: Silence | Maintenance, now: datetime) -> int:
    """Silence what is open, matches and is not acknowledged, and stop paging for it, a part at a time."""
    count, after = 0, ""
    open_ = models.Alert.objects.filter(status="open").select_related("service").order_by("id")
    while rows := list(open_.filter(id__gt=after)[:PART]):
        after = rows[-1].id
        wanted = [a.id for a in rows if _mutes(silence, a, now)]
        if wanted:
            with tx.write("engine", "web"):
                count += _mute(silence, wanted, now)
    return count


def _mutes(silence: Silence | Maintenance, alert: models.Alert, now: datetime) -> Muted | None:
    facts = {"severity": alert.severity, **alert.labels}
    service = alert.service.key if alert.service else ""
    work = [silence] if isinstance(silence, Maintenance) else []
    silences = [] if isinstance(silence, Maintenance) else [silence]
    critical = alert.severity == "critical"
    return muted(facts, service, now, silences, work, critical=critical, severity=alert.severity)


def _mute(silence: Silence | Maintenance, ids: Sequence[str], now: datetime) -> int:
    rows = models.Alert.objects.select_for_update(of=("self",)).select_related("service")
    still = [
        (a.id, why)
        for a in rows.filter(id__in=ids, status="open").order_by("id")
        if (why := _mutes(silence, a, now))
    ]
    for alert_id, why in still:
        models.Alert.objects.filter(id=alert_id).update(
            status="silenced", reason=line(why.reason, 500), version=F("version") + 1
        )
    notes.write([(alert_id, now, "silenced", "", line(why.reason, 600)) for alert_id, why in still])
    stop_paging([alert_id for alert_id, _ in still], now, "The alert was silenced.")
    return len(still)
