"""Sentences of a business response."""

from __future__ import annotations

from typing import assert_never

from ..events import response as ev
from ..response import QUESTIONS
from .line import Said, Teller, words


def response(event: ev.ResponseEvent, tell: Teller) -> Said:
    match event:
        case ev.SevereRated():
            crossed = f", the threshold is {event.threshold}"
            title = f"{tell.who} rated the severity of the business harm {event.score} of 100{crossed}"
            said = (
                f"Visibility {words(event.visibility).lower()}, impact {words(event.impact).lower()}, "
                f"duration {words(event.duration).lower()}, confidence of an early fix {event.confidence}."
            )
            return Said("severity", "entry", title, "\n".join(filter(None, (said, event.note))))
        case ev.SevereRecommended():
            title = f"{tell.who} recommends to escalate the incident as severe"
            return Said("severity", "key", title, event.reason)
        case ev.EscalatedSevere():
            title = f"{tell.who} escalated the incident as severe: {event.child} is the business response"
            return Said("severity", "key", title, event.reason)
        case ev.LiaisonForced():
            title = f"{tell.who} let {tell.name(event.from_person)} go; {tell.name(event.to_person)} was not briefed"
            return Said("role", "key", title, event.reason)
    return _child(event, tell)


def _child(
    event: ev.ResponseBegan
    | ev.ParentMoved
    | ev.InitialAccepted
    | ev.StepChanged
    | ev.BriefingOpened
    | ev.QuestionAnswered
    | ev.BriefingConfirmed
    | ev.PreliminaryWritten,
    tell: Teller,
) -> Said:
    match event:
        case ev.ResponseBegan():
            return Said("link", "key", f"This is the business response to {event.parent}", event.parent_title)
        case ev.ParentMoved() if event.new_phase:
            return Said("phase", "key", f"{event.parent} is {words(event.phase).lower()} now")
        case ev.ParentMoved():
            return Said("facts", "system", f"{event.parent} has newer facts")
        case ev.InitialAccepted():
            return Said("role", "entry", f"{tell.name(event.person)} accepted: {tell.titles(event.role)}")
        case ev.StepChanged():
            left = f"Without: {', '.join(event.overridden)}." if event.overridden else ""
            text = "\n".join(filter(None, (event.reason, left)))
            return Said("phase", "key", f"The business response is at {words(event.after).lower()}", text)
        case ev.BriefingOpened():
            return Said(
                "phase", "key", "The briefing is open", f"{tell.name(event.liaison)} answers eight questions."
            )
        case ev.QuestionAnswered():
            asked = QUESTIONS.get(event.question, words(event.question))
            return Said("facts", "entry", f"{tell.who} answered: {asked}", event.text)
        case ev.BriefingConfirmed():
            left = f"{len(event.open_questions)} of the questions are open." if event.open_questions else ""
            return Said("phase", "key", f"{tell.who} has enough detail to write from", left)
        case ev.PreliminaryWritten():
            return Said("review", "entry", f"{tell.who} wrote the preliminary analysis, for inside only")
        case _:
            assert_never(event)
