"""Customers' feedback on an incident: its links, its answers, and satisfaction over a period with its goal."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from ninja import Query
from pydantic import Field

from quarterdeck.app.comms import customer_feedback as acts
from quarterdeck.app.comms import feedback_links, satisfaction
from quarterdeck.app.figures.insights import Question, team_asked
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.metrics.satisfaction import DEFINITION, Satisfaction
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, IncidentId, Key, Moment, Named, Number, Read, Text, When, Write
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Feedback", "/incidents/{incident}/feedback")
LINKS = Noun("Feedback", "/incidents/{incident}/feedback-links")
FIGURE = Noun("Figures", "/satisfaction")
_READ, _FIGURES = "incident.read", satisfaction.READ
_SPAN, _LONGEST = timedelta(weeks=13), timedelta(days=1100)


class SatisfactionFigure(Read):
    """`average` is from 1 to 5, `satisfied_percent` the share of those who gave 4 or 5; null without any answer."""

    answers: int
    average: float | None
    satisfied_percent: int | None
    by_rating: dict[str, int]


class FeedbackSaid(Read):
    audience: str
    rating: int
    text: str
    at: Moment


class IncidentFeedback(SatisfactionFigure):
    """Beside the figures what was said; who said it is not kept."""

    said: Page[FeedbackSaid]


class FeedbackLinkRecord(Read):
    """`url` is for everybody of the audience: whoever opens it gets a token that takes one answer."""

    audience: str
    url: str
    created_at: Moment
    closed_at: Moment | None


class FeedbackLinkWrite(Write):
    audience: Key


class SatisfactionAsked(Asked):
    """Answers given from `since` until before `until` (the last 13 weeks when left out)."""

    since: When | None = None
    until: When | None = None
    severity: Annotated[int, Field(ge=1, le=5)] | None = None
    team: Annotated[str, Text(60)] = ""
    service: Annotated[str, Text(60)] = ""


class PeriodSatisfaction(SatisfactionFigure):
    """`goal_percent` is the goal in force now, null for none."""

    since: Moment
    until: Moment
    goal_percent: int | None
    definition: str


class GoalRecord(Read):
    """In force from `since` until the next. A withdrawn one says that there is none from then on."""

    at_least_percent: int
    since: Moment
    withdrawn: bool
    reason: str
    set_by: Named


class GoalWrite(Write):
    """0 withdraws the goal."""

    at_least_percent: Annotated[int, Number(0, 100)]
    reason: Annotated[str, Text(satisfaction.REASON_LIMIT, least=1)]


@NOUN.get("", _READ, IncidentFeedback)
def get_feedback(request: Request, incident: IncidentId, asked: Query[PageAsked]) -> IncidentFeedback:
    """Average and number, and what was said, the newest first."""
    who = request.act.who
    rows = acts.answers(incident, who)
    said = page(asked, rows, ("-at", "-id"), lambda found: [FeedbackSaid.model_validate(r) for r in found])
    return IncidentFeedback(**_figure(acts.summary(incident, who)), said=said)


@LINKS.get("", _READ, Page[FeedbackLinkRecord])
def list_feedback_links(request: Request, incident: IncidentId) -> Page[FeedbackLinkRecord]:
    return whole(_link(row) for row in acts.links_of(incident, request.act.who))


@LINKS.post("", _READ, FeedbackLinkRecord)
def ask_for_feedback(request: Request, incident: IncidentId, body: FeedbackLinkWrite) -> FeedbackLinkRecord:
    """The link of an audience; its final message carries it from now on. Twice is the same link."""
    return _link(acts.ask(request.act, incident, body.audience))


@LINKS.delete("/{audience}", _READ, FeedbackLinkRecord)
def stop_feedback(request: Request, incident: IncidentId, audience: Key) -> FeedbackLinkRecord:
    """The link takes no further answers; those given stay."""
    return _link(acts.stop(request.act, incident, audience))


@FIGURE.get("", _FIGURES, PeriodSatisfaction)
def get_satisfaction(request: Request, asked: Query[SatisfactionAsked]) -> PeriodSatisfaction:
    """How satisfied those were who answered in a period. Drills never count."""
    until = asked.until or request.act.at
    since = asked.since or until - _SPAN
    if not timedelta(0) < until - since <= _LONGEST:
        message = f"Ask for a period that ends after it begins, of at most {_LONGEST.days} days."
        raise bad("period.length", message, until=message)
    question = Question(since, until, asked.severity, team_asked(asked.team), asked.service)
    goal = satisfaction.goal_at(request.act.at, satisfaction.goals())
    return PeriodSatisfaction(
        **_figure(satisfaction.over(request.act.who, question)), since=since, until=until,
        goal_percent=goal.at_least_percent if goal else None, definition=DEFINITION,
    )  # fmt: skip


@FIGURE.get("/goals", _FIGURES, Page[GoalRecord])
def list_satisfaction_goals(request: Request) -> Page[GoalRecord]:
    """Every goal there has been, oldest first."""
    rows = satisfaction.goals()
    request.names.load([r.set_by for r in rows])
    return whole(_goal(request, row) for row in rows)


@FIGURE.post("/goals", satisfaction.EDIT, GoalRecord)
def set_satisfaction_goal(request: Request, body: GoalWrite) -> GoalRecord:
    """From now on; the weeks that are over keep the goal of their time."""
    return _goal(request, satisfaction.set_goal(request.act, body.at_least_percent, body.reason))


def _figure(found: Satisfaction) -> dict[str, object]:
    return {
        "answers": found.answers,
        "average": found.average,
        "satisfied_percent": found.percent,
        "by_rating": {str(r): n for r, n in found.by_rating.items()},
    }


def _link(row: models.FeedbackLink) -> FeedbackLinkRecord:
    return FeedbackLinkRecord(
        audience=row.audience, url=feedback_links.url(row), created_at=row.created_at, closed_at=row.closed_at
    )


def _goal(request: Request, row: models.FeedbackGoal) -> GoalRecord:
    return GoalRecord(
        at_least_percent=row.at_least_percent, since=row.since, withdrawn=row.withdrawn, reason=row.reason,
        set_by=request.names.of(row.set_by),
    )  # fmt: skip
