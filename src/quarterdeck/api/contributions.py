"""What others are asked to add to a review: who, what, by when, and their answers."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.learning import contributions as acts
from quarterdeck.core.incidents.aftermath import Contribution as Part
from quarterdeck.core.incidents.contributions import TEXT_LIMIT

from .doors import Request
from .fields import Day, Id, IncidentId, Line, Moment, Named, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Reviews", "/incidents/{incident}/review/contributions")


class Contribution(Read):
    """`section` is the part of the review that is theirs, or "contribution": what they know."""

    id: str
    person: Named
    section: str
    due_on: str
    asked_at: Moment
    given_at: Moment | None
    text: str
    article: str


class ContributionAskWrite(Write):
    person: Id
    due_on: Day
    why: Line = ""


class ContributionWrite(Write):
    """`article` is the id of a knowledge article that says the rest."""

    text: Annotated[str, Text(TEXT_LIMIT)] = ""
    article: Annotated[str, Text(40)] = ""


@NOUN.get("", "incident.read", Page[Contribution])
def list_contributions(request: Request, incident: IncidentId) -> Page[Contribution]:
    """The technical lead's part, and what each expert who acted was asked for."""
    case = load(incident, request.act.who)
    return whole(_told(request, c) for c in case.incident.aftermath.contributions.values())


@NOUN.post("", "review.read", Contribution)
def ask_contribution(request: Request, incident: IncidentId, body: ContributionAskWrite) -> Contribution:
    """Ask one more person for what they know."""
    case = acts.ask(request.act, incident, body.person, body.due_on, body.why)
    return _last(request, case)


@NOUN.put("/{contribution}", "review.read", Contribution, by_executives=True)
def give_contribution(
    request: Request, incident: IncidentId, contribution: Id, body: ContributionWrite
) -> Contribution:
    """Answer; by the person who was asked. What is a part of the review goes into it."""
    case = acts.give(request.act, incident, contribution, body.text, body.article)
    return _told(request, case.incident.aftermath.contributions[contribution])


def _last(request: Request, case: Case) -> Contribution:
    return _told(request, next(reversed(case.incident.aftermath.contributions.values())))


def _told(request: Request, part: Part) -> Contribution:
    plain = {n: getattr(part, n) for n in Contribution.model_fields if n != "person"}
    return Contribution(**plain, person=request.names.of(part.person))
