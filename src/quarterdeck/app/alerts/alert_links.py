"""Alerts and incidents: linking by hand, and telling an incident when one of its alerts is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import alerts as core
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx

from .. import casebook
from ..act import Act, engine_act
from ..casebook import Case
from ..incidents import newer
from ..visibility import known_to
from .episodes import Episode


@tx.again
def link(act: Act, incident_id: str, alert_id: str) -> Case:
    """Put an alert into an incident. An alert belongs to one incident at a time, whoever asks in the same moment."""
    with tx.write("engine", "web"):
        # The alert first and then the incident, as everywhere.
        alert = models.Alert.objects.select_for_update(of=("self",)).filter(id=alert_id).first()
        if alert is None:
            raise Refused("alert.unknown", "There is no such alert. Reload the list.", kind="missing")
        if alert.incident_id and alert.incident_id != incident_id:
            named = alert.incident_id if known_to(act.who, [alert.incident_id]) else "another incident"
            raise Refused(
                "alert.linked",
                f"This alert belongs to {named}. Unlink it there first.",
                kind="conflict",
            )
        return casebook.change_within(
            act,
            incident_id,
            lambda i, t: core.link_alert(
                i, act.who, alert_id=alert.id, summary=alert.summary, dedup_key=alert.dedup_key
            ),
        )


def unlink(act: Act, incident_id: str, alert_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.unlink_alert(i, act.who, alert_id=alert_id, reason=line(reason, 300)),
    )


def note_resolved(alerts: Sequence[models.Alert | Episode], now: datetime) -> None:
    """Write into the incidents of these alerts that they are over, inside the caller's transaction.

    Each incident is loaded, appended to and brought up to date once, however many of its alerts are over.
    """
    ended: dict[str, list[str]] = {}
    for alert in alerts:
        if alert.incident_id:
            ended.setdefault(alert.incident_id, []).append(alert.id)
    for incident_id in sorted(ended):
        ids = dict.fromkeys(ended[incident_id])
        try:
            casebook.change_within(
                engine_act(now),
                incident_id,
                lambda i, t, ids=ids: [e for a in ids for e in core.alert_resolved(i, ENGINE, alert_id=a)],
            )
        except newer.Newer as met:
            newer.tell(met, now)  # the alert is over whether or not its incident can be told here
