"""A person's own record, for that person and the program lead; the rules of the figures; what helps."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query

from quarterdeck.app.figures import insight_rules, scorecards
from quarterdeck.app.response import response_figures

from .doors import Request
from .fields import Id, Moment, Named, Number, Read, Text, Write
from .operations import Noun
from .targets import FiguresAsked, Spread, asked_question, spread

PEOPLE = Noun("Figures", "/people/{person}/scorecard")
FIGURES = Noun("Figures", "/figures")
Level = Literal[insight_rules.LEVELS]  # type: ignore[valid-type]


class ScorecardLine(Read):
    """`met` of `of` were in time."""

    key: str
    title: str
    about: str
    met: int
    of: int


class ScorecardFound(Read):
    person: Named
    since: Moment
    until: Moment
    lines: list[ScorecardLine]


class FigureRules(Read):
    """`level`: team, or organisation when not even teams are told apart. Figures by person do not exist."""

    level: str
    commander_minutes: int
    program_lead: Named | None
    warning: str


class FigureRulesWrite(Write):
    level: Level = insight_rules.TEAM
    commander_minutes: Annotated[int, Number(1, insight_rules.MOST_MINUTES)] = 15
    program_lead: Annotated[str, Text(40)] = ""


class RepeatsFound(Read):
    """`known` of `incidents` have a cause or a problem; `repeats` names those that came back."""

    incidents: int
    known: int
    repeats: list[str]


class CommandFound(Read):
    """Times to resolve of incidents commanded within `minutes`, and of the others; `few`: too few to tell anything."""

    minutes: int
    early: Spread
    late: Spread
    few: bool


class TicketsFound(Read):
    """`weeks` are ISO weeks of the incident's report; `counted` of `incidents` have a number."""

    incidents: int
    counted: int
    total: int
    weeks: dict[str, int]


class ResponseFound(Read):
    since: Moment
    until: Moment
    repeats: RepeatsFound
    command: CommandFound
    tickets: TicketsFound


@PEOPLE.get("", scorecards.READ, ScorecardFound)
def get_scorecard(request: Request, person: Id) -> ScorecardFound:
    """The last 90 days. 403 for everybody but the person and the program lead."""
    card = scorecards.of(request.act, person)
    return ScorecardFound(
        person=Named(id=card.person, name=card.name), since=card.since, until=card.until,
        lines=[ScorecardLine(key=x.key, title=x.title, about=x.about, met=x.met, of=x.of) for x in card.lines],
    )  # fmt: skip


@FIGURES.get("/rules", "insight.read", FigureRules)
def get_figure_rules(request: Request) -> FigureRules:
    return _rules(request, insight_rules.rules())


@FIGURES.put("/rules", insight_rules.EDIT, FigureRules)
def set_figure_rules(request: Request, body: FigureRulesWrite) -> FigureRules:
    """How far down figures are broken, what early command means, who leads the program."""
    return _rules(request, insight_rules.set_rules(request.act, insight_rules.Rules(**body.model_dump())))


@FIGURES.get("/response", "insight.read", ResponseFound)
def get_response_figures(request: Request, asked: Query[FiguresAsked]) -> ResponseFound:
    """What came back, incidents with and without early command, and support tickets."""
    question, minutes = asked_question(request, asked), insight_rules.rules().commander_minutes
    found = response_figures.read(request.act.who, question, minutes)
    return ResponseFound(
        since=question.since, until=question.until,
        repeats=RepeatsFound(
            incidents=found.repeats.incidents, known=found.repeats.known, repeats=list(found.repeats.repeats)
        ),
        command=CommandFound(
            minutes=minutes, early=spread(found.compared.early), late=spread(found.compared.late),
            few=found.compared.few,
        ),
        tickets=TicketsFound(
            incidents=found.tickets.incidents, counted=found.tickets.counted, total=found.tickets.total,
            weeks={w.name: w.count for w in found.tickets.weeks},
        ),
    )  # fmt: skip


def _rules(request: Request, found: insight_rules.Rules) -> FigureRules:
    return FigureRules(
        level=found.level, commander_minutes=found.commander_minutes,
        program_lead=request.names.maybe(found.program_lead), warning=insight_rules.WARNING,
    )  # fmt: skip
