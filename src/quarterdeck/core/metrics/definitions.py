"""What each metric measures, in words and in events. Drills never count; people are not measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class IncidentTimes:
    """The moments of an incident that metrics are made of; None for what has not happened.

    `commander_at` is when a person accepted command: command by declaring alone is not that.
    `resolved_at` is the last resolution: a relapse moves it.
    """

    ref: str
    reported_at: datetime
    severity: int | None = None
    team: str = ""
    acknowledged_at: datetime | None = None
    commander_at: datetime | None = None
    first_public_update_at: datetime | None = None
    impact_started_at: datetime | None = None
    resolved_at: datetime | None = None
    drill: bool = False
    declared_at: datetime | None = None
    first_customer_message_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """`start` and `stop` name the events; `definition` says everything a reader of the figure must know."""

    key: str
    title: str
    start: str
    stop: str
    definition: str


_EVERY = "Drills are left out, and so are incidents in which one of the two has not happened."

METRICS: Mapping[str, Metric] = {
    m.key: m
    for m in (
        Metric(
            "time_to_acknowledge",
            "Time to acknowledge",
            "reported",
            "acknowledged",
            "From the first report (the first alert, or the declaration if there was none) to the first "
            f"acknowledgement of a callout or alert by a person. {_EVERY}",
        ),
        Metric(
            "time_to_respond",
            "Time to respond",
            "reported",
            "responded",
            "From the first report to the first acknowledgement by a person, or to the moment a person "
            f"accepts command, whichever is earlier. Being in command by declaring does not count. {_EVERY}",
        ),
        Metric(
            "time_to_resolve",
            "Time to resolve",
            "reported",
            "resolved",
            f"From the first report to the last resolution: a relapse goes on until it is resolved. {_EVERY}",
        ),
        Metric(
            "time_to_first_public_update",
            "Time to the first public update",
            "reported",
            "first public update",
            f"From the first report to the first post on a public status page. {_EVERY}",
        ),
        Metric(
            "time_to_first_customer_message",
            "Time to the first customer message",
            "declared",
            "first customer message",
            "From the declaration to the first message that was sent to an audience of customers, on whatever channel. "
            f"{_EVERY}",
        ),
        Metric(
            "impact_duration",
            "Duration of the impact",
            "impact started",
            "resolved",
            f"From the start of the impact, as assessed, to the last resolution. {_EVERY}",
        ),
    )
}

INCIDENTS_PER_WEEK = (
    "Incidents by the ISO week (Monday to Sunday, in the organisation's zone) of their first report. "
    "Weeks without one show zero. Drills are left out. Fewer reports are not better work: no goal."
)


def measured(metric: str, incident: IncidentTimes) -> timedelta | None:
    """The value of a metric for one incident; None for a drill, or where an event is missing.

    A stop before its start (an acknowledgement before the report was entered) counts as zero.
    Raises KeyError for a metric that does not exist.
    """
    start, stop = _events(METRICS[metric], incident)
    if incident.drill or start is None or stop is None:
        return None
    return max(stop - start, timedelta(0))


def values(metric: str, incidents: Iterable[IncidentTimes]) -> list[timedelta]:
    """The values of all incidents that have one, in their order."""
    return [v for i in incidents if (v := measured(metric, i)) is not None]


def _events(metric: Metric, i: IncidentTimes) -> tuple[datetime | None, datetime | None]:
    moments: Mapping[str, datetime | None] = {
        "reported": i.reported_at,
        "acknowledged": i.acknowledged_at,
        "responded": min((at for at in (i.acknowledged_at, i.commander_at) if at is not None), default=None),
        "first public update": i.first_public_update_at,
        "declared": i.declared_at,
        "first customer message": i.first_customer_message_at,
        "impact started": i.impact_started_at,
        "resolved": i.resolved_at,
    }
    return moments[metric.start], moments[metric.stop]
