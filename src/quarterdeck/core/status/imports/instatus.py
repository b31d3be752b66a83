"""Instatus: `components`, `incidents` and `maintenances` of its API, in one object. Its words are in capitals."""

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

NAME_OF_IT = "Instatus"
PARTS = ("components", "incidents", "maintenances", "subscribers")
_STATES = {
    "OPERATIONAL": "operational", "UNDERMAINTENANCE": "under_maintenance", "MINOROUTAGE": "partial_outage",
    "DEGRADEDPERFORMANCE": "degraded_performance", "PARTIALOUTAGE": "partial_outage", "MAJOROUTAGE": "major_outage",
}  # fmt: skip
_WORDS = {
    "INVESTIGATING": "investigating", "IDENTIFIED": "identified", "MONITORING": "monitoring", "RESOLVED": "resolved",
}  # fmt: skip
_PLANNED = {
    "NOTSTARTEDYET": "scheduled", "INPROGRESS": "in_progress", "VERIFYING": "verifying", "COMPLETED": "completed",
}  # fmt: skip


def read(document: Mapping[str, Any]) -> Found:
    found = Found()
    for row in items(document.get("components")):
        name, spoken = text(row.get("name"), NAME), state(row.get("status"), _STATES)
        if not spoken:
            found.note("component", name, "changes", "Its state is not known here. It begins as operational.")
        group = row.get("group")
        inside = text(group.get("name"), NAME) if isinstance(group, Mapping) else text(group, NAME)
        told = text(row.get("description"), 500)
        found.component(
            FoundComponent(text(row.get("id")) or name, name, inside, told, spoken or "operational")
        )
    for row in items(document.get("incidents")):
        _incident(found, row, _WORDS, planned=False)
    for row in items(document.get("maintenances")):
        _incident(found, row, _PLANNED, planned=True)
    return found


def _incident(found: Found, row: Mapping[str, Any], words: Mapping[str, str], *, planned: bool) -> None:
    title = text(row.get("name"))
    states = {
        text(c.get("id")): said
        for c in items(row.get("components"))
        if (said := state(c.get("status"), _STATES)) and text(c.get("id"))
    }
    updates: list[FoundUpdate] = []
    for n, u in enumerate(items(row.get("updates"))):
        word = words.get(text(u.get("status"), 30).upper())
        at = moment(u.get("started")) or moment(u.get("createdAt"))
        body = prose(u.get("message") or u.get("messageHtml"))
        if at is None or word is None:
            found.note(
                "update", title, "cannot", "An update has no time, or a status that is not known here."
            )
        elif n < MOST_UPDATES:
            updates.append(FoundUpdate(text(u.get("id")) or f"{n}", word, body, at))
    updates.sort(key=lambda u: u.at)
    if updates and states:
        first = updates[0]
        updates[0] = FoundUpdate(first.source, first.word, first.body, first.at, states)
    begins, ends = moment(row.get("start")) or moment(row.get("started")), moment(row.get("resolved"))
    found.incident(
        FoundIncident(
            text(row.get("id")) or title, title or "Without a title", tuple(updates),
            "maintenance" if planned else "", planned, begins if planned else None, ends if planned else None,
        )
    )  # fmt: skip
