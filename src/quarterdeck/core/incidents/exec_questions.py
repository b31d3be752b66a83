"""The queue of executives' questions: who may ask, when it is delivered, who answers. Never tells a responder anything.

One question a brief interval, unless it is critical with a reason; in the quiet period after the declaration questions
are held. Times are design choices (executives.md, X-06).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import may_read, must_read
from .boundary import ExecQuestion
from .bridging import BRIDGES, holders
from .eligibility import definition
from .events import Event
from .events.boundary import (
    ExecQuestionAnswered,
    ExecQuestionAsked,
    ExecQuestionJoined,
    ExecQuestionMerged,
    ExecQuestionPassedOn,
    ExecQuestionsDelivered,
    StatusDemanded,
)
from .exec_brief import as_text, clock_of, is_status_demand, standing_brief
from .guards import filled, known, not_ended
from .state import COMMANDER, Incident
from .structure import Template

PERMISSION = "executive.act"
ANSWERS = BRIDGES
ANSWER_STATES = ("answered", "deferred", "decision", "declined")
TEXT_LIMIT, ANSWER_LIMIT, REASON_LIMIT = 1000, 4000, 300
MOST = 500
# Minutes after the declaration in which questions are held, by severity.
QUIET_MINUTES: Mapping[int, int] = {1: 15, 2: 15, 3: 15, 4: 15, 5: 15}
INTERVAL = timedelta(minutes=30)
# Each one pages the executive liaison, who answers all of them.
MOST_CRITICAL = 3
# Automatic answers are written down at most so often for one person: the answer is the same.
STATUS_EVERY = timedelta(minutes=1)


def quiet_until(incident: Incident, quiet_minutes: Mapping[int, int] = QUIET_MINUTES) -> datetime | None:
    """When the quiet period ends; None before the declaration."""
    if incident.declared_at is None:
        return None
    return incident.declared_at + timedelta(minutes=quiet_minutes.get(incident.severity, 15))


def answerers(incident: Incident, template: Template) -> tuple[str, ...]:
    """Who owns the queue: whoever holds a role that answers executives, else who stands in. Never the commander."""
    return holders(incident, template)


def may_answer(incident: Incident, template: Template, by: Who) -> bool:
    return by.person in answerers(incident, template)


def open_to(incident: Incident, by: Who) -> None:
    """Refuses whoever is no executive, or may not know of the incident, or comes after its end."""
    must_read(incident, by)
    not_ended(incident)
    require(by, PERMISSION)


def ask(
    incident: Incident,
    template: Template,
    by: Who,
    now: datetime,
    *,
    question_id: str,
    text: str,
    critical: bool = False,
    reason: str = "",
    kind: str = "question",
    names: Mapping[str, str] | None = None,
    quiet_minutes: Mapping[int, int] = QUIET_MINUTES,
) -> list[Event]:
    """A question to the executive liaison. One for how it stands is answered at once from the brief (X-07); one that
    was asked already is joined to it; in the quiet period it is held unless critical.

    Refused: `question.interval` for a second one before the next brief, `reason.missing` for a critical one without.
    """
    open_to(incident, by)
    said = _text(filled(text, "text", "Write your question."), "text", TEXT_LIMIT)
    if question_id in incident.boundary.questions:
        return []
    if len(incident.boundary.questions) >= MOST:
        raise Refused(
            "questions.many", f"{incident.key} has {MOST} questions. Speak with the executive liaison."
        )
    if kind == "question" and is_status_demand(said):
        return _status(incident, template, by, now, question_id, said, names or {})
    same = _same(incident, said)
    if same is not None and kind == "question":
        return [] if by.person in same.askers else [ExecQuestionJoined(same.id, by.person)]
    why = _text(reason, "reason", REASON_LIMIT)
    if critical:
        why = filled(why, "reason", "Say why it cannot wait for the next brief.")
        _few_critical(incident, by, now)
    elif kind == "question":
        _one_an_interval(incident, by, now)
    until = quiet_until(incident, quiet_minutes)
    held = until if until is not None and until > now and not critical else None
    return [ExecQuestionAsked(question_id, said, kind, critical, why if critical else "", held)]


def next_question_at(incident: Incident, person: str) -> datetime | None:
    """When this executive may ask the next ordinary question; None when nothing was asked since the last brief."""
    mine = [
        q
        for q in incident.boundary.questions.values()
        if q.asked_by == person and q.kind == "question" and not q.critical
    ]
    if not mine:
        return None
    last = max(q.asked_at for q in mine)
    clock = clock_of(incident)
    if clock is None:
        return last + INTERVAL
    if clock.last_reset_at is not None and clock.last_reset_at > last:
        return None
    return last + timedelta(seconds=clock.every_seconds)


def answer(
    incident: Incident, template: Template, by: Who, *, question_id: str, state: str, text: str = ""
) -> list[Event]:
    """By the executive liaison. Every answer has words; deferring may go without."""
    found = _mine(incident, template, by, question_id)
    if state not in ANSWER_STATES:
        message = f"Choose one of: {', '.join(ANSWER_STATES)}."
        raise bad("state.unknown", message, state=message)
    said = _text(text, "text", ANSWER_LIMIT)
    wanted = {
        "answered": "Write the answer, from the facts.",
        "decision": "Say which decision it needs.",
        "declined": "Say why it is not answered.",
    }
    if state in wanted:
        said = filled(said, "text", wanted[state])
    if found.state == "merged":
        raise Refused("question.merged", "This question was merged into another one. Answer that one.")
    return (
        [] if (found.state, found.answer) == (state, said) else [ExecQuestionAnswered(found.id, state, said)]
    )


def merge(incident: Incident, template: Template, by: Who, *, question_id: str, into: str) -> list[Event]:
    """Two that ask the same: whoever asked this one hears the answer to the other."""
    found = _mine(incident, template, by, question_id)
    other = _mine(incident, template, by, into, "into")
    if found.id == other.id or other.state == "merged":
        message = "Choose another question that stands by itself."
        raise bad("into.unknown", message, into=message)
    return [] if found.state == "merged" else [ExecQuestionMerged(found.id, other.id)]


def pass_on(
    incident: Incident, template: Template, by: Who, *, question_id: str, person: str, note: str = ""
) -> list[Event]:
    """The executive liaison alone hands a question to somebody who responds; they are told (X-05)."""
    found = _mine(incident, template, by, question_id)
    if not found.is_open:
        raise Refused(
            "question.settled", "This question is settled. Write its answer anew if it is to change."
        )
    if not any(a.person == person for a in incident.open_assignments()):
        message = "Choose somebody who holds a role here."
        raise bad("person.outside", message, person=message)
    return [ExecQuestionPassedOn(found.id, person, found.text, _text(note, "note", TEXT_LIMIT))]


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """What the quiet period held and that is over."""
    ready = tuple(q.id for q in _held(incident) if q.held_until is not None and q.held_until <= now)
    return [ExecQuestionsDelivered(ready)] if ready else []


def wake_at(incident: Incident) -> datetime | None:
    return min((q.held_until for q in _held(incident) if q.held_until is not None), default=None)


def seen_by(incident: Incident, template: Template, by: Who) -> list[ExecQuestion]:
    """The questions this person may read: those asked by them, and for the executive liaison the queue."""
    if not may_read(incident, by):
        return []
    queue = may_answer(incident, template, by)
    return [
        q for q in incident.boundary.questions.values() if by.person in q.askers or (queue and q.is_delivered)
    ]


def _status(
    incident: Incident,
    template: Template,
    by: Who,
    now: datetime,
    question_id: str,
    said: str,
    names: Mapping[str, str],
) -> list[Event]:
    brief = standing_brief(incident, template, names)
    told = as_text(brief)
    for q in incident.boundary.questions.values():
        if q.kind == "status" and q.asked_by == by.person and q.asked_at + STATUS_EVERY > now:
            return []
    return [StatusDemanded(question_id, said, told, brief.next_brief_at)]


def _same(incident: Incident, text: str) -> ExecQuestion | None:
    wanted = plain(text)
    return next(
        (
            q
            for q in incident.boundary.questions.values()
            if q.kind == "question" and q.state not in ("merged", "declined") and plain(q.text) == wanted
        ),
        None,
    )


def plain(text: str) -> str:
    """The words alone, by which two questions are the same."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split()) or text.strip()


def _one_an_interval(incident: Incident, by: Who, now: datetime) -> None:
    again = next_question_at(incident, by.person)
    if again is not None and again > now:
        raise Refused(
            "question.interval",
            f"One question until the next brief, and you have asked one. Ask again at {again:%H:%M} UTC, after that "
            "brief, or mark it as critical and say why it cannot wait.",
        )


def _few_critical(incident: Incident, by: Who, now: datetime) -> None:
    mine = [q for q in incident.boundary.questions.values() if q.critical and q.asked_by == by.person]
    if sum(q.asked_at + INTERVAL > now for q in mine) >= MOST_CRITICAL:
        raise Refused(
            "question.critical_many",
            f"{MOST_CRITICAL} critical questions of yours paged the executive liaison in the last half hour. Speak to "
            "them.",
        )


def _mine(
    incident: Incident, template: Template, by: Who, question_id: str, field: str = "question"
) -> ExecQuestion:
    must_read(incident, by)
    not_ended(incident)
    if not may_answer(incident, template, by):
        titles = " or ".join(
            definition(template, r.key).title
            for r in template.roles
            if ANSWERS in r.grants and r.key != COMMANDER
        )
        raise forbidden(
            f"grant.{ANSWERS}",
            f"Only the {titles or 'deputy'} answers executives in {incident.key}. Take that role first.",
        )
    found = incident.boundary.questions.get(question_id)
    return known(found if found and found.is_delivered else None, f"{field}.unknown", "question")


def _held(incident: Incident) -> list[ExecQuestion]:
    return [q for q in incident.boundary.questions.values() if q.state == "held"]


def _text(text: str, field: str, limit: int) -> str:
    text = text.strip()
    if len(text) > limit:
        message = f"This has {len(text)} characters; {limit} fit. Shorten it."
        raise bad(f"{field}.long", message, **{field: message})
    return text
