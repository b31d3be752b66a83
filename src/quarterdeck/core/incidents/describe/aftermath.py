"""Sentences of the debrief, lessons, the course of the review, contributions, legal holds and files taken back."""

from __future__ import annotations

from typing import assert_never

from quarterdeck.core.kernel.moments import text as moment_text

from ..events import aftermath as ev
from ..events.executive_review import ExecutiveReviewEvent
from ..events.learned import LearnedEvent
from .executive_review import executive_review
from .learned import learned
from .line import Said, Teller, day, quoted

LESSONS = {"keep": "what to keep", "change": "what to change", "surprise": "a surprise"}


def aftermath(event: ev.AftermathEvent, tell: Teller) -> Said:
    if isinstance(event, ev.LessonEvent):
        return _lesson(event, tell)
    if isinstance(event, ev.CourseOfReviewEvent):
        return _course(event, tell)
    if isinstance(event, ev.ContributionEvent):
        return _contribution(event, tell)
    if isinstance(event, LearnedEvent):
        return learned(event, tell)
    if isinstance(event, ExecutiveReviewEvent):
        return executive_review(event, tell)
    return _keeping(event, tell)


def _lesson(event: ev.LessonEvent, tell: Teller) -> Said:
    match event:
        case ev.DebriefHeld():
            people = ", ".join(tell.name(p) for p in event.attendees)
            told = [
                f"{label}: {text}"
                for label, text in (
                    ("Went well", event.went_well), ("Went badly", event.went_badly), ("There", people),
                )
                if text
            ]  # fmt: skip
            return Said("review", "key", f"{tell.who} held the debrief", "\n".join(told))
        case ev.LessonRecorded():
            return Said(
                "review",
                "entry",
                f"{tell.who} wrote down a lesson, {LESSONS.get(event.kind, event.kind)}",
                event.text,
            )
        case _:
            assert_never(event)


def _course(event: ev.CourseOfReviewEvent, tell: Teller) -> Said:
    match event:
        case ev.ReviewSubmitted():
            until = _at(moment_text(event.read_until))
            return Said("review", "key", f"{tell.who} gave the review to be read until {until}", event.note)
        case ev.ReviewMeetingSet():
            where = f" in {event.place}" if event.place else ""
            title = f"{tell.who} called {_people(len(event.invited))} to talk over the review"
            return Said(
                "review", "entry", f"{title} at {_at(moment_text(event.meets_at))}{where}", event.reason
            )
        case ev.ReviewReturned():
            return Said("review", "entry", f"{tell.who} gave the review back to its writers", event.reason)
        case ev.ReviewAssigned():
            title = f"{tell.who} named {tell.name(event.owner)} to write the review"
            if event.facilitator != event.owner:
                title += f" and {tell.name(event.facilitator)} to lead it"
            return Said("review", "entry", title)
        case ev.ReviewLate():
            return Said("review", "entry", f"The review was due on {day(event.due_on)} and is not done")
        case ev.ReviewClosed():
            left = f"; open action items: {event.open_items}" if event.open_items else ""
            untold = ", ".join(tell.titles(a) for a in event.untold)
            why = f"Without a closing summary: {untold}. {event.untold_reason}" if untold else ""
            text = "\n".join(t for t in (event.note, why) if t)
            return Said("review", "key", f"{tell.who} closed the review{left}", text)
        case _:
            assert_never(event)


def _contribution(event: ev.ContributionEvent, tell: Teller) -> Said:
    match event:
        case ev.ContributionAsked():
            title = (
                f"{tell.name(event.person)} is asked for {_part(event.section, tell)} by {day(event.due_on)}"
            )
            return Said("review", "entry", title, event.why)
        case ev.ContributionGiven():
            return Said(
                "review",
                "entry",
                f"{tell.who} contributed {_part(event.section, tell)} to the review",
                event.text,
            )
        case ev.ContributionReminded():
            word = "was reminded of" if event.level == 1 else "is late with"
            return Said("review", "system", f"{tell.name(event.person)} {word} {_part(event.section, tell)}")
        case ev.EntryPromoted():
            title = (
                f"{tell.who} made an article of what {tell.name(event.author)} wrote: {quoted(event.title)}"
            )
            return Said("review", "entry", title)
        case _:
            assert_never(event)


def _keeping(event: ev.KeepingEvent, tell: Teller) -> Said:
    match event:
        case ev.HoldPlaced():
            return Said("hold", "key", f"{tell.who} put a legal hold on the incident", event.reason)
        case ev.HoldLifted():
            return Said("hold", "key", f"{tell.who} lifted the legal hold", event.reason)
        case ev.FileTakenBack():
            title = f"{tell.who} took back the file {quoted(event.name)}"
            return Said("file", "key", title, f"{event.reason}\nSHA-256 {event.sha256}")
        case _:
            assert_never(event)


def _part(section: str, tell: Teller) -> str:
    return "what they know" if section == "contribution" else f"the part {quoted(tell.titles(section))}"


def _people(number: int) -> str:
    return "one person" if number == 1 else f"{number} people"


def _at(text: str) -> str:
    """2026-11-25T09:00:00Z as a reader says it."""
    return f"{day(text[:10])} {text[11:16]} UTC"
