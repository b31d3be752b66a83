"""Drills beside each other over time, and how ready each team is: the last drill, the next, the gaps still open.

Never a real incident, never a person; a restricted drill counts only for whoever knows of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from quarterdeck.core.access import Who, require
from quarterdeck.core.drills.scoring import MEASURES, Figures, Trend, trend
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models

from . import drill_plans, drills

MOST = 60


@dataclass(frozen=True, slots=True)
class Held:
    """One drill that is over."""

    drill: models.Drill
    team: str
    held_at: datetime
    figures: Figures
    agreed: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """Oldest first, with the median and trend of every measure."""

    held: tuple[Held, ...]
    trends: dict[str, Trend]


def compared(who: Who, team: str = "", scenario: str = "") -> Compared:
    """The last `MOST` drills of a team or scenario, or of all."""
    require(who, "insight.read")
    rows = _scores(who)
    if team:
        rows = rows.filter(team=team)
    if scenario:
        rows = rows.filter(scenario=scenario)
    latest = list(rows.order_by("-held_at", "-drill_id")[:MOST])[::-1]
    known = models.Drill.objects.in_bulk([r.drill_id for r in latest])
    held = tuple(_held(r, known[r.drill_id]) for r in latest if r.drill_id in known)
    course = [h.figures for h in held]
    return Compared(held, {key: trend(key, course) for key in MEASURES})


def _scores(who: Who) -> QuerySet[models.DrillScore]:
    return models.DrillScore.objects.filter(drill_id__in=drills.drills(who).values("id"))


def _held(row: models.DrillScore, drill: models.Drill) -> Held:
    measured = Figures(row.acknowledge, row.command, row.first_update, row.restore, row.score)
    return Held(drill, row.team, row.held_at, measured, row.agreed_at is not None)


def choices(who: Who) -> tuple[list[str], list[str]]:
    """Teams and scenarios that have had a drill, by key."""
    rows = _scores(who).order_by()
    teams = rows.exclude(team="").values_list("team", flat=True).distinct()
    return sorted(teams), sorted(rows.values_list("scenario", flat=True).distinct())


def rows(found: Iterable[Held]) -> Iterator[tuple[str, ...]]:
    """One row a drill, for a table of one's own: times in seconds, "" for what was not seen."""
    yield ("drill", "title", "team", "scenario", "kind", "held_at", *MEASURES)
    for h in found:
        values = (h.figures.value(key) for key in MEASURES)
        yield (
            h.drill.id, h.drill.title, h.team, h.drill.scenario, h.drill.kind, text(h.held_at),
            *("" if v is None else str(v) for v in values),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Readiness:
    """Of one team ("" is drills of no team)."""

    team: str
    name: str
    last: Held | None
    next_at: datetime | None
    next_id: str
    open_gaps: int
    overdue_gaps: int


def readiness(who: Who, now: datetime) -> list[Readiness]:
    """Every team that practises or owns a service, those that never did first, then the longest ago."""
    scores = list(_scores(who).order_by("held_at", "drill_id"))
    last = {row.team: row for row in scores}
    known = models.Drill.objects.in_bulk([r.drill_id for r in last.values()])
    upcoming = _upcoming(who, now)
    left = _open_gaps({row.drill_id: row.team for row in scores}, now)
    owns = Exists(models.Service.objects.filter(team=OuterRef("pk")))
    teams = list(models.Team.objects.annotate(owns=owns).values_list("key", "name", "owns"))
    names = {key: name for key, name, _owns in teams}
    owning = {key for key, _name, owner in teams if owner}
    found = []
    for team in sorted({*owning, *last, *upcoming}, key=lambda t: names.get(t, t)):
        newest = last.get(team)
        held = _held(newest, known[newest.drill_id]) if newest and newest.drill_id in known else None
        at, drill_id = upcoming.get(team, (None, ""))
        open_, late = left.get(team, (0, 0))
        found.append(Readiness(team, names.get(team, team), held, at, drill_id, open_, late))
    return sorted(found, key=lambda r: (r.last is not None, r.last.held_at if r.last else now))


def _upcoming(who: Who, now: datetime) -> dict[str, tuple[datetime, str]]:
    """Team -> its next drill: one that is made, else the next run of its plan (id ""), as far as `who` may know."""
    found: dict[str, tuple[datetime, str]] = {}
    teams = dict(models.DrillPlan.objects.values_list("id", "team"))
    plans = drill_plans.plans(who).filter(state=drill_plans.ACTIVE, next_at__gte=now)
    made = drills.drills(who).filter(state=drills.PLANNED).order_by("scheduled_at")
    for plan_id, at, drill_id in made.values_list("plan_id", "scheduled_at", "id"):
        found.setdefault(teams.get(plan_id, ""), (at, drill_id))
    for at, team in plans.order_by("next_at", "team").values_list("next_at", "team"):
        found.setdefault(team, (at, ""))
    return found


def _open_gaps(teams: dict[str, str], now: datetime) -> dict[str, tuple[int, int]]:
    """Team -> gaps whose action item is not done, and how many of them are overdue. `teams` are those of the drills."""
    decided = models.DrillGap.objects.filter(drill_id__in=list(teams), state="confirmed").exclude(item_id="")
    items = dict(decided.values_list("item_id", "drill_id"))
    left = models.ActionItemRow.objects.filter(id__in=list(items), done_at=None).values_list("id", "due_on")
    found: dict[str, tuple[int, int]] = {}
    today = now.date().isoformat()
    for item_id, due_on in left:
        team = teams[items[item_id]]
        open_, late = found.get(team, (0, 0))
        found[team] = (open_ + 1, late + (due_on < today))
    return found
