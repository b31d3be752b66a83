"""The incident's own channel as the war room shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.chat import channel_view
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import is_acting
from quarterdeck.core.incidents.rooms import may_remove
from quarterdeck.core.kernel.links import safe_url


def panel(case: Case, who: Who, now: datetime) -> dict[str, Any] | None:
    """None where incidents of this type have no channel."""
    found = channel_view.channel_of(case, now)
    if found.state == "none" and (case.incident.chat_url or not channel_view.may_have_one(case)):
        return None
    names = case.directory(now).name
    stuck = found.state in ("none", "by_hand", "failed") or bool(found.error)
    return {
        "state": found.state, "words": found.words, "program": found.program, "name": found.name,
        "href": safe_url(found.url), "private": found.private, "error": found.error, "here": found.here,
        "archive_at": found.archive_at if found.state == "open" else None,
        "missing": [
            {"name": names(m.person), "since": m.since, "told": m.told, "why": m.why} for m in found.missing
        ],
        "others": [
            {"name": s.name, "account": bool(s.person), "member": s.member, "executive": s.executive}
            for s in found.without_role
        ],
        "rights": found.rights,
        "may_remove": found.state == "open" and not case.incident.has_ended and may_remove(case.incident, who),
        "may_open": stuck and is_acting(case.incident, who) and not case.incident.has_ended,
    }  # fmt: skip
