"""How incidents fared against their targets: kept and missed, week by week, and each miss. Reads only.

Never counts drills, never counts by person (R-242), and knows no restricted incident its reader does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.moments import from_micros, text
from quarterdeck.core.metrics import bulk
from quarterdeck.core.metrics.definitions import METRICS, Metric
from quarterdeck.core.metrics.figures import Summary, summary
from quarterdeck.core.metrics.targets import Judged, by_metric, judge
from quarterdeck.store import models

from ..incidents import target_clock, targets
from . import insight_rules, insights
from .insights import Question

Key = tuple[str, int | None, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One target over the period: the incidents it was the closest for. `now`: the row in force now, None if none is;
    `next`: one that is set for later. `took` sums up those that are over.
    """

    metric: Metric
    severity: int | None
    team: str
    now: models.Target | None
    next: models.Target | None
    measured: int
    missed: int
    took: Summary


@dataclass(frozen=True, slots=True)
class Trend:
    """One ISO week of the reports: how many kept their target and how many missed it."""

    name: str
    monday: datetime
    met: int
    missed: int


@dataclass(frozen=True, slots=True)
class Report:
    """`measured` and `missed` are by metric. `misses`: the newest report first."""

    lines: tuple[Line, ...]
    measured: Mapping[str, int]
    missed: Mapping[str, int]
    misses: tuple[Judged, ...]
    judged: tuple[Judged, ...]


def judged(who: Who, asked: Question, now: datetime) -> list[Judged]:
    """Every judgement about the incidents a question is about, in the order they were declared."""
    rows = insights.chosen(who, asked)
    found = target_clock.courses(rows)
    if asked.team or asked.service:
        owners = insights.owners_of_services()
        services = dict(rows.values_list("id", "services"))
        found = [c for c in found if insights.asked_for(services[c.ref], asked, owners)]
    return list(judge(found, targets.known(), settings.TIME_ZONE, now))


def report(who: Who, asked: Question, now: datetime) -> Report:
    """The page of targets; seven queries however many incidents there are."""
    found = judged(who, asked, now)
    each = by_metric(found)
    return Report(
        lines=tuple(_lines(found, now, asked)),
        measured={m: len(each[m]) for m in each},
        missed={m: sum(j.missed for j in each[m]) for m in each},
        misses=tuple(
            sorted((j for j in found if j.missed), key=lambda j: (-j.course.reported, j.course.ref))
        ),
        judged=tuple(found),
    )


def _lines(found: Sequence[Judged], now: datetime, asked: Question) -> Iterator[Line]:
    rows = targets.history()
    standing: dict[Key, models.Target] = {}
    ahead: dict[Key, models.Target] = {}
    for row in targets.standing(now, rows):
        (standing if row.since <= now else ahead).setdefault((row.metric, row.severity, row.team), row)
    of: dict[Key, list[Judged]] = {}
    for one in found:
        of.setdefault((one.target.metric, one.target.severity, one.target.team), []).append(one)
    order = list(METRICS)
    for key in sorted({*standing, *ahead, *of}, key=lambda k: (order.index(k[0]), k[1] or 9, k[2])):
        mine = of.get(key, [])
        if (not mine and not _concerns(key, asked)) or (key[2] and not insight_rules.by_team()):
            continue
        over = [j.took for j in mine if j.took is not None]
        yield Line(
            METRICS[key[0]], key[1], key[2], standing.get(key), ahead.get(key), len(mine),
            sum(j.missed for j in mine), summary(over),
        )  # fmt: skip


def _concerns(key: Key, asked: Question) -> bool:
    """Whether a target without an incident belongs to what was asked for."""
    _, severity, team = key
    return asked.severity in (None, severity) and asked.team in ("", team)


def trend(found: Iterable[Judged], metric: str, asked: Question) -> list[Trend]:
    """The weeks of the period, oldest first, with zeros for those without any."""
    rows: list[bulk.Row] = [
        (int(j.missed), j.course.reported, None, None, None, None, None, None, None)
        for j in found if j.target.metric == metric
    ]  # fmt: skip
    weeks = bulk.weekly(rows, settings.TIME_ZONE, since=asked.since, until=asked.until)
    return [
        Trend(w.name, datetime.combine(w.monday, datetime.min.time()), w.by_severity.get(0, 0), w.by_severity.get(1, 0))
        for w in weeks
    ]  # fmt: skip


def rows(found: Iterable[Judged]) -> Iterator[tuple[str, ...]]:
    """One row a judgement, for a table of one's own: moments in UTC, times in whole seconds, "" for what goes on."""
    yield (
        "incident", "metric", "severity", "team", "reported_at", "target_seconds", "hours", "took_seconds", "missed",
    )  # fmt: skip
    for j in found:
        c = j.course
        yield (
            c.ref, j.target.metric, "" if c.severity is None else str(c.severity), c.team,
            text(from_micros(c.reported)), _whole(j.target.at_most), j.target.hours,
            "" if j.took is None else _whole(j.took), "yes" if j.missed else "no",
        )  # fmt: skip


def _whole(span: timedelta) -> str:
    return str(int(span.total_seconds()))
