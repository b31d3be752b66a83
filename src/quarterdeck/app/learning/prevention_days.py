"""The preventive calendar: tasks, the days that plans will ask for, risks, process reviews, training. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from quarterdeck.core.access import Who, may
from quarterdeck.core.reviews import risks as core
from quarterdeck.store import models

from ..people import training
from . import prevention, process, risks

MOST = 2000


@dataclass(frozen=True, slots=True)
class Day:
    """Something on a day. `state`: open, done, planned, late, held. `mark` sets days of one thing apart."""

    day: date
    kind: str
    label: str
    id: str
    title: str
    owner: str
    path: str
    state: str = "open"
    mark: str = ""


def between(who: Who, low: date, high: date) -> list[Day]:
    """Everything from `low` to `high`, both included, by day."""
    span = (low.isoformat(), high.isoformat())
    found = [
        *_tasks(span),
        *_plans(low, high),
        *_risks(who, span),
        *_process(who, span),
        *_training(low, high, who),
    ]
    return sorted(found, key=lambda one: (one.day, one.kind, one.title, one.id))[:MOST]


def _tasks(span: tuple[str, str]) -> Iterator[Day]:
    rows = models.PreventiveTask.objects.filter(due_on__range=span).exclude(state=prevention.DROPPED)
    for t in rows[:MOST]:
        label = prevention.KINDS.get(t.kind, t.kind)
        path = f"/prevention/tasks/{t.id}"
        yield Day(date.fromisoformat(t.due_on), "task", label, t.id, t.title, t.owner, path, t.state)


def _plans(low: date, high: date) -> Iterator[Day]:
    for day, plan in prevention.ahead(low, high):
        label = prevention.KINDS.get(plan.kind, plan.kind)
        path = f"/prevention/tasks#plan-{plan.id}"
        yield Day(day, "plan", label, plan.id, plan.title, plan.owner, path, "planned", day.isoformat())


def _risks(who: Who, span: tuple[str, str]) -> Iterator[Day]:
    for r in risks.risks(who).filter(state__in=core.LIVE)[:MOST]:
        for mark, label, day in (
            ("due", "Safeguard due", r.due_on if r.state == core.OPEN else ""),
            ("review", "Risk to be looked at", r.review_on),
            ("acceptance", "Acceptance ends", r.accepted_until if r.state == core.ACCEPTED else ""),
        ):
            if span[0] <= day <= span[1]:
                path = f"/prevention/risks/{r.id}"
                yield Day(date.fromisoformat(day), "risk", label, r.id, r.title, r.owner, path, mark=mark)


def _process(who: Who, span: tuple[str, str]) -> Iterator[Day]:
    for r in process.reviews(who).filter(due_on__range=span)[:MOST]:
        path = f"/prevention/process/{r.id}"
        title = process.said(r).removeprefix("process review ")
        yield Day(
            date.fromisoformat(r.due_on), "process", "Process review", r.id, title, r.owner, path, r.state
        )


def _training(low: date, high: date, who: Who) -> Iterator[Day]:
    if not may(who, "person.read"):
        return
    start = datetime.combine(low, time(0), UTC)
    for s in training.between(start, datetime.combine(high + timedelta(days=1), time(0), UTC))[:MOST]:
        path = f"/knowledge/training#session-{s.id}"
        yield Day(s.held_at.date(), "training", "Training", s.id, s.topic, s.trainer, path)
