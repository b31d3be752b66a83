"""Decisions that are prepared: options, polls for strong objections, standing down."""

from __future__ import annotations

from collections.abc import Sequence

from quarterdeck.core.incidents import choices, polls, stand_down
from quarterdeck.core.incidents.choices import Option, Work
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import must_be_active


def open_choice(act: Act, incident_id: str, question: str, options: Sequence[Option]) -> Case:
    """Lay out options with their risk and expected effect (R-049)."""
    tamed = [Option(line(o.text, 600), line(o.risk, 600), line(o.effect, 600)) for o in options]
    return casebook.change(
        act,
        incident_id,
        lambda i, t: choices.open_choice(
            i, act.who, choice_id=new_id(), question=line(question, 600), options=tamed
        ),
    )


def choose(
    act: Act,
    incident_id: str,
    choice_id: str,
    chosen: str,
    *,
    reason: str = "",
    objections: str = "",
    work: Sequence[Work] = (),
) -> Case:
    """Record the decision and give out the work that follows from it. The ids of `work` are made here."""
    for w in work:
        if w.assignee:
            must_be_active(w.assignee, "assignee")
    given = [Work(new_id(), line(w.title, 400), w.assignee, w.minutes) for w in work]
    return casebook.change(
        act,
        incident_id,
        lambda i, t: choices.choose(
            i, t, act.who, choice_id=choice_id, decision_id=new_id(), chosen=line(chosen, 600),
            reason=clean(reason, 2000), objections=clean(objections, 2000), work=given,
        ),
    )  # fmt: skip


def drop_choice(act: Act, incident_id: str, choice_id: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: choices.drop_choice(i, t, act.who, choice_id=choice_id)
    )


def flag(act: Act, incident_id: str, decision_id: str, followup: bool = True) -> Case:
    """Mark a decision for follow-up after the incident, or take the mark away."""
    return casebook.change(act, incident_id, lambda i, t: choices.flagged(i, act.who, decision_id, followup))


def open_poll(act: Act, incident_id: str, proposal: str, minutes: int) -> Case:
    """Ask for strong objections; without one the decision is made when the window ends (R-288)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: polls.open_poll(
            i, t, act.who, poll_id=new_id(), proposal=line(proposal, 600), minutes=minutes, at=act.at
        ),
    )


def raise_objection(act: Act, incident_id: str, poll_id: str, text: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: polls.raise_objection(i, act.who, poll_id=poll_id, text=clean(text, 2000), at=act.at),
    )


def withdraw_poll(act: Act, incident_id: str, poll_id: str) -> Case:
    return casebook.change(act, incident_id, lambda i, t: polls.withdraw_poll(i, t, act.who, poll_id=poll_id))


def stand_team_down(act: Act, incident_id: str, reason: str) -> Case:
    """The commander calls it a day: callouts and clocks end (R-025)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: stand_down.stand_down(i, t, act.who, decision_id=new_id(), reason=clean(reason, 1000)),
    )


def stand_team_to(act: Act, incident_id: str, reason: str) -> Case:
    """The work goes on."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: stand_down.stand_to(i, t, act.who, reason=clean(reason, 1000), at=act.at),
    )
