"""Targets with their history, how incidents fared against them, and the figures they are about."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from django.conf import settings
from ninja import Query
from pydantic import Field

from quarterdeck.app.figures import insights, target_figures
from quarterdeck.app.figures.insights import Question
from quarterdeck.app.incidents import target_clock, targets
from quarterdeck.core.kernel.moments import from_micros
from quarterdeck.core.metrics.definitions import METRICS
from quarterdeck.core.metrics.figures import Summary
from quarterdeck.core.metrics.hours import HOURS
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, Flag, Id, Moment, Named, Number, Read, Text, When, Write
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Targets", "/targets")
FIGURES = Noun("Figures", "/figures")
_READ, _EDIT = targets.READ, targets.EDIT
Metric = Literal[tuple(METRICS)]  # type: ignore[valid-type]
Hours = Literal[HOURS]  # type: ignore[valid-type]
Reason = Annotated[str, Text(targets.REASON_LIMIT, least=1)]
_SPAN = timedelta(weeks=13)
LONGEST_PERIOD = timedelta(days=1100)


class TargetRecord(Read):
    """One row of the history. `severity` null and `team` "" stand for all. In force from `since` until the next for the
    same metric, severity and team; a `withdrawn` one says that there is none from then on.
    """

    id: str
    metric: str
    severity: int | None
    team: str
    at_most_seconds: int
    hours: str
    since: Moment
    withdrawn: bool
    reason: str
    set_by: Named
    set_at: Moment


class NewTarget(Write):
    """`since` left out means from now on; it may not lie in the past."""

    metric: Metric
    severity: Annotated[int, Number(1, 5)] | None = None
    team: Annotated[str, Text(60)] = ""
    at_most_seconds: Annotated[int, Number(60, 366 * 86_400)]
    hours: Hours = "always"
    since: When | None = None
    reason: Reason


class TargetWithdrawal(Write):
    reason: Reason


class TargetsAsked(PageAsked):
    """`in_force`: only what counts now or will; else the whole history, the latest first."""

    in_force: Flag = False


class FiguresAsked(Asked):
    """Incidents declared from `since` until before `until` (the last 13 weeks when left out)."""

    since: When | None = None
    until: When | None = None
    severity: Annotated[int, Field(ge=1, le=5)] | None = None
    team: Annotated[str, Text(60)] = ""
    service: Annotated[str, Text(60)] = ""


class Spread(Read):
    """In seconds; null where there are too few values: below five for p10 and p90."""

    n: int
    median: float | None
    p10: float | None
    p90: float | None
    iqr: float | None
    mean: float | None


class MetricFigures(Read):
    """`start` and `stop` name the events between which time is taken. `by_severity` is keyed by the rank."""

    metric: str
    title: str
    start: str
    stop: str
    definition: str
    all: Spread
    by_severity: dict[str, Spread]


class TimesFound(Read):
    """`incidents` is how many there were, with or without values."""

    since: Moment
    until: Moment
    incidents: int
    metrics: list[MetricFigures]


class KeptTarget(Read):
    """One target over the period. `at_most_seconds` is that in force now, null when there is none any more."""

    metric: str
    severity: int | None
    team: str
    at_most_seconds: int | None
    hours: str
    measured: int
    missed: int
    median_seconds: float | None


class MissedTarget(Read):
    """`took_seconds` null: it goes on."""

    incident: str
    metric: str
    severity: int | None
    team: str
    reported_at: Moment
    at_most_seconds: int
    hours: str
    took_seconds: float | None


class TargetsFound(Read):
    """`misses`: the latest 200, the newest first; `missed` counts all of them."""

    since: Moment
    until: Moment
    measured: int
    missed: int
    targets: list[KeptTarget]
    misses: list[MissedTarget]


class TargetAhead(Read):
    """What an open incident has yet to meet. `state`: running, soon (a quarter of the time or less is left), missed."""

    incident: str
    metric: str
    at_most_seconds: int
    hours: str
    by: Moment
    state: str


@NOUN.get("", _READ, Page[TargetRecord])
def list_targets(request: Request, asked: Query[TargetsAsked]) -> Page[TargetRecord]:
    """The history of targets, or those that count."""
    rows = models.Target.objects.all()
    if asked.in_force:
        rows = rows.filter(id__in=[r.id for r in targets.standing(request.act.at)])
    return page(asked, rows, ("-since", "-id"), lambda found: _told(request, found))


@NOUN.post("", _EDIT, TargetRecord)
def set_target(request: Request, body: NewTarget) -> TargetRecord:
    """Incidents reported from then on are judged by it; earlier ones keep the target of their time."""
    said = body.model_dump(exclude={"at_most_seconds"})
    row = targets.set_target(request.act, at_most=timedelta(seconds=body.at_most_seconds), **said)
    return _told(request, [row])[0]


@NOUN.post("/{target}/withdrawal", _EDIT, TargetRecord)
def withdraw_target(request: Request, target: Id, body: TargetWithdrawal) -> TargetRecord:
    """There is no such target from now on. Answers with the row of the history that says so."""
    return _told(request, [targets.withdraw(request.act, target, reason=body.reason)])[0]


@FIGURES.get("/times", _READ, TimesFound)
def get_times(request: Request, asked: Query[FiguresAsked]) -> TimesFound:
    """How long it took to acknowledge, respond, tell the public and resolve, and how long the impact lasted."""
    question = asked_question(request, asked)
    found = insights.read(request.act.who, question, settings.TIME_ZONE)
    return TimesFound(
        since=question.since, until=question.until, incidents=found.incidents,
        metrics=[
            MetricFigures(
                metric=m.metric.key, title=m.metric.title, start=m.metric.start, stop=m.metric.stop,
                definition=m.metric.definition, all=spread(m.all),
                by_severity={str(rank): spread(s) for rank, s in m.by_severity},
            )
            for m in found.measures
        ],
    )  # fmt: skip


@FIGURES.get("/targets", _READ, TargetsFound)
def get_kept_targets(request: Request, asked: Query[FiguresAsked]) -> TargetsFound:
    """How often each target was kept and missed, and the incidents that missed one."""
    question = asked_question(request, asked)
    found = target_figures.report(request.act.who, question, request.act.at)
    return TargetsFound(
        since=question.since, until=question.until, measured=sum(found.measured.values()), missed=len(found.misses),
        targets=[
            KeptTarget(
                metric=line.metric.key, severity=line.severity, team=line.team,
                at_most_seconds=line.now.at_most_seconds if line.now else None,
                hours=line.now.hours if line.now else "", measured=line.measured, missed=line.missed,
                median_seconds=_seconds(line.took.median),
            )
            for line in found.lines
        ],
        misses=[
            MissedTarget(
                incident=j.course.ref, metric=j.target.metric, severity=j.course.severity, team=j.course.team,
                reported_at=from_micros(j.course.reported), at_most_seconds=int(j.target.at_most.total_seconds()),
                hours=j.target.hours, took_seconds=_seconds(j.took),
            )
            for j in found.misses[:200]
        ],
    )  # fmt: skip


@FIGURES.get("/targets/ahead", "incident.read", Page[TargetAhead])
def list_targets_ahead(request: Request) -> Page[TargetAhead]:
    """Of open incidents: which target is to be met by when, the most urgent first."""
    found = target_clock.standing(request.act.who, request.act.at)
    return whole(
        TargetAhead(
            incident=s.incident, metric=s.ahead.metric.key, hours=s.ahead.target.hours, by=s.ahead.by, state=s.state,
            at_most_seconds=int(s.ahead.target.at_most.total_seconds()),
        )
        for s in found[:500]
    )  # fmt: skip


def asked_question(request: Request, asked: FiguresAsked) -> Question:
    until = asked.until or request.act.at
    since = max(asked.since or until - _SPAN, until - LONGEST_PERIOD)
    return Question(min(since, until), until, asked.severity, insights.team_asked(asked.team), asked.service)


def spread(s: Summary) -> Spread:
    values = (_seconds(v) for v in (s.median, s.p10, s.p90, s.iqr, s.mean))
    return Spread(n=s.n, **dict(zip(("median", "p10", "p90", "iqr", "mean"), values, strict=True)))


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _told(request: Request, rows: list[models.Target]) -> list[TargetRecord]:
    names = request.names.load(r.set_by for r in rows)
    return [
        TargetRecord(
            id=r.id, metric=r.metric, severity=r.severity, team=r.team, at_most_seconds=r.at_most_seconds,
            hours=r.hours, since=r.since, withdrawn=r.withdrawn, reason=r.reason, set_by=names.of(r.set_by),
            set_at=r.set_at,
        )
        for r in rows
    ]  # fmt: skip
