"""Which alerts belong to an incident. Knows them by id only; their life is elsewhere."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import bad

from .authority import act
from .events import AlertLinked, AlertResolved, AlertUnlinked, Event
from .guards import filled, not_ended
from .state import Incident


def link_alert(
    incident: Incident, by: Who, *, alert_id: str, summary: str = "", dedup_key: str = ""
) -> list[Event]:
    not_ended(incident)
    act(incident, by)
    if not alert_id:
        raise bad("alert.missing", "Say which alert belongs to the incident.")
    return [] if alert_id in incident.alerts else [AlertLinked(alert_id, summary, dedup_key)]


def alert_resolved(incident: Incident, by: Who, *, alert_id: str) -> list[Event]:
    """A linked alert has recovered. [] when it is not linked or was recorded before."""
    link = incident.alerts.get(alert_id)
    if incident.has_ended or link is None or link.resolved_at:
        return []
    act(incident, by)
    return [AlertResolved(alert_id, link.summary)]


def unlink_alert(incident: Incident, by: Who, *, alert_id: str, reason: str) -> list[Event]:
    """It belongs elsewhere. The link stays on the timeline."""
    not_ended(incident)
    act(incident, by)
    link = incident.alerts.get(alert_id)
    if link is None:
        return []
    return [
        AlertUnlinked(alert_id, link.summary, filled(reason, "reason", "Say why it does not belong here."))
    ]
