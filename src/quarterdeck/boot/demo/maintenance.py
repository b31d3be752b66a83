"""Work that Corvane has planned for next week: agreed to, and announced on its page."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from quarterdeck.app.maintenance import maintenance
from quarterdeck.app.maintenance.maintenance_drafts import Draft
from quarterdeck.core.oncall.wall import instant, wall, zone
from quarterdeck.store import models

from .company import Corvane
from .stage import Stage
from .tables import table

DAY = timedelta(days=1)


def tell(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Planned yesterday, approved and announced some hours later."""
    for row in table("maintenance")["window"]:
        made: list[str] = []
        stage.at(now - timedelta(hours=26), lambda r=row, ids=made: _plan(stage, corvane, r, ids))
        stage.at(now - timedelta(hours=22), lambda r=row, ids=made: _approve(stage, corvane, r, ids))


def _plan(stage: Stage, corvane: Corvane, row: dict[str, Any], made: list[str]) -> None:
    zone_name = models.StatusPage.objects.get(id=corvane.page).timezone
    today = wall(stage.now, zone(zone_name)).date()
    day = today + (7 - today.weekday() + row["weekday"]) * DAY
    starts = instant(datetime.combine(day, time.fromisoformat(row["from"])), zone(zone_name))
    doing = corvane.act(row["planner"], stage.now)
    draft = Draft(
        title=row["title"], text=row["text"], notes=row["notes"], zone=zone_name, starts_at=starts,
        ends_at=starts + timedelta(hours=row["hours"]), services=row["services"],
        components={corvane.components[key]: "under_maintenance" for key in row["components"]},
        people=[corvane.people[name] for name in row["people"]], announce_minutes=row["announce_days"] * 24 * 60,
    )  # fmt: skip
    made.append(maintenance.plan(doing, draft)[0].id)
    maintenance.propose(doing, made[0])


def _approve(stage: Stage, corvane: Corvane, row: dict[str, Any], made: list[str]) -> None:
    maintenance.approve(corvane.act(row["approver"], stage.now), made[0])
