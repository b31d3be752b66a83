"""Decisions that are prepared: options with risk and effect, polls for strong objections, standing down."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import decisions as acts
from quarterdeck.core.incidents import polls
from quarterdeck.core.incidents import technical as parts
from quarterdeck.core.incidents.choices import MOST_OPTIONS, Option, Work
from quarterdeck.core.incidents.tasks import LONGEST_MINUTES, TITLE_LIMIT

from .doors import Request
from .fields import Id, IncidentId, LongLine, Moment, Named, Number, Read, Text, Write
from .names import must_be_active
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Decisions", "/incidents/{incident}")


class ChoiceOption(Read):
    text: str
    risk: str
    effect: str


class Choice(Read):
    """`state`: open, decided, dropped. `tasks` are the ids of the tasks that were given with the decision."""

    id: str
    question: str
    options: list[ChoiceOption]
    opened_by: Named
    opened_at: Moment
    state: str
    chosen: str
    decision: str | None
    tasks: list[str] = Field(default_factory=list)


class Objection(Read):
    person: Named
    text: str


class Poll(Read):
    """`state`: open, carried, stopped, withdrawn. A carried one is a decision of the same id."""

    id: str
    proposal: str
    opened_by: Named
    opened_at: Moment
    closes_at: Moment
    state: str
    objections: list[Objection]


class OptionWrite(Write):
    text: Annotated[str, Text(500, least=1)]
    risk: LongLine = ""
    effect: LongLine = ""


class ChoiceWrite(Write):
    question: Annotated[str, Text(500, least=1)]
    options: Annotated[list[OptionWrite], Field(min_length=2, max_length=MOST_OPTIONS)]


class WorkWrite(Write):
    """A task that follows: one person, a time box."""

    title: Annotated[str, Text(TITLE_LIMIT, least=1)]
    assignee: Id
    minutes: Annotated[int, Number(1, LONGEST_MINUTES)]


class SettlementWrite(Write):
    """`chosen` is the text of one of the options."""

    chosen: Annotated[str, Text(500, least=1)]
    reason: Annotated[str, Text(2000)] = ""
    objections: Annotated[str, Text(2000)] = ""
    tasks: Annotated[list[WorkWrite], Field(max_length=20)] = Field(default_factory=list)


class PollWrite(Write):
    proposal: Annotated[str, Text(polls.PROPOSAL_LIMIT, least=1)]
    minutes: Annotated[int, Number(polls.SHORTEST_MINUTES, polls.LONGEST_MINUTES)] = 5


class ObjectionWrite(Write):
    text: Annotated[str, Text(polls.OBJECTION_LIMIT, least=1)]


class StandDownWrite(Write):
    reason: Annotated[str, Text(1000, least=1)]


@NOUN.get("/choices", "incident.read", Page[Choice])
def list_choices(request: Request, incident: IncidentId) -> Page[Choice]:
    """Questions with their options, open and decided."""
    case = load(incident, request.act.who)
    return whole(_choice(request, c) for c in case.incident.technical.choices.values())


@NOUN.post("/choices", "incident.act", Choice)
def open_choice(request: Request, incident: IncidentId, body: ChoiceWrite) -> Choice:
    """Lay out options with their risk and expected effect."""
    options = [Option(o.text, o.risk, o.effect) for o in body.options]
    case = acts.open_choice(request.act, incident, body.question, options)
    return _choice(request, next(reversed(case.incident.technical.choices.values())))


@NOUN.put("/choices/{choice}/decision", "incident.act", Choice)
def settle_choice(request: Request, incident: IncidentId, choice: Id, body: SettlementWrite) -> Choice:
    """Choose an option: the decision is recorded and the work given out."""
    for t in body.tasks:
        must_be_active(t.assignee, "tasks")
    before = set(load(incident, request.act.who).incident.tasks)
    work = [Work("", t.title, t.assignee, t.minutes) for t in body.tasks]
    case = acts.choose(
        request.act, incident, choice, body.chosen, reason=body.reason, objections=body.objections, work=work
    )
    told = _choice(request, case.incident.technical.choices[choice])
    told.tasks = [t for t in case.incident.tasks if t not in before][: len(work)]
    return told


@NOUN.put("/choices/{choice}/dropping", "incident.act", Choice)
def drop_choice(request: Request, incident: IncidentId, choice: Id) -> Choice:
    """The question is no longer asked."""
    case = acts.drop_choice(request.act, incident, choice)
    return _choice(request, case.incident.technical.choices[choice])


@NOUN.put("/decisions/{decision}/followup", "incident.act")
def flag_decision(request: Request, incident: IncidentId, decision: Id) -> None:
    """Mark a decision for follow-up after the incident."""
    acts.flag(request.act, incident, decision)


@NOUN.delete("/decisions/{decision}/followup", "incident.act")
def unflag_decision(request: Request, incident: IncidentId, decision: Id) -> None:
    """Take the mark away."""
    acts.flag(request.act, incident, decision, followup=False)


@NOUN.get("/polls", "incident.read", Page[Poll])
def list_polls(request: Request, incident: IncidentId) -> Page[Poll]:
    """Proposals that asked for strong objections."""
    case = load(incident, request.act.who)
    return whole(_poll(request, p) for p in case.incident.technical.polls.values())


@NOUN.post("/polls", "incident.act", Poll)
def open_poll(request: Request, incident: IncidentId, body: PollWrite) -> Poll:
    """Ask for strong objections; without one the decision is made when the window ends."""
    case = acts.open_poll(request.act, incident, body.proposal, body.minutes)
    return _poll(request, next(reversed(case.incident.technical.polls.values())))


@NOUN.post("/polls/{poll}/objections", "incident.act", Poll, status=200)
def raise_objection(request: Request, incident: IncidentId, poll: Id, body: ObjectionWrite) -> Poll:
    """Object; the first objection stops the poll."""
    return _one_poll(request, acts.raise_objection(request.act, incident, poll, body.text), poll)


@NOUN.put("/polls/{poll}/withdrawal", "incident.act", Poll)
def withdraw_poll(request: Request, incident: IncidentId, poll: Id) -> Poll:
    """Take the proposal back."""
    return _one_poll(request, acts.withdraw_poll(request.act, incident, poll), poll)


@NOUN.put("/stand-down", "incident.act")
def stand_down(request: Request, incident: IncidentId, body: StandDownWrite) -> None:
    """The commander calls it a day: callouts and clocks end."""
    acts.stand_team_down(request.act, incident, body.reason)


@NOUN.put("/stand-to", "incident.act")
def stand_to(request: Request, incident: IncidentId, body: StandDownWrite) -> None:
    """The commander takes the work up again; the clocks run anew."""
    acts.stand_team_to(request.act, incident, body.reason)


def _choice(request: Request, c: parts.Choice) -> Choice:
    options = [
        ChoiceOption(text=text, risk=risk, effect=effect)
        for text, risk, effect in zip(c.options, c.risks, c.effects, strict=True)
    ]
    return Choice(
        id=c.id, question=c.question, options=options, opened_by=request.names.of(c.opened_by),
        opened_at=c.opened_at, state=c.state, chosen=c.chosen, decision=c.decision or None,
    )  # fmt: skip


def _one_poll(request: Request, case: Case, poll_id: str) -> Poll:
    return _poll(request, case.incident.technical.polls[poll_id])


def _poll(request: Request, p: parts.Poll) -> Poll:
    names = request.names.load((p.opened_by, *p.objections))
    return Poll(
        id=p.id, proposal=p.proposal, opened_by=names.of(p.opened_by), opened_at=p.opened_at,
        closes_at=p.closes_at, state=p.state,
        objections=[Objection(person=names.of(who), text=text) for who, text in p.objections.items()],
    )  # fmt: skip
