"""Figures from values: number, median and spread, incidents a week. No bare means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from quarterdeck.core.oncall.wall import wall, zone

from .definitions import IncidentTimes

# Below this many values the tails are single incidents, not a tendency.
ENOUGH_FOR_TAILS = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """Quantiles are interpolated between neighbours (as spreadsheets do). All None when `n` is 0.

    `p10` and `p90` are None below five values. `iqr` is the distance between the quartiles.
    """

    n: int
    median: timedelta | None = None
    p10: timedelta | None = None
    p90: timedelta | None = None
    iqr: timedelta | None = None
    mean: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week. `by_severity` counts the incidents of each rank; None stands for undetermined."""

    name: str
    monday: date
    count: int
    by_severity: Mapping[int | None, int] = field(default_factory=dict)


def summary(values: Sequence[timedelta]) -> Summary:
    """The figures of a set of durations, exact to the microsecond."""
    if not values:
        return Summary(0)
    ordered = sorted(values)
    tails = len(ordered) >= ENOUGH_FOR_TAILS
    return Summary(
        n=len(ordered),
        median=quantile(ordered, 50),
        p10=quantile(ordered, 10) if tails else None,
        p90=quantile(ordered, 90) if tails else None,
        iqr=quantile(ordered, 75) - quantile(ordered, 25),
        mean=sum(ordered, timedelta(0)) / len(ordered),
    )


def quantile(ordered: Sequence[timedelta], percent: int) -> timedelta:
    """The value below which `percent` of the sorted values lie, interpolated. Needs at least one value."""
    index, part = divmod((len(ordered) - 1) * percent, 100)
    if part == 0:
        return ordered[index]
    return ordered[index] + (ordered[index + 1] - ordered[index]) * part / 100


def chosen(
    incidents: Iterable[IncidentTimes],
    *,
    severity: int | None = None,
    team: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[IncidentTimes]:
    """Incidents reported from `since` until before `until`, of one severity or team if given; no drills."""
    return [
        i
        for i in incidents
        if not i.drill
        and (severity is None or i.severity == severity)
        and (not team or i.team == team)
        and (since is None or i.reported_at >= since)
        and (until is None or i.reported_at < until)
    ]


def weekly(
    incidents: Iterable[IncidentTimes],
    zone_name: str = "UTC",
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Week]:
    """Incidents per ISO week, oldest first, with a zero for weeks without any.

    Without `since` and `until` (exclusive) the first and the last incident decide which weeks are shown.
    """
    tz = zone(zone_name)
    weeks: dict[date, dict[int | None, int]] = {}
    for incident in chosen(incidents, since=since, until=until):
        counts = weeks.setdefault(_monday(wall(incident.reported_at, tz).date()), {})
        counts[incident.severity] = counts.get(incident.severity, 0) + 1
    ends = list(weeks)
    if since is not None:
        ends.append(_monday(wall(since, tz).date()))
    if until is not None:
        ends.append(_monday(wall(until - timedelta(microseconds=1), tz).date()))
    if not ends:
        return []
    monday, last = min(ends), max(ends)
    shown: list[Week] = []
    while monday <= last:
        counts = weeks.get(monday, {})
        year, number, _ = monday.isocalendar()
        shown.append(Week(f"{year}-W{number:02}", monday, sum(counts.values()), counts))
        monday += timedelta(days=7)
    return shown


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
