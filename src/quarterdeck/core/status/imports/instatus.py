"""Instatus (its OpenAPI description, 2.0): `components`, `incidents`, `maintenances`, `subscribers`, each a list."""

from __future__ import annotations

from dataclasses import replace
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
    minutes,
    moment,
    name_of,
    place_of,
    prose,
    state,
    words,
)
from .shapes import Found, FoundComponent, FoundPost, FoundSubscriber

_STATES: dict[str, ComponentState] = {
    "OPERATIONAL": "operational", "UNDERMAINTENANCE": "under_maintenance",
    "DEGRADEDPERFORMANCE": "degraded_performance", "PARTIALOUTAGE": "partial_outage", "MINOROUTAGE": "partial_outage",
    "MAJOROUTAGE": "major_outage",
}  # fmt: skip
_INCIDENT = {
    "INVESTIGATING": "investigating", "IDENTIFIED": "identified", "MONITORING": "monitoring", "RESOLVED": "resolved",
}  # fmt: skip
_MAINTENANCE = {
    "NOTSTARTEDYET": "scheduled", "INPROGRESS": "in_progress", "VERIFYING": "verifying", "COMPLETED": "completed",
}  # fmt: skip
_WAYS = (("email", "email"), ("sms", "phone"), ("webhook", "webhook"))


def read(document: Record) -> Found:
    notes = Notes()
    posts = notes.take("incident", document.get("incidents"), lambda _, r: _incident(r, notes))
    posts += notes.take("maintenance", document.get("maintenances"), lambda _, r: _maintenance(r, notes))
    page = document.get("page")
    return Found(
        "instatus",
        words(page.get("name")) if isinstance(page, dict) else "",
        "",
        tuple(_components(document, notes)),
        tuple(posts),
        tuple(_subscribers(document, notes)),
        tuple(notes.cannot),
    )


def _components(document: Record, notes: Notes) -> list[FoundComponent]:
    records = list(notes.each("component", document.get("components")))
    parents = {words(r.get("groupId"), 100) for r in records if r.get("groupId")}
    names = {words(r.get("id"), 100): words(r.get("name")) for r in records}

    def read(n: int, record: Record) -> list[FoundComponent]:
        if words(record.get("id"), 100) in parents or record.get("isParent") is True:
            return []  # a group
        if record.get("archivedAt"):
            raise Unreadable("It is archived there.")
        within = record.get("group")
        group = words(within.get("name")) if isinstance(within, dict) else ""
        group = group or names.get(words(record.get("groupId"), 100), "")
        said, place = words(record.get("description"), 500), place_of(record, "order", n)
        shown = state(record.get("status"), _STATES)
        return [FoundComponent(identity(record), name_of(record), group, said, place, shown)]

    return notes.take("component", records, read)


def _incident(record: Record, notes: Notes) -> list[FoundPost]:
    title, key = words(record.get("name"), TITLE_LIMIT), identity(record)
    begun, parts = maybe_moment(record.get("started")), _parts(record.get("components"))

    def read(_: int, update: Record) -> list[FoundPost]:
        return [_update(update, key, title, _INCIDENT, begun=begun)]

    found = sorted(notes.take("update", record.get("updates"), read, "message"), key=lambda p: p.at)
    if not found:
        raise Unreadable("It has no update that can be read.")
    if parts:
        # What was affected is told once for the incident; it was so from the first update to the resolution.
        found[0] = replace(found[0], components=parts)
        if found[-1].status_word == "resolved":
            found[-1] = replace(found[-1], components=dict.fromkeys(parts, "operational"))
    return found


def _maintenance(record: Record, notes: Notes) -> list[FoundPost]:
    title, key = words(record.get("name"), TITLE_LIMIT), identity(record)
    start, length = moment(record.get("start"), what="start"), minutes(record.get("duration"))
    end = start + length if length else None
    word = _MAINTENANCE.get(words(record.get("status"), 30))
    if word is None:
        raise Unreadable("Its status is none we know.")

    def read(_: int, update: Record) -> list[FoundPost]:
        return [_update(update, key, title, _MAINTENANCE, window=(start, end))]

    found = sorted(notes.take("update", record.get("updates"), read, "message"), key=lambda p: p.at)
    if not found or found[-1].status_word != word:
        at = max(found[-1].at, start) if found else start
        found.append(
            FoundPost(f"{key}-{word}", key, title, word, "", at, {}, "maintenance", None, start, end)
        )
    return found


def _update(
    record: Record,
    incident: str,
    title: str,
    known: dict[str, str],
    *,
    begun: datetime | None = None,
    window: tuple[datetime | None, datetime | None] = (None, None),
) -> FoundPost:
    word = known.get(words(record.get("status"), 30))
    if word is None:
        raise Unreadable("Its status is none we know.")
    at = maybe_moment(record.get("started")) or moment(record.get("createdAt"), what="update's time")
    body = prose(record.get("message")) or prose(record.get("messageHtml"))
    impact = "maintenance" if known is _MAINTENANCE else ""
    return FoundPost(identity(record), incident, title, word, body, at, {}, impact, begun, *window)


def _parts(records: Any) -> dict[str, ComponentState]:
    found: dict[str, ComponentState] = {}
    for record in records if isinstance(records, list) else []:
        if isinstance(record, dict):
            shown, key = _STATES.get(words(record.get("status"), 30)), words(record.get("id"), 100)
            if key and shown and shown != "operational":
                found[key] = shown
    return found


def _subscribers(document: Record, notes: Notes) -> list[FoundSubscriber]:
    def read(_: int, record: Record) -> list[FoundSubscriber]:
        ways = [(kind, words(record.get(field), 2000)) for kind, field in _WAYS if record.get(field)]
        if not ways:
            raise Unreadable("It has no address we can write to.")
        if record.get("confirmed") is False:
            notes.add("subscriber", ways[0][1], "It was never confirmed there.")
            return []
        parts = record.get("components")
        chosen = (
            tuple(words(c, 100) for c in parts) if isinstance(parts, list) and not record.get("all") else ()
        )
        return [FoundSubscriber(kind, address, chosen) for kind, address in ways]

    return notes.take("subscriber", document.get("subscribers"), read, "id")
