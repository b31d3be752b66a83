"""The page as Statuspage's public API v2 serves it, field by field, so that existing readers change one address.

Shape after the published API and captures of real pages; unknown words break readers, so none are invented here.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from .model import Component, Group, Incident, Maintenance, PageSnapshot, Update, worst

_DESCRIPTIONS = {
    "none": "All Systems Operational",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
    "maintenance": "Service Under Maintenance",
}
_RECENT = 50


def files(page: PageSnapshot) -> dict[str, bytes]:
    """Every document of the API by its path below the page's root."""
    head = {"page": _page(page)}
    incidents = list(page.incidents)
    maintenances = list(page.maintenances)
    upcoming = [m for m in maintenances if m.is_upcoming]
    active = [m for m in maintenances if m.is_active]
    documents: dict[str, dict[str, Any]] = {
        "status": {**head, "status": status(page)},
        "components": {**head, "components": _components(page)},
        "incidents": {**head, "incidents": [_incident(page, i) for i in incidents[:_RECENT]]},
        "incidents/unresolved": {**head, "incidents": [_incident(page, i) for i in page.open_incidents]},
        "scheduled-maintenances": _planned(page, head, maintenances[:_RECENT]),
        "scheduled-maintenances/upcoming": _planned(page, head, upcoming),
        "scheduled-maintenances/active": _planned(page, head, active),
        "summary": {
            **head,
            "components": _components(page),
            "incidents": [_incident(page, i) for i in page.open_incidents],
            "scheduled_maintenances": [
                _maintenance(page, m) for m in maintenances if m in upcoming or m in active
            ],
            "status": status(page),
        },
    }
    return {f"api/v2/{name}.json": as_json(document) for name, document in documents.items()}


def status(page: PageSnapshot) -> dict[str, str]:
    """The indicator and its English description, as readers of the API expect them."""
    return {"indicator": page.indicator, "description": _DESCRIPTIONS[page.indicator]}


def as_json(value: object) -> bytes:
    """JSON that stays inert where a server sends it with the wrong type: no <, > or & in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text.encode("utf-8", "replace")


def _page(page: PageSnapshot) -> dict[str, str]:
    return {
        "id": page.id,
        "name": page.name,
        "url": page.url.rstrip("/"),
        "time_zone": page.time_zone,
        "updated_at": _time(page.updated_at),
    }


def _components(page: PageSnapshot) -> list[dict[str, Any]]:
    """Groups and components in one list, as the API has them, each group before its components."""
    shown = list(page.components)
    listed: list[tuple[tuple[int, str, int, int, str], dict[str, Any]]] = []
    groups = {group.id: group for group in page.groups}
    for component in shown:
        group = groups.get(component.group_id or "")
        place = (group.position, group.id, 1) if group else (component.position, "", 0)
        listed.append(((*place, component.position, component.id), _component(page, component)))
    for group in page.groups:
        members = [c for c in shown if c.group_id == group.id]
        listed.append(((group.position, group.id, 0, 0, ""), _group(page, group, members)))
    return [entry for _, entry in sorted(listed, key=lambda item: item[0])]


def _component(page: PageSnapshot, component: Component) -> dict[str, Any]:
    return {
        "id": component.id,
        "name": component.name,
        "status": component.status,
        "created_at": _time(component.created_at),
        "updated_at": _time(component.updated_at),
        "position": component.position,
        "description": component.description or None,
        "showcase": component.showcase,
        "start_date": component.start_date.isoformat() if component.start_date else None,
        "group_id": component.group_id,
        "page_id": page.id,
        "group": False,
        "only_show_if_degraded": component.only_show_if_degraded,
    }


def _group(page: PageSnapshot, group: Group, members: list[Component]) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": group.name,
        "status": worst([member.status for member in members]),
        "created_at": _time(group.created_at),
        "updated_at": _time(group.updated_at),
        "position": group.position,
        "description": group.description or None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": page.id,
        "group": True,
        "only_show_if_degraded": False,
        "components": [member.id for member in members],
    }


def _planned(page: PageSnapshot, head: dict[str, Any], found: list[Maintenance]) -> dict[str, Any]:
    return {**head, "scheduled_maintenances": [_maintenance(page, m) for m in found]}


def _incident(page: PageSnapshot, incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "name": incident.name,
        "status": incident.status,
        "created_at": _time(incident.created_at),
        "updated_at": _time(incident.updated_at),
        "monitoring_at": _time_or_none(incident.monitoring_at),
        "resolved_at": _time_or_none(incident.resolved_at),
        "impact": incident.impact,
        "shortlink": permalink(page, incident.id),
        "started_at": _time(incident.started_at),
        "page_id": page.id,
        "incident_updates": [_update(incident.id, update) for update in incident.updates],
        "components": _affected_now(page, incident.component_ids),
    }


def _maintenance(page: PageSnapshot, planned: Maintenance) -> dict[str, Any]:
    return {
        "id": planned.id,
        "name": planned.name,
        "status": planned.status,
        "created_at": _time(planned.created_at),
        "updated_at": _time(planned.updated_at),
        "monitoring_at": None,
        "resolved_at": _time_or_none(planned.completed_at),
        "impact": "maintenance",
        "shortlink": permalink(page, planned.id),
        "started_at": _time(planned.started_at or planned.scheduled_for),
        "page_id": page.id,
        "incident_updates": [_update(planned.id, update) for update in planned.updates],
        "components": _affected_now(page, planned.component_ids),
        "scheduled_for": _time(planned.scheduled_for),
        "scheduled_until": _time(planned.scheduled_until),
    }


def _update(incident_id: str, update: Update) -> dict[str, Any]:
    affected = [
        {"code": a.component_id, "name": a.name, "old_status": a.old_status, "new_status": a.new_status}
        for a in update.affected
    ]
    return {
        "id": update.id,
        "status": update.status,
        "body": update.body,
        "incident_id": incident_id,
        "created_at": _time(update.created_at),
        "updated_at": _time(update.updated_at),
        "display_at": _time(update.at),
        "affected_components": affected or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _affected_now(page: PageSnapshot, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    return [_component(page, c) for c in page.components if c.id in ids]


def permalink(page: PageSnapshot, incident_id: str) -> str:
    """Where an incident or a maintenance stays for good."""
    return f"{page.url.rstrip('/')}/incidents/{incident_id}/"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time_or_none(at: datetime | None) -> str | None:
    return None if at is None else _time(at)
