"""How long an acknowledgement lasts, where the policy says that it does not last for ever. Inside the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models

from . import notes, snooze_rows
from .act import Act
from .directory import Directory
from .policy_rows import policy_from

_MARK = '"ack_timeout_seconds"'


def limit(alert_ids: Sequence[str], person: str, at: datetime) -> None:
    """Let the answers that were just given to these alerts run out when their policies say so."""
    for alert_id, lasts in _lasts(alert_ids).items():
        snooze_rows.put(snooze_rows.ANSWER, alert_id, at + lasts, at, person=person)


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
    rows = models.Run.objects.filter(alert_id__in=alert_ids, policy__contains=_MARK).order_by("id")
    newest = dict(rows.values_list("alert_id", "policy"))
    found = {alert: policy_from(policy).ack_timeout for alert, policy in newest.items()}
    return {alert: lasts for alert, lasts in found.items() if lasts}
