"""Choices put before executives, and acts that need one where they were not delegated."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import load
from quarterdeck.app.executives import asks
from quarterdeck.core.incidents import asks as parts
from quarterdeck.core.incidents.decision_requests import GO, LONGEST_MINUTES, MOST_OPTIONS

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Number, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Executives", "/incidents/{incident}/decision-requests")
AUTHORITY = Noun("Executives", "/incidents/{incident}/authorisations")
Minutes = Annotated[int, Number(1, LONGEST_MINUTES)]
Option = Annotated[str, Text(200, least=1)]
Note = Annotated[str, Text(1000)]


class DecisionOption(Read):
    option: str
    consequence: str


class DecisionRequest(Read):
    """`default` applies when nobody answers by the deadline; `chosen` is empty until then."""

    id: str
    question: str
    options: list[DecisionOption]
    recommendation: str
    default: str
    deadline: Moment
    chosen: str
    by_default: bool
    decided_by: Named | None
    decided_at: Moment | None
    note: str


class Authorisation(Read):
    """`allowed`: it was within what is delegated, and is recorded as decided. Else `request` waits for an executive."""

    allowed: bool
    decision: str
    request: str


class RequestOptionWrite(Write):
    option: Option
    consequence: Annotated[str, Text(1000, least=1)]


class DecisionRequestWrite(Write):
    """`recommendation` and `default` are among the options."""

    question: Annotated[str, Text(300, least=1)]
    options: list[RequestOptionWrite]
    recommendation: Option
    default: Option
    minutes: Minutes = 30


class DecisionAnswerWrite(Write):
    chosen: Option
    note: Note = ""


class AuthorisationWrite(Write):
    """`amount_minor` and `currency` for spending. `consequence` of not doing it, where it goes to an executive."""

    act: Literal["spend", "shutdown", "disclosure", "data_deletion"]
    what: Annotated[str, Text(200, least=1)]
    amount_minor: Annotated[int, Number(0, 10**14)] = 0
    currency: Annotated[str, Text(3)] = ""
    consequence: Note = ""
    minutes: Minutes = 30


@NOUN.get("", "brief.read", Page[DecisionRequest])
def list_decision_requests(request: Request, incident: IncidentId) -> Page[DecisionRequest]:
    """What executives are to decide, and what they decided."""
    found = load(incident, request.act.who).incident.asks.decisions.values()
    return whole(_told(request, d) for d in found)


@NOUN.post("", "incident.act", DecisionRequest)
def ask_for_decision(request: Request, incident: IncidentId, body: DecisionRequestWrite) -> DecisionRequest:
    """The commander or the liaison puts a choice before the executives on duty."""
    given = [(o.option, o.consequence) for o in body.options[: MOST_OPTIONS + 1]]
    case, key = asks.ask_decision(
        request.act, incident, body.question, given, recommendation=body.recommendation, default=body.default,
        minutes=body.minutes,
    )  # fmt: skip
    return _told(request, case.incident.asks.decisions[key])


@NOUN.put("/{decision}/answer", "executive.act", DecisionRequest)
def answer_decision_request(
    request: Request, incident: IncidentId, decision: Id, body: DecisionAnswerWrite
) -> DecisionRequest:
    """An executive chooses."""
    case = asks.answer_decision(request.act, incident, decision, body.chosen, body.note)
    return _told(request, case.incident.asks.decisions[decision])


@AUTHORITY.post("", "incident.act", Authorisation)
def authorise_act(request: Request, incident: IncidentId, body: AuthorisationWrite) -> Authorisation:
    """Within what was delegated it is decided at once; beyond it an executive is asked."""
    case, key = asks.authorise(
        request.act, incident, body.what, body.act, minor=body.amount_minor, currency=body.currency,
        consequence=body.consequence, minutes=body.minutes,
    )  # fmt: skip
    allowed = key in case.incident.decisions and case.incident.decisions[key].chosen == GO
    return Authorisation(allowed=allowed, decision=key if allowed else "", request="" if allowed else key)


def _told(request: Request, d: parts.DecisionRequest) -> DecisionRequest:
    pairs = zip(d.options, d.consequences, strict=False)
    machine = d.decided_by in ("", "engine", "system")
    return DecisionRequest(
        id=d.id, question=d.question, options=[DecisionOption(option=o, consequence=c) for o, c in pairs],
        recommendation=d.recommendation, default=d.fallback, deadline=d.deadline, chosen=d.chosen,
        by_default=d.by_default, decided_by=None if machine else request.names.of(d.decided_by),
        decided_at=d.decided_at, note=d.note,
    )  # fmt: skip
