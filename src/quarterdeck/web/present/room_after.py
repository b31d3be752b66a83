"""What the war room shows once the incident is over: who still owes the debrief. Never writes."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.app.casebook import Case
from quarterdeck.core.incidents import debrief


def debrief_owed(case: Case, now: datetime) -> dict[str, str] | None:
    """Who holds it; None while nobody owes one."""
    waiting = debrief.task(case.incident)
    return {"name": case.directory(now).name(waiting.assignee)} if waiting else None
