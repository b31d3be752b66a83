"""How long an acknowledgement lasts, where the policy says that it does not last for ever. Inside the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models
from quarterdeck.store.database_clock import database_now

from ..act import Act
from ..alerts import notes, snooze_rows
from .directory import Directory, default_policy
from .policy_rows import policy_from, policy_of

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
    if not alert_ids:
        return {}
    runs = models.Run.objects.filter(alert_id__in=alert_ids)
    limited = {r.id: r for r in runs.filter(policy__contains=_MARK).only("id", "alert_id", "policy")}
    found = _never_paged(alert_ids)
    if limited:
        # It may have been passed to a policy without a limit since.
        about = {r.alert_id for r in limited.values()}
        newest = dict(runs.filter(alert_id__in=about).order_by("id").values_list("alert_id", "id"))
        of_run = {run: policy_from(r.policy).ack_timeout for run, r in limited.items()}
        found |= {alert: of_run[run] for alert, run in newest.items() if run in limited}
    return {alert: lasts for alert, lasts in found.items() if lasts}


def _never_paged(alert_ids: Sequence[str]) -> dict[str, timedelta]:
    """As above, of those that were answered before anybody was to be called: by the policy that would have called."""
    policies = models.EscalationPolicy.objects.filter(definition__contains=_MARK)
    lasts = {p.id: policy_from(p.definition).ack_timeout for p in policies}
    if not lasts:
        return {}
    paged = models.Run.objects.filter(alert_id__in=alert_ids).values("alert_id")
    alerts = models.Alert.objects.filter(id__in=alert_ids).exclude(id__in=paged)
    rows = alerts.select_related("service", "integration").only(
        "service", "integration", "service__policy", "integration__policy"
    )
    usual = default_policy()
    found = {alert.id: policy_of(alert) or (usual.id if usual else "") for alert in rows}
    return {alert: lasts[policy] for alert, policy in found.items() if policy in lasts}
