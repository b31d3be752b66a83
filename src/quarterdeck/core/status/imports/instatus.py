"""Instatus (its OpenAPI description, 2.0): `components`, `incidents`, `maintenances`, `subscribers`, each a list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.core.status.words import ComponentState

from .reading import TITLE_LIMIT as TITLE
from .reading import Notes, Record, Unreadable, identity, maybe_moment, minutes, moment, prose, state, words
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
    posts = [p for r in notes.each("incident", document.get("incidents")) for p in _incident(r, notes)]
    posts += [
        p for r in notes.each("maintenance", document.get("maintenances")) for p in _maintenance(r, notes)
    ]
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
    groups = {words(r.get("id"), 100): words(r.get("name")) for r in records}
    found = []
    for n, record in enumerate(records):
        if words(record.get("id"), 100) in parents or record.get("isParent") is True:
            continue
        try:
            name = words(record.get("name"))
            if not name or record.get("archivedAt"):
                raise Unreadable("It is archived there." if name else "It has no name.")
            within = record.get("group")
            group = words(within.get("name")) if isinstance(within, dict) else ""
            group = group or groups.get(words(record.get("groupId"), 100), "")
            order = record.get("order")
            place = order if isinstance(order, int) and 0 <= order <= 10_000 else n
            shown = state(record.get("status"), _STATES)
            found.append(
                FoundComponent(
                    identity(record), name, group, words(record.get("description"), 500), place, shown
                )
            )
        except Unreadable as e:
            notes.add("component", words(record.get("name")), str(e))
    return found


def _incident(record: Record, notes: Notes) -> list[FoundPost]:
    title = words(record.get("name"), TITLE)
    try:
        key, begun = identity(record), maybe_moment(record.get("started"))
        parts = _parts(record.get("components"))
        found: list[FoundPost] = []
        for update in notes.each("update", record.get("updates")):
            found.append(_update(update, key, title, _INCIDENT, begun=begun))
        if not found:
            raise Unreadable("It has no update.")
        found.sort(key=lambda p: p.at)
        if parts:
            # What was affected is told once for the incident; it was so from the first update to the resolution.
            found[0] = _with(found[0], parts)
            if found[-1].status_word == "resolved":
                found[-1] = _with(found[-1], dict.fromkeys(parts, "operational"))
        return found
    except Unreadable as e:
        notes.add("incident", title, str(e))
        return []


def _maintenance(record: Record, notes: Notes) -> list[FoundPost]:
    title = words(record.get("name"), TITLE)
    try:
        key, start = identity(record), moment(record.get("start"), what="start")
        length = minutes(record.get("duration"))
        end = start + length if length else None
        found = [
            _update(update, key, title, _MAINTENANCE, window=(start, end))
            for update in notes.each("update", record.get("updates"))
        ]
        word = _MAINTENANCE.get(words(record.get("status"), 30))
        if word is None:
            raise Unreadable("Its status is none we know.")
        found.sort(key=lambda p: p.at)
        if not found or found[-1].status_word != word:
            at = max(found[-1].at, start) if found else start
            found.append(
                FoundPost(f"{key}-{word}", key, title, word, "", at, {}, "maintenance", None, start, end)
            )
        return found
    except Unreadable as e:
        notes.add("maintenance", title, str(e))
        return []


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
        raise Unreadable("An update of it has a status we do not know.")
    at = maybe_moment(record.get("started")) or moment(record.get("createdAt"), what="update's time")
    body = prose(record.get("message")) or prose(record.get("messageHtml"))
    impact = "maintenance" if known is _MAINTENANCE else ""
    return FoundPost(identity(record), incident, title, word, body, at, {}, impact, begun, *window)


def _with(post: FoundPost, parts: dict[str, ComponentState]) -> FoundPost:
    return FoundPost(
        post.id, post.incident, post.title, post.status_word, post.body, post.at, parts, post.impact, post.started_at,
        post.scheduled_for, post.scheduled_until,
    )  # fmt: skip


def _parts(records: Any) -> dict[str, ComponentState]:
    found: dict[str, ComponentState] = {}
    for record in records if isinstance(records, list) else []:
        if isinstance(record, dict):
            shown, key = _STATES.get(words(record.get("status"), 30)), words(record.get("id"), 100)
            if key and shown and shown != "operational":
                found[key] = shown
    return found


def _subscribers(document: Record, notes: Notes) -> list[FoundSubscriber]:
    found = []
    for record in notes.each("subscriber", document.get("subscribers")):
        ways = [(kind, words(record.get(field), 2000)) for kind, field in _WAYS if record.get(field)]
        if not ways:
            notes.add("subscriber", words(record.get("id")), "It has no address we can write to.")
        elif record.get("confirmed") is False:
            notes.add("subscriber", ways[0][1], "It was never confirmed there.")
        else:
            parts = record.get("components")
            chosen = (
                tuple(words(c, 100) for c in parts)
                if isinstance(parts, list) and not record.get("all")
                else ()
            )
            found += [FoundSubscriber(kind, address, chosen) for kind, address in ways]
    return found
