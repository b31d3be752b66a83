"""What the organisation wants of its figures: targets, some of which are missed, reports by mail, tickets counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from quarterdeck.app.figures import insight_rules, report_plans
from quarterdeck.app.figures.insight_rules import Rules
from quarterdeck.app.incidents import targets, tickets
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from . import desk
from .tables import table

if TYPE_CHECKING:
    from datetime import datetime

    from .company import Corvane
    from .stage import Stage

ZONE = "Europe/Paris"


def found(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Laid out over the half year, before anything of it is played."""
    told = table("measures")
    began = stage.now
    lead = corvane.people[told["program_lead"]]
    insight_rules.set_rules(corvane.act(corvane.first, began), Rules(program_lead=lead))
    stage.at(now - timedelta(days=120), lambda: desk.set_goal(stage, corvane))
    for row in told["target"]:
        stage.at(_when(row, began, now), lambda r=row: _target(stage, corvane, r))
    for row in told["report"]:
        stage.at(_when(row, began, now), lambda r=row: _report(stage, corvane, r))


def _when(row: dict[str, Any], began: datetime, now: datetime) -> datetime:
    return now - timedelta(days=row["days"]) if row["days"] else began


def _target(stage: Stage, corvane: Corvane, row: dict[str, Any]) -> None:
    targets.set_target(
        corvane.act(corvane.first, stage.now), metric=row["metric"], at_most=timedelta(minutes=row["minutes"]),
        severity=row.get("severity"), team=row.get("team", ""), hours=row.get("hours", "always"), reason=row["reason"],
    )  # fmt: skip


def _report(stage: Stage, corvane: Corvane, row: dict[str, Any]) -> None:
    people = [corvane.people[name] for name in row["people"]]
    act = corvane.act(corvane.first, stage.now)
    report_plans.make(act, pack=row["pack"], zone=ZONE, hour=8, people=people)


def count_tickets(stage: Stage, corvane: Corvane, incident_id: str) -> None:
    """Support counts the day after: more of what hurt more."""
    row = models.IncidentRow.objects.get(id=incident_id)
    # Not by the story's dice: what else happens in it stays as it was.
    least, spread = {1: (60, 180), 2: (15, 75)}.get(row.severity, (0, 25))
    counted = least + row.number * 37 % spread
    try:
        tickets.count(corvane.act(corvane.first, stage.now), incident_id, counted)
    except Refused:
        return  # restricted: nobody outside counts
