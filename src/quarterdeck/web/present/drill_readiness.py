"""How ready each team is by its drills, for the coverage page. Decides nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from quarterdeck.app.drills import drill_figures
from quarterdeck.core.access import Who

# A team that has not practised for so long is shown as due.
LONG = timedelta(days=60)


def rows(who: Who, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "name": r.name, "last_at": r.last.held_at if r.last else None,
            "score": r.last.figures.score if r.last else None,
            "href": f"/drills/{r.last.drill.id}/results" if r.last else "",
            "next_at": r.next_at, "next_href": f"/drills/{r.next_id}" if r.next_id else "/drills",
            "open": r.open_gaps, "overdue": r.overdue_gaps,
            "mark": "fault" if r.last is None else "warning" if r.last.held_at < now - LONG else "done",
        }
        for r in drill_figures.readiness(who, now)
    ]  # fmt: skip
