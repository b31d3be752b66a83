"""Statuspage: the arrays of its management API (v1) or the documents of its public one (v2), in one JSON object."""

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

NAME_OF_IT = "Statuspage"
PARTS = ("components", "incidents", "scheduled_maintenances", "component_groups", "subscribers")
_WORDS = {"investigating", "identified", "monitoring", "resolved", "postmortem"}
_PLANNED = {"scheduled", "in_progress", "verifying", "completed"}
_IMPACTS = {"none", "minor", "major", "critical", "maintenance"}


def read(document: Mapping[str, Any]) -> Found:
    found = Found()
    groups = {text(g.get("id")): text(g.get("name"), NAME) for g in items(document.get("component_groups"))}
    rows = list(items(document.get("components")))
    groups |= {text(c.get("id")): text(c.get("name"), NAME) for c in rows if c.get("group") is True}
    for row in rows:
        if row.get("group") is not True:
            _component(found, row, groups)
    for row in items(document.get("incidents")):
        _incident(found, row, planned=text(row.get("status")) in _PLANNED)
    for row in items(document.get("scheduled_maintenances")):
        _incident(found, row, planned=True)
    return found


def _component(found: Found, row: Mapping[str, Any], groups: Mapping[str, str]) -> None:
    name, spoken = text(row.get("name"), NAME), state(row.get("status"), {})
    if not spoken:
        found.note("component", name, "changes", "Its state is not known here. It begins as operational.")
    group = groups.get(text(row.get("group_id")), "")
    description = text(row.get("description"), 500)
    made = FoundComponent(text(row.get("id")) or name, name, group, description, spoken or "operational")
    found.component(made)


def _incident(found: Found, row: Mapping[str, Any], *, planned: bool) -> None:
    title, known = text(row.get("name")), _PLANNED if planned else _WORDS
    updates: list[FoundUpdate] = []
    for n, u in enumerate(items(row.get("incident_updates"))):
        word, at = text(u.get("status"), 30), moment(u.get("display_at")) or moment(u.get("created_at"))
        if at is None or word not in known:
            found.note(
                "update",
                title,
                "cannot",
                f"An update says {word or 'nothing'} at no time, or is not known here.",
            )
        elif n < MOST_UPDATES:
            updates.append(
                FoundUpdate(text(u.get("id")) or f"{n}", word, prose(u.get("body")), at, _states(u))
            )
    updates.sort(key=lambda u: u.at)
    impact = text(row.get("impact"), 20)
    found.incident(
        FoundIncident(
            text(row.get("id")) or title, title or "Without a title", tuple(updates),
            impact if impact in _IMPACTS else "", planned,
            moment(row.get("scheduled_for")), moment(row.get("scheduled_until")),
        )
    )  # fmt: skip


def _states(update: Mapping[str, Any]) -> dict[str, str]:
    rows = [
        (text(a.get("code")), state(a.get("new_status"), {}))
        for a in items(update.get("affected_components"))
    ]
    return {code: said for code, said in rows if code and said}
