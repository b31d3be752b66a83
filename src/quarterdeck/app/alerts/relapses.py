"""Alerts that begin to fire while an incident watches its recovery: what that means is written into it (R-064).

Runs inside the transaction that opened the alerts, so an alert and the relapse it means are there together;
but no page waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from quarterdeck.core.incidents import relapse
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx

from .. import casebook
from ..act import engine_act
from ..health import alarms
from ..incidents import newer
from .episodes import Episode

ALARM = "relapse"


def look(opened: Iterable[Episode], now: datetime) -> None:
    """Tell the incidents that watch these alerts' services, or whose own alert it was. Silenced alerts tell nothing."""
    firing = [e for e in opened if e.state.status == "open"]
    if not firing:
        return
    watched = _watched(now)
    if not watched:
        return
    keys = _services({e.service_id for e in firing if e.service_id})
    fired = [relapse.Fired(e.id, keys.get(e.service_id or "", ""), e.state.key, e.summary) for e in firing]
    for incident_id in watched:
        try:
            _tell(incident_id, fired, now)
        except newer.Newer as met:
            newer.tell(met, now)
        except (Refused, LookupError, ValueError, TypeError) as e:
            # Whatever is wrong with the record of an incident: who is to be paged about the alert is paged.
            text = f"{incident_id} could not be told that an alert fires while its recovery is watched: {e!r}"
            alarms.raise_alarm(ALARM, incident_id, text, now)


def _tell(incident_id: str, fired: list[relapse.Fired], now: datetime) -> None:
    # Looked at first without a lock: of most alerts an incident hears nothing.
    if relapse.alerts_fired(casebook.load(incident_id).incident, fired, now):
        with tx.write():  # what is half written is taken back alone
            casebook.change_within(
                engine_act(now), incident_id, lambda i, t: relapse.alerts_fired(i, fired, now)
            )


def firing(service: str) -> tuple[str, ...]:
    """The alerts of a service that fire now, in words."""
    if not service:
        return ()
    found = models.Alert.objects.filter(service__key=service, status__in=("open", "acknowledged"))
    return tuple(found.order_by("first_seen_at").values_list("summary", flat=True)[:5])


def _watched(now: datetime) -> list[str]:
    """Incidents whose recovery is watched, and open ones with a check that follows a service."""
    since = now - relapse.WATCH_AFTER
    recovering = Q(phase="monitoring") | Q(phase="resolved", phase_since__gt=since)
    found = set(models.IncidentRow.objects.filter(recovering, drill=False).values_list("id", flat=True))
    bound = models.CheckRow.objects.exclude(service="").exclude(state="failed")
    with_checks = set(bound.values_list("incident_id", flat=True).distinct())
    if with_checks:
        open_ = models.IncidentRow.objects.filter(id__in=with_checks, is_open=True, drill=False)
        found |= set(open_.values_list("id", flat=True))
    return sorted(found)


def _services(ids: set[str]) -> dict[str, str]:
    return dict(models.Service.objects.filter(id__in=ids).values_list("id", "key")) if ids else {}
