"""Structured causes in a review, and the patterns they show."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import Case
from quarterdeck.app.learning import causes as acts
from quarterdeck.app.reports import page_of
from quarterdeck.core.incidents.causes import MOST_FACTORS
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import IncidentId, Moment, Number, Read, Word, Write
from .operations import Noun
from .pages import Asked

NOUN = Noun("Reviews", "/incidents/{incident}/review/causes")
PATTERNS = Noun("Patterns", "/patterns")
CHOICES = Noun("Patterns", "/causes")


class ReviewCauses(Read):
    """Keys of the catalogue; empty while the review does not say."""

    category: str
    factors: list[str]
    change: str


class CausesWrite(Write):
    """Replaces all three."""

    category: Word = ""
    factors: Annotated[list[Word], Field(max_length=MOST_FACTORS)] = Field(default_factory=list)
    change: Literal["", "deployment", "flag", "configuration", "other"] = ""


class CauseChoices(Read):
    """Key to title, as the catalogue in force says."""

    categories: dict[str, str]
    factors: dict[str, str]


class CausePattern(Read):
    """What at least two incidents share. `kind`: factor, cause, change, service. `incidents`: the newest first."""

    kind: str
    key: str
    title: str
    times: int
    incidents: list[str]
    first_at: Moment
    last_at: Moment


class PatternsAsked(Asked):
    days: Annotated[int, Number(1, max(acts.DAYS))] = acts.USUAL_DAYS


@NOUN.get("", "review.read", ReviewCauses)
def get_causes(request: Request, incident: IncidentId) -> ReviewCauses:
    """How the review sorts what happened. Whoever may not see the incident sees it once the review is agreed."""
    page = page_of(incident, request.act.who, request.act.at)
    if page.report.withheld:
        raise missing("review.withheld", "The review is not agreed yet. Look again when it is.")
    return _told(page.case)


@NOUN.put("", "review.read", ReviewCauses)
def set_causes(request: Request, incident: IncidentId, body: CausesWrite) -> ReviewCauses:
    """Sort what happened; by whoever writes the root cause of the review."""
    return _told(acts.set_causes(request.act, incident, body.category, body.factors, body.change))


@CHOICES.get("", "review.read", CauseChoices)
def list_causes(request: Request) -> CauseChoices:
    """What reviews choose from."""
    said = acts.causes()
    return CauseChoices(categories=dict(said.categories), factors=dict(said.factors))


@PATTERNS.get("", "review.read", list[CausePattern])
def list_patterns(request: Request, asked: Query[PatternsAsked]) -> list[CausePattern]:
    """What keeps coming back in the incidents you may know of, over so many days."""
    return [
        CausePattern(
            kind=p.kind, key=p.key, title=acts.title(p.kind, p.key), times=p.times, incidents=list(p.incidents),
            first_at=p.first_at, last_at=p.last_at,
        )
        for p in acts.coming_back(request.act.who, request.act.at, asked.days)
    ]  # fmt: skip


def _told(case: Case) -> ReviewCauses:
    review = case.incident.review
    if review is None:
        raise missing("review.unknown", "There is no review of this incident. Open one first.")
    return ReviewCauses(
        category=review.cause_category, factors=list(review.factors), change=review.change_kind
    )
