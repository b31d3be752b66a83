"""Open alerts that called nobody because no policy covered them: paged as soon as one does. Never paged twice."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from quarterdeck.store import models, tx

from ..health import alarms
from ..paging.directory import default_policy
from ..paging.escalations import NO_POLICY, start_runs
from . import notes
from .alerts import as_paged

AT_ONCE = 200
REASON = "There was no escalation policy for this alert; now there is one, and paging starts."


def cover(now: datetime) -> int:
    """Start paging for those that a policy covers now; how many. Without such an alarm it costs one look-up."""
    if not _alarms().exists() or not _covered().exists():
        return 0
    with tx.write("engine", "web"):
        # Asked again inside: somebody may have answered. Once they are locked, the alarms are looked at anew: another
        # node that was here meanwhile ended them, which the question that waited for its lock does not see.
        locked = list(_covered().select_for_update(of=("self",)).order_by("id")[:AT_ONCE])
        standing = set(_alarms().filter(subject__in=[a.id for a in locked]).values_list("subject", flat=True))
        found = [a for a in locked if a.id in standing]
        for alert in found:
            alarms.clear_alarm(NO_POLICY, alert.id, now)
        notes.write([(a.id, now, "paging", "", REASON) for a in found])
        start_runs([as_paged(a) for a in found], now)
    return len(found)


def _alarms() -> QuerySet[models.Alarm]:
    return models.Alarm.objects.filter(kind=NO_POLICY, cleared_at=None)


def _covered() -> QuerySet[models.Alert]:
    standing = _alarms().values("subject")
    rows = models.Alert.objects.filter(id__in=standing, status="open").select_related(
        "service", "integration"
    )
    if default_policy() is None:
        rows = rows.exclude(service__policy=None, integration__policy=None)
    return rows
