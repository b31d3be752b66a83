"""Atlassian Statuspage, API v1 (developer.statuspage.io): page, components, component_groups, incidents, subscribers.

The document is one object with these keys, each as its address answers. The public v2 answers (`summary.json`,
`incidents.json`) have the same records and are read too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.core.status.words import ComponentState

from .reading import (
    TITLE_LIMIT,
    Notes,
    Record,
    Unreadable,
    identity,
    maybe_moment,
    moment,
    name_of,
    place_of,
    prose,
    state,
    words,
)
from .shapes import Found, FoundComponent, FoundPost, FoundSubscriber

_WORDS = {
    "investigating", "identified", "monitoring", "resolved", "postmortem",
    "scheduled", "in_progress", "verifying", "completed",
}  # fmt: skip
_IMPACTS = {"none", "minor", "major", "critical", "maintenance"}
_ADDRESS = {"email": "email", "sms": "phone_number", "webhook": "endpoint"}


def read(document: Record) -> Found:
    notes = Notes()
    page = document.get("page")
    page = page if isinstance(page, dict) else {}
    posts = notes.take("incident", document.get("incidents"), lambda _, r: _incident(r, notes))
    posts += notes.take(
        "maintenance", document.get("scheduled_maintenances"), lambda _, r: _incident(r, notes)
    )
    return Found(
        "statuspage",
        words(page.get("name")),
        words(page.get("time_zone"), 60),
        tuple(_components(document, notes)),
        tuple(posts),
        tuple(_subscribers(document, notes)),
        tuple(notes.cannot),
    )


def _components(document: Record, notes: Notes) -> list[FoundComponent]:
    groups = [*notes.each("group", document.get("component_groups"))]
    # In the public answers a group stands among the components.
    groups += [r for r in notes.each("component", document.get("components")) if r.get("group") is True]
    names = {words(g.get("id"), 100): words(g.get("name")) for g in groups}

    def read(n: int, record: Record) -> list[FoundComponent]:
        if record.get("group") is True:
            return []
        group, said = names.get(words(record.get("group_id"), 100), ""), words(record.get("description"), 500)
        shown = state(record.get("status") or "operational", {})
        place = place_of(record, "position", n)
        return [FoundComponent(identity(record), name_of(record), group, said, place, shown)]

    return notes.take("component", document.get("components"), read)


def _incident(record: Record, notes: Notes) -> list[FoundPost]:
    title, key = words(record.get("name"), TITLE_LIMIT), identity(record)
    impact = words(record.get("impact_override") or record.get("impact"), 20)
    begun = maybe_moment(record.get("started_at"))
    window = (maybe_moment(record.get("scheduled_for")), maybe_moment(record.get("scheduled_until")))

    def read(_: int, update: Record) -> list[FoundPost]:
        return [_update(update, key, title, impact, begun, window)]

    found = notes.take("update", record.get("incident_updates"), read, "body")
    if not found:
        raise Unreadable("It has no update that can be read.")
    return sorted(found, key=lambda p: p.at)


def _update(
    record: Record,
    incident: str,
    title: str,
    impact: str,
    begun: datetime | None,
    window: tuple[datetime | None, datetime | None],
) -> FoundPost:
    word = words(record.get("status"), 30)
    if word not in _WORDS:
        raise Unreadable(f"Its status {word!r} is none we know.")
    at = maybe_moment(record.get("display_at")) or moment(record.get("created_at"), what="time")
    return FoundPost(
        identity(record),
        incident,
        title,
        word,
        prose(record.get("body")),
        at,
        _affected(record.get("affected_components")),
        impact if impact in _IMPACTS else "",
        begun,
        *window,
    )


def _affected(records: Any) -> dict[str, ComponentState]:
    found: dict[str, ComponentState] = {}
    for record in records if isinstance(records, list) else []:
        if isinstance(record, dict) and record.get("code"):
            try:
                found[words(record["code"], 100)] = state(record.get("new_status"), {})
            except Unreadable:
                continue  # the text of the update still says it
    return found


def _subscribers(document: Record, notes: Notes) -> list[FoundSubscriber]:
    def read(_: int, record: Record) -> list[FoundSubscriber]:
        mode = words(record.get("mode"), 20)
        if mode not in _ADDRESS:
            raise Unreadable(f"Telling people by {mode or 'nothing'} is not taken over.")
        address = words(record.get(_ADDRESS[mode]), 2000)
        if not address:
            raise Unreadable("It has no address.")
        why = "It was quarantined there: messages came back." if record.get("quarantined_at") else ""
        if mode == "sms" and not address.startswith("+"):
            why = "Its number has no country's code: it must begin with +."
        if why:
            notes.add("subscriber", address, why)
            return []
        parts = record.get("components")
        chosen = tuple(words(c, 100) for c in parts) if isinstance(parts, list) else ()
        return [FoundSubscriber(mode, address, chosen)]

    return notes.take("subscriber", document.get("subscribers"), read, "mode")
