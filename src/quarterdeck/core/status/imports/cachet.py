"""Cachet 2, API v1: `components`, `groups` (components/groups), `incidents` with `updates`, `schedules`, `subscribers`.

Each is the list under "data", or the whole answer. Numbers are the product's (its models): a component 1 operational,
2 performance issues, 3 partial, 4 major; an incident 0 scheduled, 1 investigating, 2 identified, 3 watching, 4 fixed;
a schedule 0 upcoming, 1 in progress, 2 complete. Times have no zone and are taken as UTC.
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
    prose,
    state,
    words,
)
from .shapes import Found, FoundComponent, FoundPost, FoundSubscriber

_STATES: dict[str, ComponentState] = {
    "1": "operational", "2": "degraded_performance", "3": "partial_outage", "4": "major_outage",
}  # fmt: skip
_INCIDENT = {"0": "scheduled", "1": "investigating", "2": "identified", "3": "monitoring", "4": "resolved"}
_SCHEDULE = {"0": "scheduled", "1": "in_progress", "2": "completed"}


def read(document: Record) -> Found:
    notes = Notes()
    posts = notes.take("incident", _list(document, "incidents"), lambda _, r: _incident(r, notes))
    posts += notes.take("maintenance", _list(document, "schedules"), lambda _, r: _schedule(r))
    return Found(
        "cachet",
        words(document.get("title")),
        "",
        tuple(_components(document, notes)),
        tuple(posts),
        tuple(_subscribers(document, notes)),
        tuple(notes.cannot),
    )


def _list(document: Record, key: str) -> Any:
    """Either the list or the answer around it."""
    found = document.get(key)
    return found.get("data") if isinstance(found, dict) and "data" in found else found


def _components(document: Record, notes: Notes) -> list[FoundComponent]:
    groups = {
        words(g.get("id"), 100): words(g.get("name")) for g in notes.each("group", _list(document, "groups"))
    }

    def read(n: int, record: Record) -> list[FoundComponent]:
        if record.get("enabled") is False:
            raise Unreadable("It is switched off there.")
        group, said = (
            groups.get(words(record.get("group_id"), 100), ""),
            words(record.get("description"), 500),
        )
        return [
            FoundComponent(
                identity(record), name_of(record), group, said, n, state(record.get("status"), _STATES)
            )
        ]

    return notes.take("component", _list(document, "components"), read)


def _incident(record: Record, notes: Notes) -> list[FoundPost]:
    title = words(record.get("name"), TITLE_LIMIT)
    if record.get("visible") in (0, False):
        raise Unreadable("It was hidden there.")
    key, said = identity(record), _INCIDENT.get(words(record.get("status"), 10))
    if said is None:
        raise Unreadable(f"Its status {words(record.get('status'), 20)!r} is none we know.")
    at = maybe_moment(record.get("occurred_at")) or moment(record.get("created_at"), what="time")
    updates = notes.take("update", _updates(record), lambda _, r: [_update(r, key, title)], "message")
    # The incident's own status is the newest: what its first words had was not kept there.
    first = "investigating" if updates and said != "scheduled" else said
    return [FoundPost(key, key, title, first, prose(record.get("message")), at, _part(record)), *updates]


def _updates(record: Record) -> Any:
    found = record.get("updates")
    return found.get("data") if isinstance(found, dict) else found


def _update(record: Record, incident: str, title: str) -> FoundPost:
    word = _INCIDENT.get(words(record.get("status"), 10))
    if word is None:
        raise Unreadable("Its status is none we know.")
    at = moment(record.get("created_at"), what="update's time")
    return FoundPost(
        f"{incident}-{identity(record)}", incident, title, word, prose(record.get("message")), at
    )


def _part(record: Record) -> dict[str, ComponentState]:
    component, shown = words(record.get("component_id"), 100), words(record.get("component_status"), 10)
    return {component: _STATES[shown]} if component not in ("", "0") and shown in _STATES else {}


def _schedule(record: Record) -> list[FoundPost]:
    title, key = words(record.get("name"), TITLE_LIMIT), f"s{identity(record)}"
    word = _SCHEDULE.get(words(record.get("status"), 10))
    if word is None:
        raise Unreadable("Its status is none we know.")
    start = moment(record.get("scheduled_at"), what="start")
    end = maybe_moment(record.get("completed_at"))
    told = maybe_moment(record.get("created_at")) or start
    found = [_planned(key, title, "scheduled", prose(record.get("message")), min(told, start), start, end)]
    if word != "scheduled":
        found.append(_planned(key, title, "in_progress", "", start, start, end))
    if word == "completed":
        found.append(_planned(key, title, "completed", "", end or start, start, end))
    return found


def _planned(
    key: str, title: str, word: str, body: str, at: datetime, start: datetime, end: datetime | None
) -> FoundPost:
    return FoundPost(f"{key}-{word}", key, title, word, body, at, {}, "maintenance", None, start, end)


def _subscribers(document: Record, notes: Notes) -> list[FoundSubscriber]:
    def read(_: int, record: Record) -> list[FoundSubscriber]:
        address = words(record.get("email"), 254)
        if not address:
            raise Unreadable("It has no e-mail address.")
        if not record.get("verified_at"):
            raise Unreadable("It was never confirmed there.")
        return [FoundSubscriber("email", address)]

    return notes.take("subscriber", _list(document, "subscribers"), read, "email")
