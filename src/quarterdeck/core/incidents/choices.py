"""Options before a decision, with risk and expected effect (R-049). Choosing one decides and gives out the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import act, authorise
from .events import Event
from .events.technical import ChoiceOpened, ChoiceSettled
from .guards import filled, known, not_ended, one_line
from .record import flag_entry, make_decision
from .state import Incident
from .structure import Template
from .tasks import give_task
from .technical import Choice

MOST_OPTIONS = 20
LINE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Option:
    """`risk` and `effect` may be empty."""

    text: str
    risk: str = ""
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A task that follows from a decision."""

    id: str
    title: str
    assignee: str
    minutes: int


def open_choice(
    incident: Incident, by: Who, *, choice_id: str, question: str, options: Sequence[Option]
) -> list[Event]:
    """Anybody who acts lays out the options; the commander chooses."""
    not_ended(incident)
    act(incident, by)
    if choice_id in incident.technical.choices:
        return []
    asked = one_line(filled(question, "question", "Say what is to be decided."), "question", LINE_LIMIT)
    kept = [o for o in options if o.text.strip()]
    if not 2 <= len(kept) <= MOST_OPTIONS:
        message = f"Lay out 2 to {MOST_OPTIONS} options; doing nothing is one."
        raise bad("options.number", message, options=message)
    texts = tuple(one_line(o.text, "options", LINE_LIMIT) for o in kept)
    if len(set(texts)) != len(texts):
        message = "Two options say the same. Say how they differ."
        raise bad("options.twice", message, options=message)
    risks = tuple(one_line(o.risk, "risk", LINE_LIMIT) for o in kept)
    effects = tuple(one_line(o.effect, "effect", LINE_LIMIT) for o in kept)
    return [ChoiceOpened(choice_id, asked, texts, risks, effects)]


def choose(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    choice_id: str,
    decision_id: str,
    chosen: str,
    reason: str = "",
    objections: str = "",
    work: Sequence[Work] = (),
) -> list[Event]:
    """Records the decision and gives each piece of work to its person, with its minutes: all or nothing."""
    choice = _open(incident, choice_id)
    made = make_decision(
        incident, template, by, decision_id=decision_id, question=choice.question, chosen=chosen,
        options=choice.options, reason=reason, objections=objections, kind="act",
    )  # fmt: skip
    given: list[Event] = []
    for w in work:
        given += give_task(
            incident, template, by, task_id=w.id, title=w.title, assignee=w.assignee, minutes=w.minutes
        )
    return [*made, ChoiceSettled(choice.id, "decided", chosen, decision_id, choice.question), *given]


def drop_choice(incident: Incident, template: Template, by: Who, *, choice_id: str) -> list[Event]:
    """The question is no longer asked."""
    choice = known(incident.technical.choices.get(choice_id), "choice.unknown", "question")
    if choice.state == "dropped":
        return []
    _open(incident, choice_id)
    if by.person != choice.opened_by:
        authorise(incident, template, by, "decision.make")
    return [ChoiceSettled(choice.id, "dropped", question=choice.question)]


def flagged(incident: Incident, by: Who, decision_id: str, followup: bool) -> list[Event]:
    """Marks a decision for follow-up after the incident, or takes the mark away (R-081)."""
    known(incident.decisions.get(decision_id), "decision.unknown", "decision")
    return flag_entry(incident, by, entry_id=decision_id, followup=followup)


def _open(incident: Incident, choice_id: str) -> Choice:
    not_ended(incident)
    choice = known(incident.technical.choices.get(choice_id), "choice.unknown", "question")
    if not choice.is_open:
        raise Refused("choice.settled", f"This question is {choice.state}. Open a new one.")
    return choice
