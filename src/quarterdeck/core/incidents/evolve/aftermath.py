"""How debriefs, lessons, the course of the review, contributions and holds change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

from ..aftermath import Contribution, Debrief, LegalHold, Lesson
from ..events import Stamped
from ..events import aftermath as ev
from ..events.executive_review import ExecutiveReviewEvent
from ..events.learned import LearnedEvent
from ..state import Incident
from .executive_review import executive_review
from .fold import change, put
from .learned import learned


def aftermath(state: Incident, stamped: Stamped, event: ev.AftermathEvent) -> Incident:
    if isinstance(event, ev.LessonEvent):
        return _lesson(state, stamped, event)
    if isinstance(event, ev.CourseOfReviewEvent):
        return _course(state, stamped, event)
    if isinstance(event, ev.ContributionEvent):
        return _contribution(state, stamped, event)
    if isinstance(event, LearnedEvent):
        return learned(state, stamped, event)
    if isinstance(event, ExecutiveReviewEvent):
        return executive_review(state, stamped, event)
    return _keeping(state, stamped, event)


def _left(state: Incident, **parts: Any) -> Incident:
    return replace(state, aftermath=replace(state.aftermath, **parts))


def _lesson(state: Incident, stamped: Stamped, event: ev.LessonEvent) -> Incident:
    match event:
        case ev.DebriefHeld():
            held = Debrief(
                event.debrief_id,
                stamped.actor,
                stamped.at,
                event.went_well,
                event.went_badly,
                event.attendees,
            )
            return _left(state, debriefs=put(state.aftermath.debriefs, held.id, held))
        case ev.LessonRecorded():
            lesson = Lesson(event.lesson_id, event.text, event.kind, stamped.actor, stamped.at)
            return _left(state, lessons=put(state.aftermath.lessons, lesson.id, lesson))
        case _:
            assert_never(event)


def _course(state: Incident, stamped: Stamped, event: ev.CourseOfReviewEvent) -> Incident:
    match event:
        case ev.ReviewSubmitted():
            return _review(state, state="in_review", submitted_at=stamped.at, read_until=event.read_until)
        case ev.ReviewMeetingSet():
            return _review(state, meets_at=event.meets_at, place=event.place, invited=event.invited)
        case ev.ReviewReturned():
            return _review(state, state="draft", read_until=None, meets_at=None)
        case ev.ReviewAssigned():
            return _review(state, owner=event.owner, facilitator=event.facilitator)
        case ev.ReviewLate():
            return _review(state, late=event.level)
        case ev.ReviewClosed():
            return _review(state, state="closed", closed_at=stamped.at)
        case _:
            assert_never(event)


def _review(incident: Incident, **values: Any) -> Incident:
    if incident.review is None:
        return incident
    return replace(incident, review=replace(incident.review, **values))


def _contribution(state: Incident, stamped: Stamped, event: ev.ContributionEvent) -> Incident:
    asked = state.aftermath.contributions
    match event:
        case ev.ContributionAsked():
            one = Contribution(
                event.ask_id, event.person, event.section, event.due_on, stamped.at, stamped.actor
            )
            return _left(state, contributions=put(asked, one.id, one))
        case ev.ContributionGiven():
            given = change(asked, event.ask_id, given_at=stamped.at, text=event.text, article=event.article)
            return _left(state, contributions=given)
        case ev.ContributionReminded():
            return _left(state, contributions=change(asked, event.ask_id, reminded=event.level))
        case ev.EntryPromoted():
            return _left(state, promoted=put(state.aftermath.promoted, event.entry_id, event.article_id))
        case _:
            assert_never(event)


def _keeping(state: Incident, stamped: Stamped, event: ev.KeepingEvent) -> Incident:
    holds = state.aftermath.holds
    match event:
        case ev.HoldPlaced():
            hold = LegalHold(event.hold_id, event.reason, stamped.actor, stamped.at)
            return _left(state, holds=put(holds, hold.id, hold))
        case ev.HoldLifted():
            lifted = change(
                holds,
                event.hold_id,
                lifted_by=stamped.actor,
                lifted_at=stamped.at,
                lifted_reason=event.reason,
            )
            return _left(state, holds=lifted)
        case ev.FileTakenBack():
            gone = change(
                state.attachments, event.entry_id, taken_back_at=stamped.at, taken_back_by=stamped.actor,
                taken_back_reason=event.reason,
            )  # fmt: skip
            return replace(state, attachments=gone)
        case _:
            assert_never(event)
