"""Cachet 2: `components`, `groups`, `incidents` (each with its `updates`), `schedules` of its API, in one object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .found import (
    MOST_UPDATES,
    NAME,
    Found,
    FoundComponent,
    FoundIncident,
    FoundUpdate,
    items,
    moment,
    prose,
    state,
    text,
)

NAME_OF_IT = "Cachet"
PARTS = ("components", "groups", "incidents", "schedules", "subscribers")
_STATES = {"1": "operational", "2": "degraded_performance", "3": "partial_outage", "4": "major_outage"}
_WORDS = {"1": "investigating", "2": "identified", "3": "monitoring", "4": "resolved"}
_PLANNED = {"0": "scheduled", "1": "in_progress", "2": "completed"}


def read(document: Mapping[str, Any]) -> Found:
    found = Found()
    groups = {text(g.get("id")): text(g.get("name"), NAME) for g in items(document.get("groups"))}
    for row in items(document.get("components")):
        name, spoken = text(row.get("name"), NAME), state(row.get("status"), _STATES)
        if not spoken:
            found.note("component", name, "changes", "Its state is not known here. It begins as operational.")
        group, told = groups.get(text(row.get("group_id")), ""), text(row.get("description"), 500)
        found.component(
            FoundComponent(text(row.get("id")) or name, name, group, told, spoken or "operational")
        )
    for row in items(document.get("incidents")):
        _incident(found, row)
    for row in items(document.get("schedules")):
        _schedule(found, row)
    return found


def _incident(found: Found, row: Mapping[str, Any]) -> None:
    """Its own message is the first update. Status 0 is a maintenance of old versions."""
    title, number = text(row.get("name")), text(row.get("status"))
    if row.get("visible") in (0, False, "0"):
        found.note(
            "incident", title, "cannot", "It is hidden there, and a page here shows all that is posted on it."
        )
        return
    if number == "0":
        _schedule(found, row)
        return
    told = list(items(row.get("updates")))[:MOST_UPDATES]
    first = {"id": "0", "status": 1 if told else row.get("status"), "message": row.get("message")}
    first["created_at"] = row.get("occurred_at") or row.get("created_at")
    updates: list[FoundUpdate] = []
    for u in [first, *told]:
        word, at = _WORDS.get(text(u.get("status"))), moment(u.get("created_at"))
        if at is None or word is None:
            found.note(
                "update", title, "cannot", "An update has no time, or a status that is not known here."
            )
            continue
        hit, said = text(row.get("component_id")), state(row.get("component_status"), _STATES)
        states = {hit: said} if hit not in ("", "0") and said and u is first else {}
        updates.append(FoundUpdate(text(u.get("id")), word, prose(u.get("message")), at, states))
    updates.sort(key=lambda u: u.at)
    found.incident(FoundIncident(f"i{text(row.get('id'))}", title or "Without a title", tuple(updates)))


def _schedule(found: Found, row: Mapping[str, Any]) -> None:
    title, begins = text(row.get("name")), moment(row.get("scheduled_at"))
    made, ended = moment(row.get("created_at")) or begins, moment(row.get("completed_at"))
    body, updates = prose(row.get("message")), []
    if made is not None:
        updates.append(FoundUpdate("planned", "scheduled", body, made))
    if ended is not None and made is not None:
        updates.append(FoundUpdate("ended", "completed", "", max(ended, made)))
    elif made is not None and _PLANNED.get(text(row.get("status"))) == "completed":
        found.note("maintenance", title, "cannot", "It is completed, but nothing says when.")
        return
    found.incident(
        FoundIncident(
            f"s{text(row.get('id'))}",
            title or "Without a title",
            tuple(updates),
            "maintenance",
            True,
            begins,
            ended,
        )
    )
