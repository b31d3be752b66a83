"""How satisfied customers are, over a period and week by week, and the goal for it. Knows no restricted incident its
reader does not know; drills never count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, QuerySet

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.core.metrics import bulk
from quarterdeck.core.metrics.satisfaction import Satisfaction, satisfaction
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..figures import insights
from ..figures.insights import Question
from ..visibility import visible_incidents
from .customer_feedback import counted

READ, EDIT = "insight.read", "settings.edit"
REASON_LIMIT = 300
TREND = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week, by when the answers were given."""

    name: str
    monday: Any
    found: Satisfaction


@dataclass(frozen=True, slots=True)
class Trend:
    """The last four weeks, and the four before."""

    now: Satisfaction
    before: Satisfaction


def answers(who: Who, asked: Question) -> QuerySet[models.FeedbackAnswer]:
    """The answers given from `since` until before `until`, of incidents as asked for. Unordered."""
    require(who, READ)
    rows = models.FeedbackAnswer.objects.filter(drill=False, at__gte=asked.since, at__lt=asked.until)
    incidents = visible_incidents(who).filter(drill=False)
    if asked.severity is not None:
        incidents = incidents.filter(severity=asked.severity)
    if not (asked.team or asked.service):
        return rows.filter(incident_id__in=incidents.values("id"))
    owners = insights.owners_of_services()
    told = incidents.filter(id__in=rows.values("incident_id")).values_list("id", "services")
    return rows.filter(
        incident_id__in=[i for i, services in told if insights.asked_for(services, asked, owners)]
    )


def over(who: Who, asked: Question) -> Satisfaction:
    return counted(answers(who, asked))


def weeks(who: Who, asked: Question, zone: str) -> list[Week]:
    """The ISO weeks of the period, oldest first, those without an answer too."""
    at = ExpressionWrapper(F("at"), output_field=BigIntegerField())
    given = answers(who, asked).order_by().annotate(given=at).values_list("rating", "given")
    rows: list[bulk.Row] = [(rating, when, None, None, None, None, None) for rating, when in given]
    found = bulk.weekly(rows, zone, since=asked.since, until=asked.until)
    return [
        Week(w.name, w.monday, satisfaction({r or 0: n for r, n in w.by_severity.items()})) for w in found
    ]


def trend(who: Who, now: datetime) -> Trend:
    """For the home page: one query."""
    require(who, READ)
    rows = models.FeedbackAnswer.objects.filter(drill=False, at__gt=now - 2 * TREND, at__lte=now)
    rows = rows.filter(incident_id__in=visible_incidents(who).filter(drill=False).values("id"))
    recent: dict[int, int] = {}
    earlier: dict[int, int] = {}
    for rating, at in rows.values_list("rating", "at"):
        side = recent if at > now - TREND else earlier
        side[rating] = side.get(rating, 0) + 1
    return Trend(satisfaction(recent), satisfaction(earlier))


def by_incident(who: Who, asked: Question) -> list[tuple[str, Satisfaction]]:
    """Each incident with answers in the period, the least satisfied first."""
    found: dict[str, dict[int, int]] = {}
    for key, rating in answers(who, asked).order_by("incident_id").values_list("incident_id", "rating"):
        counts = found.setdefault(key, {})
        counts[rating] = counts.get(rating, 0) + 1
    told = [(key, satisfaction(counts)) for key, counts in found.items()]
    return sorted(told, key=lambda one: (one[1].average or 0, one[0]))


def rows(found: Iterable[models.FeedbackAnswer]) -> Iterator[tuple[str, ...]]:
    """One row an answer, for a table of one's own. Says nothing of who gave it."""
    yield ("incident", "audience", "answered_at", "rating", "text")
    for one in found:
        yield (one.incident_id, one.audience, text(one.at), str(one.rating), one.text)


def week_rows(found: Iterable[Week]) -> Iterator[tuple[str, ...]]:
    yield ("week", "monday", "answers", "average", "satisfied_percent", *(f"rating_{r}" for r in range(1, 6)))
    for w in found:
        s = w.found
        said = ("" if v is None else str(v) for v in (s.average, s.percent))
        counts = (str(s.by_rating[r]) for r in range(1, 6))
        yield (w.name, w.monday.isoformat(), str(s.answers), *said, *counts)


def set_goal(act: Act, at_least_percent: int, reason: str) -> models.FeedbackGoal:
    """From now on weeks are judged by it; those that are over keep the goal of their time. 0 withdraws the goal."""
    need(act, EDIT)
    said = line(reason, REASON_LIMIT)
    if not said:
        message = "Say why; whoever reads the figures later will ask."
        raise bad("goal.reason", message, reason=message)
    if not 0 <= at_least_percent <= 100:
        message = "Give a share from 1 to 100 per cent, or 0 for no goal."
        raise bad("goal.percent", message, at_least_percent=message)
    with tx.write("web"):
        tx.lock("feedback goals")
        standing = goal_at(act.at, goals())
        if at_least_percent == 0 and standing is None:
            raise Refused("goal.none", "There is no goal to withdraw.", kind="conflict")
        row = models.FeedbackGoal.objects.create(
            id=new_id(), at_least_percent=at_least_percent, since=act.at, withdrawn=at_least_percent == 0,
            reason=said, set_by=act.person,
        )  # fmt: skip
        log.audit(
            "FeedbackGoalSet",
            {"at_least_percent": at_least_percent, "reason": said},
            at=act.at,
            actor=act.person,
        )
    return row


def goals() -> list[models.FeedbackGoal]:
    """Every goal there has been, oldest first."""
    return list(models.FeedbackGoal.objects.order_by("since", "id"))


def goal_at(at: datetime, known: Iterable[models.FeedbackGoal]) -> models.FeedbackGoal | None:
    """The goal in force at an instant."""
    last = None
    for row in known:
        if row.since <= at:
            last = row
    return None if last is None or last.withdrawn else last
