"""Uptime Kuma: what `/api/status-page/<slug>` answers. It keeps one pinned incident and no history of updates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .found import NAME, Found, FoundComponent, FoundIncident, FoundUpdate, items, moment, prose, text

NAME_OF_IT = "Uptime Kuma"
PARTS = ("publicGroupList", "incident", "maintenanceList", "config")
_IMPACTS = {"info": "none", "primary": "none", "warning": "minor", "danger": "critical"}
_PLANNED = {"scheduled": "scheduled", "under-maintenance": "in_progress", "ended": "completed"}


def read(document: Mapping[str, Any]) -> Found:
    found = Found()
    for group in items(document.get("publicGroupList")):
        for row in items(group.get("monitorList")):
            name = text(row.get("name"), NAME)
            found.component(FoundComponent(text(row.get("id")) or name, name, text(group.get("name"), NAME)))
    if found.components:
        found.note(
            "component", "all", "changes", "Kuma does not tell their states. They begin as operational."
        )
    incident = document.get("incident")
    if isinstance(incident, Mapping):
        at, title = moment(incident.get("createdDate")), text(incident.get("title"))
        body, style = prose(incident.get("content")), _IMPACTS.get(text(incident.get("style")), "")
        posts = (FoundUpdate("0", "investigating", body, at),) if at is not None else ()
        found.incident(
            FoundIncident(f"i{text(incident.get('id'))}", title or "Without a title", posts, style)
        )
    for row in items(document.get("maintenanceList")):
        _maintenance(found, row)
    return found


def _maintenance(found: Found, row: Mapping[str, Any]) -> None:
    title, word = text(row.get("title")), _PLANNED.get(text(row.get("status")))
    slot = next(items(row.get("timeslotList")), {})
    begins, ends = moment(slot.get("startDate")), moment(slot.get("endDate"))
    if word is None or begins is None:
        found.note(
            "maintenance", title, "cannot", "It has no time, comes round again, or is switched off there."
        )
        return
    post = FoundUpdate(
        "0", word, prose(row.get("description")), ends if word == "completed" and ends else begins
    )
    made = FoundIncident(
        f"m{text(row.get('id'))}", title or "Without a title", (post,), "maintenance", True, begins, ends
    )
    found.incident(made)
