"""Figures over incidents: how fast they were acknowledged and resolved, how often they come. Reads only.

Never counts drills, never counts by person (R-242), and knows no restricted incident its reader does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet, Subquery

from quarterdeck.core.access import Who, require
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.metrics import bulk
from quarterdeck.core.metrics.definitions import METRICS, IncidentTimes, Metric, measured
from quarterdeck.core.metrics.figures import Summary, Week, summary, weekly
from quarterdeck.store import models

from ..visibility import visible_incidents
from .insight_rules import by_team

__all__ = [
    "Figures",
    "Measure",
    "Question",
    "figures",
    "measure_rows",
    "read",
    "rows",
    "services",
    "teams",
    "times",
    "week_rows",
]

SHOWN = (
    "time_to_acknowledge", "time_to_respond", "time_to_first_customer_message", "time_to_first_public_update",
    "time_to_resolve", "impact_duration",
)  # fmt: skip
_SOURCE = "source"
# The audiences of customers: all of them, those with a contract, a segment (executives.md 4.3).
_TO_CUSTOMERS = Q(audience__startswith="customers", sent_at__isnull=False)
Moments = Mapping[str, tuple[datetime | None, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """Incidents declared from `since` until before `until`; of one severity rank, team or service (by key) if given."""

    since: datetime
    until: datetime
    severity: int | None = None
    team: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric: over all incidents, and by severity rank for those ranks that have a value."""

    metric: Metric
    all: Summary
    by_severity: tuple[tuple[int, Summary], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """`incidents` is how many the question found, with or without values."""

    incidents: int
    measures: tuple[Measure, ...]
    weeks: tuple[Week, ...]


def times(who: Who, asked: Question) -> list[IncidentTimes]:
    """The incidents a question is about, oldest first, with their moments: seven queries however many they are.

    What a linked alert saw first is the report; an acknowledgement counts when a person gave it.
    """
    require(who, "insight.read")
    columns = ("id", "severity", "declared_at", "declared_by", "resolved_at", "services", "impact_started_at")
    found = list(chosen(who, asked).order_by("declared_at", "number").values_list(*columns))
    owners = owners_of_services()
    found = [row for row in found if asked_for(row[5], asked, owners)]
    # What hangs on hidden incidents is read and thrown away: looking for them once is cheaper than five times.
    of = {"incident_id__in": models.IncidentRow.objects.filter(**_period(asked)).values("id")}
    alerts, callouts = _alerts(of), _callouts(of)
    posts, commands, messages = _posts(of), _commands(of), _messages(of)
    nothing = (None, None)
    return [
        IncidentTimes(
            ref=key,
            reported_at=_first(declared, alerts.get(key, nothing)[0]) or declared,
            severity=severity,
            team=asked.team or team_of(services, owners),
            acknowledged_at=_first(alerts.get(key, nothing)[1], callouts.get(key)),
            commander_at=_accepted(commands.get(key, ()), declared, declarer),
            first_public_update_at=posts.get(key),
            impact_started_at=impact,
            resolved_at=resolved,
            declared_at=declared,
            first_customer_message_at=messages.get(key),
        )
        for key, severity, declared, declarer, resolved, services, impact in found
    ]


def chosen(who: Who, asked: Question) -> QuerySet[models.IncidentRow]:
    """The incidents a question is about as far as the store can tell: not yet by team and service."""
    require(who, "insight.read")
    return visible_incidents(who).filter(**_period(asked))


def _period(asked: Question) -> dict[str, Any]:
    period: dict[str, Any] = {"drill": False, "declared_at__gte": asked.since, "declared_at__lt": asked.until}
    return period if asked.severity is None else period | {"severity": asked.severity}


def figures(found: Sequence[IncidentTimes], asked: Question, zone: str = "UTC") -> Figures:
    """Number, median and spread of every metric, and the incidents of each ISO week of the period."""
    return Figures(
        incidents=len(found),
        measures=tuple(_measure(METRICS[key], found) for key in SHOWN),
        weeks=tuple(weekly(found, zone, since=asked.since, until=asked.until)),
    )


def read(who: Who, asked: Question, zone: str = "UTC") -> Figures:
    """What `figures` says of `times`, in one query and without making anything of each incident."""
    found = _rows(who, asked)
    values = bulk.durations(found)
    measures = (Measure(METRICS[key], *bulk.summaries(values[key])) for key in SHOWN)
    weeks = bulk.weekly(found, zone, since=asked.since, until=asked.until)
    return Figures(len(found), tuple(measures), tuple(weeks))


def _rows(who: Who, asked: Question) -> list[bulk.Row]:
    require(who, "insight.read")
    rows = with_moments(chosen(who, asked))
    columns = ("severity", *MOMENTS)
    if asked.team or asked.service:
        owners = owners_of_services()
        picked = rows.values_list(*columns, "services")
        told = [row[:-1] for row in picked if asked_for(row[-1], asked, owners)]
    else:
        told = list(rows.values_list(*columns))
    return [(severity, *moments(*found)) for severity, *found in told]


# What `with_moments` adds to a row of an incident, in the order `moments` takes it.
MOMENTS = ("at", "over", "seen", "acknowledged", "answered", "commanded", "told", "began", "messaged")


def with_moments(rows: QuerySet[models.IncidentRow]) -> QuerySet[models.IncidentRow]:
    """These incidents with their moments as stored numbers, in one query however many they are."""
    here = {"incident_id": OuterRef("pk")}
    alerts, callouts = models.Alert.objects.filter(**here), models.Callout.objects.filter(**here)
    by_declaring = Q(person_id=OuterRef("declared_by"), started_at=OuterRef("declared_at"))
    commands = models.RoleAssignmentRow.objects.filter(role=COMMANDER, **here).exclude(by_declaring)
    return rows.annotate(
        at=_micros("declared_at"),
        over=_micros("resolved_at"),
        seen=_earliest(alerts, "first_seen_at"),
        acknowledged=_earliest(alerts.exclude(acknowledged_by=_SOURCE), "acknowledged_at"),
        answered=_earliest(callouts, "acknowledged_at"),
        commanded=_earliest(commands, "started_at"),
        told=_earliest(models.PageUpdateRow.objects.filter(**here), "posted_at"),
        began=_micros("impact_started_at"),
        messaged=_earliest(models.MessageRow.objects.filter(_TO_CUSTOMERS, **here), "sent_at"),
    )


def moments(
    at: int, over: int | None, seen: int | None, acknowledged: int | None, answered: int | None,
    commanded: int | None, told: int | None, began: int | None, messaged: int | None,
) -> tuple[int, int | None, int | None, int | None, int | None, int | None, int, int | None]:  # fmt: skip
    """Reported, acknowledged by a person, taken command of, first told to the public, resolved, impact begun, declared,
    first message to customers.
    """
    answer = _sooner(acknowledged, answered)
    return _sooner(at, seen) or at, answer, commanded, told, over, began, at, messaged


def _sooner(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _micros(column: str) -> ExpressionWrapper:
    """A moment as the number that is stored."""
    return ExpressionWrapper(F(column), output_field=BigIntegerField())


def _earliest(rows: QuerySet[Any], column: str) -> Subquery:
    """The least of a column of moments for each incident, as the number that is stored."""
    least = rows.order_by().values("incident_id").annotate(least=Min(column, output_field=BigIntegerField()))
    return Subquery(least.values("least"))


def teams() -> list[tuple[str, str]]:
    """Key and name of every team that owns a service; none where figures are not broken down to teams."""
    if not by_team():
        return []
    owning = models.Team.objects.filter(services__isnull=False).distinct().order_by("name")
    return list(owning.values_list("key", "name"))


def services() -> list[tuple[str, str]]:
    """Key and name of every service."""
    return list(models.Service.objects.order_by("name").values_list("key", "name"))


def rows(found: Iterable[IncidentTimes]) -> Iterator[tuple[str, ...]]:
    """One row an incident for a table of one's own: moments in UTC, times in whole seconds, "" for what is not."""
    yield ("incident", "severity", "team", "reported_at", "resolved_at", *(f"{key}_seconds" for key in SHOWN))
    for one in found:
        values = (measured(key, one) for key in SHOWN)
        yield (
            one.ref,
            "" if one.severity is None else str(one.severity),
            one.team,
            text(one.reported_at),
            text(one.resolved_at) if one.resolved_at else "",
            *("" if v is None else str(int(v.total_seconds())) for v in values),
        )


def week_rows(weeks: Iterable[Week]) -> Iterator[tuple[str, ...]]:
    """One row a week: the ISO week, its Monday, all incidents, and those of each severity."""
    yield ("week", "monday", "incidents", *(f"severity_{rank}" for rank in range(1, 6)))
    for week in weeks:
        counts = (str(week.by_severity.get(rank, 0)) for rank in range(1, 6))
        yield (week.name, week.monday.isoformat(), str(week.count), *counts)


def measure_rows(measures: Iterable[Measure]) -> Iterator[tuple[str, ...]]:
    """One row a metric and severity: n, median, the middle four fifths, the distance of the quartiles; in seconds."""
    yield ("metric", "severity", "n", "median", "p10", "p90", "iqr", "mean", "definition")
    for m in measures:
        for rank, s in (("", m.all), *((str(rank), s) for rank, s in m.by_severity)):
            values = (s.median, s.p10, s.p90, s.iqr, s.mean)
            yield (m.metric.key, rank, str(s.n), *(_seconds(v) for v in values), m.metric.definition)


def _seconds(value: timedelta | None) -> str:
    return "" if value is None else f"{value.total_seconds():g}"


def _measure(metric: Metric, found: Sequence[IncidentTimes]) -> Measure:
    by_severity: dict[int, list[timedelta]] = {}
    every: list[timedelta] = []
    for one in found:
        value = measured(metric.key, one)
        if value is None:
            continue
        every.append(value)
        if one.severity is not None:
            by_severity.setdefault(one.severity, []).append(value)
    return Measure(
        metric, summary(every), tuple((rank, summary(by_severity[rank])) for rank in sorted(by_severity))
    )


def owners_of_services() -> dict[str, str]:
    """Service key -> key of its team, "" without one."""
    return {key: team or "" for key, team in models.Service.objects.values_list("key", "team__key")}


def team_asked(team: str) -> str:
    """A team to choose by: none where figures are not broken down to teams."""
    return team if team and by_team() else ""


def asked_for(services: Sequence[str], asked: Question, owners: Mapping[str, str]) -> bool:
    if asked.service and asked.service not in services:
        return False
    return not asked.team or any(owners.get(s) == asked.team for s in services)


def team_of(services: Sequence[str], owners: Mapping[str, str]) -> str:
    """The team of an incident: of the first of its services that has one."""
    return next((owners[s] for s in services if owners.get(s)), "")


def _alerts(of: Mapping[str, Any]) -> Moments:
    """Incident -> first sign of trouble and first acknowledgement by a person, over its alerts."""
    person = ~Q(acknowledged_by=_SOURCE)
    found = _grouped(models.Alert.objects.filter(**of)).annotate(
        first=Min("first_seen_at"), acknowledged=Min("acknowledged_at", filter=person)
    )
    return {key: (first, acknowledged) for key, first, acknowledged in found}


def _callouts(of: Mapping[str, Any]) -> Mapping[str, datetime | None]:
    return dict(_grouped(models.Callout.objects.filter(**of)).annotate(first=Min("acknowledged_at")))


def _posts(of: Mapping[str, Any]) -> Mapping[str, datetime | None]:
    return dict(_grouped(models.PageUpdateRow.objects.filter(**of)).annotate(first=Min("posted_at")))


def _messages(of: Mapping[str, Any]) -> Mapping[str, datetime | None]:
    """Incident -> the first message that went to customers."""
    found = models.MessageRow.objects.filter(_TO_CUSTOMERS, **of)
    return dict(_grouped(found).annotate(first=Min("sent_at")))


def _grouped(found: QuerySet[Any]) -> QuerySet[Any]:
    return found.order_by().values_list("incident_id")


def _commands(of: Mapping[str, Any]) -> Mapping[str, list[tuple[str, datetime]]]:
    """Incident -> who held command, and since when."""
    held: dict[str, list[tuple[str, datetime]]] = {}
    commanders = models.RoleAssignmentRow.objects.filter(role=COMMANDER, **of)
    for key, person, at in commanders.values_list("incident_id", "person_id", "started_at"):
        held.setdefault(key, []).append((person, at))
    return held


def _accepted(held: Iterable[tuple[str, datetime]], declared: datetime, declarer: str) -> datetime | None:
    """When a person first accepted command: being in command by declaring is not that."""
    return min((at for person, at in held if (person, at) != (declarer, declared)), default=None)


def _first(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)
