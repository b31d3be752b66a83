"""How often executives reached into incidents, by incident and never by person."""

from __future__ import annotations

from ninja import Query

from quarterdeck.app.executives import interruptions

from .doors import Request
from .fields import Moment, Read
from .operations import Noun
from .targets import FiguresAsked, asked_question

NOUN = Noun("Figures", "/figures/interruptions")


class Interruption(Read):
    """`crossings`: refused acts, the dialog of command answered with no, and requests past the executive liaison."""

    incident: str
    title: str
    severity: int
    questions: int
    critical: int
    status_demands: int
    crossings: int
    total: int


class Interruptions(Read):
    since: Moment
    until: Moment
    total: int
    incidents: list[Interruption]


@NOUN.get("", "insight.read", Interruptions)
def get_interruptions(request: Request, asked: Query[FiguresAsked]) -> Interruptions:
    """Counts of questions, status demands and boundary events, equal to the records."""
    question = asked_question(request, asked)
    found = interruptions.read(request.act.who, question)
    return Interruptions(
        since=question.since, until=question.until, total=sum(i.contacts.total for i in found),
        incidents=[
            Interruption(
                incident=i.incident, title=i.title, severity=i.severity, questions=i.contacts.questions,
                critical=i.contacts.critical, status_demands=i.contacts.status_demands,
                crossings=i.contacts.crossings, total=i.contacts.total,
            )
            for i in found
        ],
    )  # fmt: skip
