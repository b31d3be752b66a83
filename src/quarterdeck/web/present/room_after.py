"""What the war room shows of before and after: the same trouble earlier, and who owes the debrief. Never writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import debrief

from . import recurrence


def before(case: Case, who: Who, now: datetime) -> list[dict[str, Any]]:
    """The same trouble earlier, while this one is open."""
    i = case.incident
    if not i.is_open:
        return []
    return recurrence.before(who, now, title=i.title, type=i.type, services=i.services, but=i.key)


def debrief_owed(case: Case, now: datetime) -> dict[str, str] | None:
    """Who holds it; None while nobody owes one."""
    waiting = debrief.task(case.incident)
    return {"name": case.directory(now).name(waiting.assignee)} if waiting else None
