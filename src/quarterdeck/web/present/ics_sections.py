"""The section boards of an ICS incident, with names and links for their page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.ics import sections


def boards(case: Case, now: datetime) -> list[dict[str, Any]]:
    """One column a section: who leads it, and its queues with what is in them first."""
    name, url = case.directory(now).name, f"/incidents/{case.incident.key}"
    return [
        {
            "key": s.key,
            "title": s.title,
            "chief": {"name": name(s.chief)} if s.chief else None,
            "does": name(s.does) if s.does else "",
            "waiting": sum(q.total for q in s.queues),
            "queues": [_queue(q, url) for q in s.queues],
        }
        for s in sections.boards(case, now)
    ]


def _queue(q: sections.Queue, url: str) -> dict[str, Any]:
    items = [
        {"text": x.text, "note": x.note, "due_at": x.due_at, "tone": x.tone, "href": _href(x.anchor, url)}
        for x in q.items
    ]
    return {
        "key": q.key, "title": q.title, "empty": q.empty, "items": items, "total": q.total,
        "more": q.total - len(items),
    }  # fmt: skip


def _href(anchor: str, url: str) -> str:
    if anchor in ("tasks", "people"):
        return f"{url}/{'crew' if anchor == 'people' else anchor}"
    return f"{url}/ics#{anchor}"
