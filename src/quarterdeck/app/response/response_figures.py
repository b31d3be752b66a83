"""What came back, whether early command goes with faster ends, and support tickets, over incidents. Reads only.

Never counts drills, never counts by person (R-242), and knows no restricted incident its reader does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.metrics import bulk
from quarterdeck.core.metrics.figures import Week
from quarterdeck.core.metrics.response import REPEAT_WITHIN, Compared, Happened, Repeats, compared, repeats
from quarterdeck.store import models

from ..figures import insights
from ..figures.insights import Question
from ..incidents import target_clock


@dataclass(frozen=True, slots=True)
class Tickets:
    """`counted` of `incidents` have a number; `weeks` sums the tickets by the week of the incident's report."""

    incidents: int
    counted: int
    total: int
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True)
class Found:
    repeats: Repeats
    compared: Compared
    tickets: Tickets


def read(who: Who, asked: Question, commander_minutes: int, zone: str = "") -> Found:
    """All of it in seven queries, however many incidents there are."""
    earlier = replace(asked, since=asked.since - REPEAT_WITHIN, severity=None)
    looked_at = _happened(who, earlier)
    rows = insights.chosen(who, asked).exclude(phase__in=target_clock.NONE_OF_ITS_OWN)
    told = list(rows.values_list("id", "declared_at", "services", "tickets"))
    owners = insights.owners_of_services()
    told = [row for row in told if insights.asked_for(row[2], asked, owners)]
    wanted = {row[0] for row in told}
    chosen = [h for h in looked_at if h.ref in wanted or h.reported < micros(asked.since)]
    courses = [c for c in target_clock.courses(rows) if c.ref in wanted]
    return Found(
        repeats=repeats(chosen, micros(asked.since)),
        compared=compared(courses, timedelta(minutes=commander_minutes)),
        tickets=_tickets([(micros(at), n) for _, at, _, n in told], asked, zone or settings.TIME_ZONE),
    )


def _happened(who: Who, asked: Question) -> list[Happened]:
    rows = insights.chosen(who, asked).exclude(phase__in=target_clock.NONE_OF_ITS_OWN)
    told = list(rows.values_list("id", "declared_at", "services"))
    of = {"incident_id__in": rows.values("id")}
    causes = dict(models.ReviewRow.objects.filter(**of).values_list("incident_id", "cause_category"))
    problems: dict[str, set[str]] = {}
    for incident, problem in models.ProblemLinkRow.objects.filter(**of).values_list(
        "incident_id", "problem_id"
    ):
        problems.setdefault(incident, set()).add(problem)
    return [
        Happened(key, micros(at), frozenset(services), causes.get(key, ""), frozenset(problems.get(key, ())))
        for key, at, services in told
    ]


def _tickets(told: Sequence[tuple[int, int | None]], asked: Question, zone: str) -> Tickets:
    weeks = bulk.weekly([], zone, since=asked.since, until=asked.until)
    counted = [(at, n) for at, n in told if n is not None]
    if counted:
        edges = bulk.weekly(
            [(n, at, None, None, None, None, None, None, None) for at, n in counted],
            zone,
            since=asked.since,
            until=asked.until,
        )
        weeks = [replace(w, count=sum((rank or 0) * n for rank, n in w.by_severity.items())) for w in edges]
    return Tickets(len(told), len(counted), sum(n for _, n in counted), tuple(weeks))
