"""What open incidents have yet to meet: shown live, and a timer for the moment a target is missed.

Drills have no targets. Never tells of an incident its reader does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events.business import ImpactBegan
from quarterdeck.core.incidents.events.targets import TargetMissed
from quarterdeck.core.metrics.targets import Ahead, Course, ahead
from quarterdeck.store import models

from .. import due
from ..figures import insights
from ..visibility import visible_incidents
from . import targets

KIND = "target"
# Whatever may move the start of a metric, or say which target counts.
MOVES = (
    ev.Declared, ev.SeveritySet, ev.Reopened, ev.AlertLinked, ev.AlertUnlinked, ev.ImpactSet, ImpactBegan, TargetMissed,
)  # fmt: skip
_TICK = timedelta(microseconds=1)
# What never was an incident of its own is not measured.
NONE_OF_ITS_OWN = ("dismissed", "merged")


@dataclass(frozen=True, slots=True)
class Standing:
    """One target of one open incident. `state`: running, soon (too little time is left) or missed."""

    incident: str
    title: str
    ahead: Ahead
    state: str


def courses(rows: QuerySet[models.IncidentRow]) -> list[Course]:
    """These incidents with what they are judged by, oldest first; drills are left out."""
    found = insights.with_moments(rows.filter(drill=False).exclude(phase__in=NONE_OF_ITS_OWN))
    columns = ("id", "severity", "services", *insights.MOMENTS)
    told = list(found.order_by("declared_at", "number").values_list(*columns))
    return _courses(told, insights.owners_of_services() if told else {})


def _courses(told: Iterable[Sequence[object]], owners: dict[str, str]) -> list[Course]:
    made = []
    for key, severity, services, *found in told:
        reported, ack, lead, public, over, began, at, messaged = insights.moments(*found)  # type: ignore[arg-type]
        team = insights.team_of(services, owners)  # type: ignore[arg-type]
        made.append(Course(key, severity, team, reported, ack, lead, public, began, over, at, messaged))  # type: ignore[arg-type]
    return made


def standing(who: Who, now: datetime, incident_id: str = "") -> list[Standing]:
    """What open incidents have yet to meet or have missed, the most urgent first; of one of them, if named."""
    known = targets.known()
    if not known.metrics:
        return []
    rows = visible_incidents(who).filter(is_open=True)
    rows = rows.filter(id=incident_id) if incident_id else rows
    titles = dict(rows.filter(drill=False).values_list("id", "title")) if not incident_id else {}
    found = [
        Standing(c.ref, titles.get(c.ref, ""), one, one.state(now))
        for c in courses(rows)
        for one in ahead(c, known, settings.TIME_ZONE)
    ]
    return sorted(found, key=lambda s: (s.ahead.by, s.incident, s.ahead.metric.key))


def pressing(who: Who, now: datetime) -> list[Standing]:
    """Of all open incidents: targets that are about to be missed, and those that are."""
    return [s for s in standing(who, now) if s.state != "running"]


def arm(incident: Incident, now: datetime) -> None:
    """Set the timer for the next target of this incident that its record does not name as missed. The timer of an
    incident that is over stands: a target may have been missed before the end.
    """
    if not incident.is_open or incident.drill:
        return
    due.disarm(KIND, [incident.key], now)
    known = targets.known()
    if not known.metrics:
        return
    for course in courses(models.IncidentRow.objects.filter(id=incident.key)):
        open_ = [
            a
            for a in ahead(course, known, settings.TIME_ZONE)
            if a.metric.key not in incident.aftermath.missed
        ]
        if open_:
            due.arm(KIND, incident.key, max(open_[0].by + _TICK, now), now)
