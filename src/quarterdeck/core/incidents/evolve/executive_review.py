"""How comments on the strategic part of a review, and the word of those who read it, change an incident."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

from ..aftermath import Reading, StrategicComment
from ..events import Stamped
from ..events import executive_review as ev
from ..state import Incident
from .fold import change, put


def executive_review(state: Incident, stamped: Stamped, event: ev.ExecutiveReviewEvent) -> Incident:
    match event:
        case ev.StrategicCommented():
            one = StrategicComment(event.comment_id, event.section, event.text, stamped.actor, stamped.at)
            return _left(state, comments=put(state.aftermath.comments, one.id, one))
        case ev.ReadingAsked():
            readings = state.aftermath.readings
            for person in event.people:
                readings = put(readings, person, Reading(person, stamped.at, event.due_at))
            return _left(state, readings=readings)
        case ev.ReadingReminded():
            readings = state.aftermath.readings
            for person in event.people:
                readings = change(readings, person, reminded=event.level)
            return _left(state, readings=readings)
        case ev.ReadingConfirmed():
            confirmed = change(state.aftermath.readings, stamped.actor, confirmed_at=stamped.at)
            return _left(state, readings=confirmed)
        case _:
            assert_never(event)


def _left(state: Incident, **parts: Any) -> Incident:
    return replace(state, aftermath=replace(state.aftermath, **parts))
