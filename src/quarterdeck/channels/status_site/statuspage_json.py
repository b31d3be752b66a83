"""The page as Statuspage's public API v2 serves it, so that existing readers change one address.

Shape after the published API and captures of real pages. Unknown words break readers, so none get out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from quarterdeck.core.status.shapes import ComponentView, GroupView, IncidentView, PageSnapshot, PostView
from quarterdeck.core.status.words import feed_word

from . import told
from .settings import SiteSettings

_DESCRIPTIONS = {
    "none": "All Systems Operational",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
    "maintenance": "Service Under Maintenance",
}
_RECENT = 50
Document = dict[str, Any]


def files(page: PageSnapshot, settings: SiteSettings) -> dict[str, bytes]:
    """Every document of the API by its path below the page's root."""
    shape = _Shape(page, settings)
    incidents, planned = told.incidents(page), told.maintenances(page)
    unresolved = [i for i in incidents if i.is_open]
    coming = [m for m in planned if m.status == "scheduled"]
    running = [m for m in planned if told.is_running(m)]
    status = {"indicator": page.verdict.indicator, "description": _DESCRIPTIONS[page.verdict.indicator]}
    components = shape.components()
    documents: dict[str, Document] = {
        "status": {"status": status},
        "components": {"components": components},
        "incidents": {"incidents": shape.incidents(incidents[:_RECENT])},
        "incidents/unresolved": {"incidents": shape.incidents(unresolved)},
        "scheduled-maintenances": {"scheduled_maintenances": shape.incidents(planned[:_RECENT])},
        "scheduled-maintenances/upcoming": {"scheduled_maintenances": shape.incidents(coming)},
        "scheduled-maintenances/active": {"scheduled_maintenances": shape.incidents(running)},
        "summary": {
            "components": components,
            "incidents": shape.incidents(unresolved),
            "scheduled_maintenances": shape.incidents([*running, *coming]),
            "status": status,
        },
    }
    head = {"page": shape.page()}
    return {f"api/v2/{name}.json": as_json(head | document) for name, document in documents.items()}


def as_json(value: object) -> bytes:
    """JSON that stays inert where a server sends it with the wrong type: no <, > or & in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text.encode("utf-8", "replace")


class _Shape:
    """Turns the parts of one snapshot into the API's objects."""

    def __init__(self, page: PageSnapshot, settings: SiteSettings) -> None:
        self._page = page
        self._settings = settings
        self._changed: dict[str, datetime] = {}
        for post in (post for incident in told.everything(page) for post in incident.posts):
            for affected in post.affected:
                last = self._changed.get(affected.component, post.at)
                self._changed[affected.component] = max(last, post.at)
        self._views = {view.component.id: (view, group) for group in page.groups for view in group.components}
        self._places = {v.component.id: n for g in page.groups for n, v in enumerate(g.components, start=1)}

    def page(self) -> Document:
        return {
            "id": self._page.page.key,
            "name": self._page.page.title,
            "url": self._settings.url.rstrip("/"),
            "time_zone": self._page.page.zone,
            "updated_at": _time(self._page.generated_at),
        }

    def components(self) -> list[Document]:
        """Groups and components in one list, as the API has them, each group before its components."""
        listed: list[Document] = []
        for position, group in enumerate(self._page.groups, start=1):
            if group.name:
                listed.append(self._group(group, position))
            listed += [self._component(view, group) for view in group.components]
        return listed

    def incidents(self, found: Iterable[IncidentView]) -> list[Document]:
        return [self._incident(incident) for incident in found]

    def _component(self, view: ComponentView, group: GroupView) -> Document:
        component = view.component
        return {
            "id": component.id,
            "name": component.name,
            "status": view.state,
            "created_at": _time(self._settings.created_at),
            "updated_at": _time(self._changed.get(component.id, self._settings.created_at)),
            "position": self._places[component.id],
            "description": component.description or None,
            "showcase": True,
            "start_date": None,
            "group_id": self._group_id(group.name) if group.name else None,
            "page_id": self._page.page.key,
            "group": False,
            "only_show_if_degraded": False,
        }

    def _group(self, group: GroupView, position: int) -> Document:
        ids = [view.component.id for view in group.components]
        changed = max(self._changed.get(i, self._settings.created_at) for i in ids)
        return {
            "id": self._group_id(group.name),
            "name": group.name,
            "status": group.state,
            "created_at": _time(self._settings.created_at),
            "updated_at": _time(changed),
            "position": position,
            "description": None,
            "showcase": False,
            "start_date": None,
            "group_id": None,
            "page_id": self._page.page.key,
            "group": True,
            "only_show_if_degraded": False,
            "components": ids,
        }

    def _incident(self, incident: IncidentView) -> Document:
        """An incident, or planned work with its two times; the API has no word for what was cancelled."""
        document = {
            "id": incident.ref,
            "name": incident.title,
            "status": _word(incident.status),
            "created_at": _time(incident.posts[-1].at if incident.posts else incident.started_at),
            "updated_at": _time(incident.updated_at),
            "monitoring_at": _time_or_none(incident.monitoring_at),
            "resolved_at": _time_or_none(incident.resolved_at),
            "impact": incident.impact,
            "shortlink": permalink(self._settings, incident.ref),
            "started_at": _time(told.began(incident)),
            "page_id": self._page.page.key,
            "incident_updates": [_update(incident.ref, post) for post in incident.posts],
            "components": [self._component(*self._views[c]) for c in incident.components if c in self._views],
        }
        if told.is_planned(incident):
            document["scheduled_for"] = _time(told.began(incident))
            document["scheduled_until"] = _time(incident.scheduled_until or told.began(incident))
        return document

    def _group_id(self, name: str) -> str:
        """Groups have no id of their own: one made of page and name stays as long as the name does."""
        return (
            "g" + hashlib.sha256(f"{self._page.page.key}\0{name}".encode("utf-8", "replace")).hexdigest()[:11]
        )


def permalink(settings: SiteSettings, ref: str) -> str:
    """Where an incident or planned work stays for good."""
    return settings.root + told.folder(ref)


def _update(ref: str, post: PostView) -> Document:
    affected = [
        {"code": a.component, "name": a.name, "old_status": a.old, "new_status": a.new} for a in post.affected
    ]
    return {
        "id": post.id,
        "status": _word(post.status),
        "body": post.body,
        "incident_id": ref,
        "created_at": _time(post.at),
        "updated_at": _time(post.at),
        "display_at": _time(post.at),
        "affected_components": affected or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _word(status: str) -> str:
    return "completed" if status == "cancelled" else feed_word(status)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time_or_none(at: datetime | None) -> str | None:
    return None if at is None else _time(at)
