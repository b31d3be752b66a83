"""How long an acknowledgement lasts, where the policy says that it does not last for ever. Inside the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models
from quarterdeck.store.database_clock import database_now

from . import notes, snooze_rows
from .act import Act
from .directory import Directory
from .policy_rows import policy_from

_MARK = '"ack_timeout_seconds"'


def limit(alert_ids: Sequence[str], person: str, at: datetime) -> None:
    """Let the answers that were just given to these alerts run out when their policies say so, by the clock that all
    nodes share.
    """
    lasts = _lasts(alert_ids)
    if lasts:
        now = database_now(at)
        until = {alert_id: now + length for alert_id, length in lasts.items()}
        snooze_rows.put_all(snooze_rows.ANSWER, until, now, person=person)


def again(alert: models.Alert, act: Act) -> models.Alert:
    """Somebody answers what is answered already: whatever would have paged again begins anew, or is over."""
    standing = snooze_rows.standing([alert.id]).get(alert.id)
    if standing is None:
        return alert
    snooze_rows.end([alert.id], act.at, act.person)
    limit([alert.id], act.person, act.at)
    lasts = _lasts([alert.id]).get(alert.id)
    more = f" Paging starts again in {spoken(lasts)} unless it ends." if lasts else ""
    said = "takes it on" if standing.kind == snooze_rows.SNOOZE else "goes on with it"
    alert.acknowledged_by = act.person
    alert.reason = f"Acknowledged: {Directory(act.at).name(act.person)} {said}.{more}"
    alert.version += 1
    alert.save(update_fields=["acknowledged_by", "reason", "version"])
    notes.write([(alert.id, act.at, "acknowledged", act.person, alert.reason)])
    return alert


def _lasts(alert_ids: Sequence[str]) -> dict[str, timedelta]:
    """Alert → how long its newest policy lets an answer last, of those whose policy limits it."""
    runs = models.Run.objects.filter(alert_id__in=alert_ids)
    limited = {r.id: r for r in runs.filter(policy__contains=_MARK).only("id", "alert_id", "policy")}
    if not limited:
        return {}
    # It may have been passed to a policy without a limit since.
    about = {r.alert_id for r in limited.values()}
    newest = dict(runs.filter(alert_id__in=about).order_by("id").values_list("alert_id", "id"))
    found = {
        alert: policy_from(limited[run].policy).ack_timeout for alert, run in newest.items() if run in limited
    }
    return {alert: lasts for alert, lasts in found.items() if lasts}
