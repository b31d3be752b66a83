"""Uptime Kuma, what `/api/status-page/<slug>` answers: `config`, `publicGroupList`, `incidents` (or `incident`),
`maintenanceList`. Monitors become components; the checks themselves are not ours. Times have no zone and are UTC.
"""

from __future__ import annotations

from .reading import (
    TITLE_LIMIT,
    Notes,
    Record,
    Unreadable,
    identity,
    maybe_moment,
    moment,
    name_of,
    prose,
    words,
)
from .shapes import Found, FoundComponent, FoundPost

_MAINTENANCE = {
    "scheduled": "scheduled", "under-maintenance": "in_progress", "ended": "completed", "inactive": "cancelled",
}  # fmt: skip


def read(document: Record) -> Found:
    notes = Notes()
    config = document.get("config")
    pinned = document.get("incidents")
    if pinned is None and document.get("incident") is not None:
        pinned = [document["incident"]]
    posts = notes.take("incident", pinned, lambda _, r: _incident(r), "title")
    posts += notes.take(
        "maintenance", document.get("maintenanceList"), lambda _, r: _window(r, notes), "title"
    )
    return Found(
        "kuma",
        words(config.get("title")) if isinstance(config, dict) else "",
        "",
        tuple(_components(document, notes)),
        tuple(posts),
        (),
        tuple(notes.cannot),
    )


def _components(document: Record, notes: Notes) -> list[FoundComponent]:
    found: dict[str, FoundComponent] = {}
    for group in notes.each("group", document.get("publicGroupList")):

        def read(_: int, record: Record, group: str = words(group.get("name"))) -> list[FoundComponent]:
            key = identity(record)
            if key in found:
                raise Unreadable(f"It is in two groups; it stays in {found[key].group or 'the first'}.")
            found[key] = FoundComponent(key, name_of(record), group, "", len(found))
            return []

        notes.take("component", group.get("monitorList"), read)
    return list(found.values())


def _incident(record: Record) -> list[FoundPost]:
    title, key = words(record.get("title"), TITLE_LIMIT), f"i{identity(record)}"
    at = moment(record.get("createdDate"), what="time")
    found = [FoundPost(key, key, title, "investigating", prose(record.get("content")), at)]
    if record.get("active") is False:
        ended = maybe_moment(record.get("lastUpdatedDate")) or at
        found.append(FoundPost(f"{key}-over", key, title, "resolved", "", max(ended, at)))
    return found


def _window(record: Record, notes: Notes) -> list[FoundPost]:
    title, key = words(record.get("title"), TITLE_LIMIT), f"m{identity(record)}"
    word = _MAINTENANCE.get(words(record.get("status"), 30))
    slots = list(notes.each("maintenance", record.get("timeslotList")))
    if word is None or not slots:
        raise Unreadable("It has no time of its own." if word else "Its status is none we know.")
    start, end = moment(slots[0].get("startDate"), what="start"), maybe_moment(slots[0].get("endDate"))
    if len(slots) > 1 or words(record.get("strategy"), 40) not in ("single", "manual"):
        notes.add("maintenance", title, "It repeats: only its next time is taken over.")
    body = prose(record.get("description"))
    return [FoundPost(f"{key}-{word}", key, title, word, body, start, {}, "maintenance", None, start, end)]
