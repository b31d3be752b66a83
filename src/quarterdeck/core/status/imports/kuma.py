"""Uptime Kuma, what `/api/status-page/<slug>` answers: `config`, `publicGroupList`, `incidents` (or `incident`),
`maintenanceList`. Monitors become components; the checks themselves are not ours. Times have no zone and are UTC.
"""

from __future__ import annotations

from .reading import TITLE_LIMIT as TITLE
from .reading import Notes, Record, Unreadable, identity, maybe_moment, moment, prose, words
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
    posts = [p for r in notes.each("incident", pinned) for p in _incident(r, notes)]
    posts += [
        p for r in notes.each("maintenance", document.get("maintenanceList")) for p in _window(r, notes)
    ]
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
        for record in notes.each("component", group.get("monitorList")):
            try:
                key, name = identity(record), words(record.get("name"))
                if not name:
                    raise Unreadable("It has no name.")
                if key in found:
                    raise Unreadable(f"It is in two groups; it stays in {found[key].group or 'the first'}.")
                found[key] = FoundComponent(key, name, words(group.get("name")), "", len(found))
            except Unreadable as e:
                notes.add("component", words(record.get("name")), str(e))
    return list(found.values())


def _incident(record: Record, notes: Notes) -> list[FoundPost]:
    title = words(record.get("title"), TITLE)
    try:
        key, at = identity(record), moment(record.get("createdDate"), what="time")
        found = [FoundPost(f"i{key}", f"i{key}", title, "investigating", prose(record.get("content")), at)]
        if record.get("active") is False:
            ended = maybe_moment(record.get("lastUpdatedDate")) or at
            found.append(FoundPost(f"i{key}-over", f"i{key}", title, "resolved", "", max(ended, at)))
        return found
    except Unreadable as e:
        notes.add("incident", title, str(e))
        return []


def _window(record: Record, notes: Notes) -> list[FoundPost]:
    title = words(record.get("title"), TITLE)
    try:
        key = f"m{identity(record)}"
        word = _MAINTENANCE.get(words(record.get("status"), 30))
        slots = [s for s in notes.each("maintenance", record.get("timeslotList"))]
        if word is None or not slots:
            raise Unreadable("It has no time of its own." if word else "Its status is none we know.")
        start = moment(slots[0].get("startDate"), what="start")
        end = maybe_moment(slots[0].get("endDate"))
        if len(slots) > 1 or words(record.get("strategy"), 40) not in ("single", "manual"):
            notes.add("maintenance", title, "It repeats: only its next time is taken over.")
        body = prose(record.get("description"))
        return [
            FoundPost(f"{key}-{word}", key, title, word, body, start, {}, "maintenance", None, start, end)
        ]
    except Unreadable as e:
        notes.add("maintenance", title, str(e))
        return []
