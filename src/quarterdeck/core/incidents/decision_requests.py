"""Choices put before executives: options, a recommendation, a deadline, and what applies when nobody answers (X-10).

What was delegated beforehand needs nobody's word; what goes beyond becomes such a request (X-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel import money
from quarterdeck.core.kernel.refused import Refused, forbidden

from .asks import DecisionRequest
from .authority import authorise, must_read
from .delegations import PRICED, above, lent
from .events import DecisionMade, Event
from .events.asks import DecisionAnswered, DecisionAsked, DecisionDefaulted
from .guards import filled, known, not_ended, one_line, unfit
from .help_requests import may_answer, must_have
from .state import Incident
from .structure import Template

# What a commander does alone where it was delegated, and up to where.
ACTS: Mapping[str, str] = {
    "spend": "Spend money",
    "shutdown": "Switch a service off",
    "disclosure": "Disclose to the outside",
    "data_deletion": "Delete data",
}
GO, NO = "Go ahead", "Do not do it"
QUESTION_LIMIT, OPTION_LIMIT, TEXT_LIMIT = 300, 200, 1000
MOST_OPTIONS, MOST_OPEN = 6, 30
LONGEST_MINUTES = 7 * 24 * 60


def ask(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    request_id: str,
    question: str,
    options: tuple[str, ...],
    consequences: tuple[str, ...],
    recommendation: str,
    fallback: str,
    minutes: int,
    chain: tuple[str, ...],
    now: datetime,
    act: str = "",
    minor: int = 0,
    currency: str = "",
) -> list[Event]:
    """By the commander or the executive liaison. Two options at least, each with its consequence; both the
    recommendation and the `fallback`, which applies when nobody answers in time, are among them.
    """
    not_ended(incident)
    authorise(incident, template, by, "decision.make", "exec.answer")
    if request_id in incident.asks.decisions:
        return []
    question = one_line(
        filled(question, "question", "Say what is to be decided."), "question", QUESTION_LIMIT
    )
    chosen = tuple(one_line(o, "options", OPTION_LIMIT) for o in options if o.strip())
    told = tuple(_text(c, "consequences") for c in consequences)
    if not 2 <= len(chosen) <= MOST_OPTIONS or len(set(chosen)) != len(chosen):
        raise unfit("options.number", "options", f"Give 2 to {MOST_OPTIONS} different options.")
    if len(told) != len(chosen) or not all(told):
        raise unfit("consequences.missing", "consequences", "Say of each option what follows from it.")
    for name, value in (("recommendation", recommendation), ("default", fallback)):
        if value.strip() not in chosen:
            raise unfit(f"{name}.unknown", name, f"The {name} must be one of the options.")
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise unfit("minutes.number", "minutes", f"Give 1 to {LONGEST_MINUTES} minutes.")
    must_have(chain)
    if len(incident.asks.open_decisions()) >= MOST_OPEN:
        raise Refused("decision.many", f"{MOST_OPEN} decisions are open. Wait for one of them.")
    deadline = now + timedelta(minutes=minutes)
    return [
        DecisionAsked(
            request_id, question, chosen, told, recommendation.strip(), fallback.strip(), deadline, chain, act,
            minor, currency,
        )
    ]  # fmt: skip


def answer(incident: Incident, by: Who, *, request_id: str, chosen: str, note: str = "") -> list[Event]:
    """An executive chooses. It stands in the record of decisions, too."""
    must_read(incident, by)
    not_ended(incident)
    found = known(incident.asks.decisions.get(request_id), "decision.unknown", "decision")
    if not may_answer(by, found.chain):
        raise forbidden("decision.executive", "Only executives decide this; it was put before them.")
    if by.person == found.asked_by:
        raise forbidden("decision.own", "You asked for this. Another executive decides it.")
    if not found.is_open:
        if found.chosen == chosen and found.decided_by == by.person:
            return []
        raise Refused("decision.over", f"This is decided: {found.chosen}. Talk to the commander.")
    if chosen not in found.options:
        raise unfit("chosen.unknown", "chosen", f"Choose one of: {', '.join(found.options)}.")
    said = _text(note, "note")
    return [
        DecisionAnswered(found.id, chosen, said, found.question),
        _recorded(found, chosen, said, by.person),
    ]


def within(incident: Incident, person: str, act: str, minor: int, currency: str, now: datetime) -> bool:
    """Whether this person may do it without asking: what was delegated to them, up to its limit. Money without any
    delegation is bound by the role alone; every other act has to be delegated.
    """
    if act in PRICED:
        return above(incident, person, act, minor, currency, now) is None
    return bool(lent(incident, person, act, now))


def decide_or_ask(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    request_id: str,
    act: str,
    what: str,
    consequence: str,
    minutes: int,
    chain: tuple[str, ...],
    now: datetime,
    minor: int = 0,
    currency: str = "",
) -> list[Event]:
    """Inside what was delegated it is decided here and now, and recorded; outside it goes to the executives, and
    without an answer it is not done.
    """
    not_ended(incident)
    authorise(incident, template, by, "decision.make")
    if request_id in incident.asks.decisions or request_id in incident.decisions:
        return []
    if act not in ACTS:
        raise unfit("act.unknown", "act", f"Choose one of: {', '.join(ACTS)}.")
    what = one_line(filled(what, "what", "Say what you want to do."), "what", QUESTION_LIMIT - 100)
    code = money.code(currency) if act == "spend" else ""
    if act == "spend":
        money.within(minor, "minor", 1)
    amount = f" ({money.text(minor, code)})" if code else ""
    question = f"{ACTS[act]}: {what}{amount}"
    if within(incident, by.person, act, minor, code, now):
        reason = "Within the authority delegated beforehand."
        return [DecisionMade(request_id, question, (GO, NO), GO, reason)]
    says = filled(
        consequence, "consequence", "This is beyond what was delegated. Say what follows if it is not done."
    )
    return ask(
        incident, template, by, request_id=request_id, question=question, options=(GO, NO),
        consequences=("It is done at once.", says), recommendation=GO, fallback=NO, minutes=minutes, chain=chain,
        now=now, act=act, minor=minor if code else 0, currency=code,
    )  # fmt: skip


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """Silence decides: the default applies, and is recorded as a decision."""
    events: list[Event] = []
    if incident.has_ended:
        return events
    for d in incident.asks.open_decisions():
        if now >= d.deadline:
            events.append(DecisionDefaulted(d.id, d.fallback, d.question))
            events.append(
                _recorded(d, d.fallback, "Nobody decided by the deadline: the default applies.", "")
            )
    return events


def wake_at(incident: Incident) -> datetime | None:
    if incident.has_ended:
        return None
    return min((d.deadline for d in incident.asks.open_decisions()), default=None)


def _recorded(d: DecisionRequest, chosen: str, reason: str, by: str) -> Event:
    return DecisionMade(d.id, d.question, d.options, chosen, reason, "", "", by)


def _text(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > TEXT_LIMIT:
        message = f"This has {len(text)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise unfit(f"{field}.long", field, message)
    return text
