"""The alerts of an incident: which there are, putting one in, taking one out."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from quarterdeck.app.alerts import alert_links as acts
from quarterdeck.app.casebook import Case, load
from quarterdeck.core.incidents.drill import SIMULATED

from .doors import Request
from .fields import Asked, Id, IncidentId, Moment, Read, Text
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Incidents", "/incidents/{incident}/alerts")


class AlertLink(Read):
    """`href` leads to the alert; "" for one that a drill made up."""

    alert: str
    href: str
    dedup_key: str
    summary: str
    linked_at: Moment
    resolved_at: Moment | None


class UnlinkAsked(Asked):
    reason: Annotated[str, Text(300, least=1)]


@NOUN.get("", "incident.read", Page[AlertLink])
def list_incident_alerts(request: Request, incident: IncidentId) -> Page[AlertLink]:
    """The alerts this incident grew out of or took in."""
    return whole(_told(load(incident, request.act.who)))


@NOUN.put("/{alert}", "incident.act", Page[AlertLink])
def link_alert(request: Request, incident: IncidentId, alert: Id) -> Page[AlertLink]:
    """Put an alert into the incident."""
    return whole(_told(acts.link(request.act, incident, alert)))


@NOUN.delete("/{alert}", "incident.act", Page[AlertLink])
def unlink_alert(
    request: Request, incident: IncidentId, alert: Id, asked: Query[UnlinkAsked]
) -> Page[AlertLink]:
    """Take an alert out, with the reason."""
    return whole(_told(acts.unlink(request.act, incident, alert, asked.reason)))


def _told(case: Case) -> list[AlertLink]:
    return [
        AlertLink(
            alert=link.alert_id,
            href="" if link.alert_id.startswith(SIMULATED) else f"/api/v1/alerts/{link.alert_id}",
            dedup_key=link.dedup_key,
            summary=link.summary,
            linked_at=link.linked_at,
            resolved_at=link.resolved_at,
        )
        for link in case.incident.alerts.values()
    ]
