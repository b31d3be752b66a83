"""The same trouble before, as the war room and the form for declaring show it. Never writes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from quarterdeck.app.incidents import recurrence
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import Who

from .reviews import end_of


def before(
    who: Who, now: datetime, *, title: str, type: str = "", services: Collection[str] = (), but: str = ""
) -> list[dict[str, Any]]:
    found = recurrence.earlier(who, title=title, type=type, services=services, but=but)
    names = Directory(now)
    names.load_people({p.owner for one in found for p in one.promises})
    return [
        {
            "id": one.id, "title": one.title, "at": one.ended_at, "why": one.why, "href": f"/incidents/{one.id}",
            "promises": [
                {"title": p.title, "owner": names.name(p.owner), "due_at": end_of(p.due_on)} for p in one.promises
            ],
        }
        for one in found
    ]  # fmt: skip
