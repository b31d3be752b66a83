"""Atlassian Statuspage, API v1 (developer.statuspage.io): page, components, component_groups, incidents, subscribers.

The document is one object with these keys, each as its address answers. The public v2 answers (`summary.json`,
`incidents.json`) have the same records and are read too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.core.status.words import ComponentState

from .reading import TITLE_LIMIT as TITLE
from .reading import Notes, Record, Unreadable, identity, maybe_moment, moment, prose, state, words
from .shapes import Found, FoundComponent, FoundPost, FoundSubscriber

_WORDS = {
    "investigating", "identified", "monitoring", "resolved", "postmortem",
    "scheduled", "in_progress", "verifying", "completed",
}  # fmt: skip
_IMPACTS = {"none", "minor", "major", "critical", "maintenance"}
_KINDS = {"email": "email", "sms": "sms", "webhook": "webhook"}


def read(document: Record) -> Found:
    notes = Notes()
    page = document.get("page") if isinstance(document.get("page"), dict) else {}
    assert isinstance(page, dict)
    records = [*notes.each("incident", document.get("incidents"))]
    records += notes.each("maintenance", document.get("scheduled_maintenances"))
    posts = [post for record in records for post in _incident(record, notes)]
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
    groups = {
        words(g.get("id"), 100): words(g.get("name"))
        for g in notes.each("group", document.get("component_groups"))
    }
    records = list(notes.each("component", document.get("components")))
    groups |= {words(r.get("id"), 100): words(r.get("name")) for r in records if r.get("group") is True}
    found = []
    for n, record in enumerate(records):
        if record.get("group") is True:
            continue
        try:
            name = words(record.get("name"))
            if not name:
                raise Unreadable("It has no name.")
            group = groups.get(words(record.get("group_id"), 100), "")
            position = record.get("position")
            place = position if isinstance(position, int) and 0 <= position <= 10_000 else n
            shown = state(record.get("status") or "operational", {})
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
    planned = bool(record.get("scheduled_for"))
    kind = "maintenance" if planned else "incident"
    try:
        key = identity(record)
        impact = words(record.get("impact_override") or record.get("impact"), 20)
        begun = maybe_moment(record.get("started_at"))
        window = (maybe_moment(record.get("scheduled_for")), maybe_moment(record.get("scheduled_until")))
        found: list[FoundPost] = []
        for update in notes.each("update", record.get("incident_updates")):
            try:
                found.append(_update(update, key, title, impact, begun, window))
            except Unreadable as e:
                notes.add(kind, title, f"An update of it is left out. {e}")
        if not found:
            raise Unreadable("It has no update that can be read.")
        return sorted(found, key=lambda p: p.at)
    except Unreadable as e:
        notes.add(kind, title, str(e))
        return []


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
    found = []
    for record in notes.each("subscriber", document.get("subscribers")):
        kind = _KINDS.get(words(record.get("mode"), 20))
        if kind is None:
            notes.add(
                "subscriber", words(record.get("mode")), "This way of telling people is not taken over."
            )
            continue
        address = words(
            record.get({"email": "email", "sms": "phone_number", "webhook": "endpoint"}[kind]), 2000
        )
        if kind == "sms" and address and not address.startswith("+"):
            notes.add("subscriber", address, "Its number has no country's code: it must begin with +.")
            continue
        if not address or record.get("quarantined_at"):
            why = "It was quarantined there: messages came back." if address else "It has no address."
            notes.add("subscriber", address, why)
            continue
        parts = record.get("components")
        chosen = tuple(words(c, 100) for c in parts) if isinstance(parts, list) else ()
        found.append(FoundSubscriber(kind, address, chosen))
    return found
