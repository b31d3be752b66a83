"""How a business response changes, on both of its sides."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from .. import response as parts
from ..events import Stamped
from ..events import response as ev
from ..state import Incident
from .fold import put


def response(state: Incident, stamped: Stamped, event: ev.ResponseEvent) -> Incident:
    now, at, actor = state.response, stamped.at, stamped.actor
    match event:
        case ev.SevereRated():
            made = parts.SevereRating(
                event.rating_id, event.visibility, event.impact, event.duration, event.confidence,
                event.score, event.threshold, actor, at, event.note,
            )  # fmt: skip
            return _with(state, ratings=put(now.ratings, made.id, made))
        case ev.SevereRecommended():
            said = {"recommended_by": actor, "recommended_at": at, "recommendation": event.reason}
            return _with(state, **said)
        case ev.EscalatedSevere():
            return _with(state, severe_at=at, severe_by=actor, severe_reason=event.reason, child=event.child)
        case ev.LiaisonForced():
            return state
    return _child(state, stamped, event)


_ChildEvent = (
    ev.ResponseBegan
    | ev.ParentMoved
    | ev.InitialAccepted
    | ev.StepChanged
    | ev.BriefingOpened
    | ev.QuestionAnswered
    | ev.BriefingConfirmed
    | ev.PreliminaryWritten
)


def _child(state: Incident, stamped: Stamped, event: _ChildEvent) -> Incident:
    now, at, actor = state.response, stamped.at, stamped.actor
    match event:
        case ev.ResponseBegan():
            return _with(state, parent=event.parent, began_at=at, step=parts.STEPS[0], step_since=at)
        case ev.ParentMoved():
            return _moved(state, stamped, event)
        case ev.InitialAccepted():
            made = parts.Accepted(event.role, event.person, at)
            return _with(state, accepted=put(now.accepted, event.role, made))
        case ev.StepChanged():
            return _with(state, step=event.after, step_since=at)
        case ev.BriefingOpened():
            return _with(state, briefing_opened_at=at, step="briefing", step_since=at)
        case ev.QuestionAnswered():
            said = parts.BriefingAnswer(event.question, event.text, actor, at)
            return _with(state, answers=put(now.answers, event.question, said))
        case ev.BriefingConfirmed():
            return _with(state, enough_by=actor, enough_at=at)
        case ev.PreliminaryWritten():
            return _with(state, preliminary=event.text, preliminary_by=actor, preliminary_at=at)
        case _:
            assert_never(event)


def _moved(state: Incident, stamped: Stamped, event: ev.ParentMoved) -> Incident:
    at = stamped.at
    mirror = parts.ParentState(
        event.phase, event.severity, event.title, event.commander, event.liaison, event.facts, at
    )
    grid = state.response.grid
    if event.new_phase:
        grid = put(grid, f"{len(grid) + 1:03}", parts.GridRow(event.phase, at))
    return _with(state, mirror=mirror, grid=grid)


def _with(state: Incident, **values: object) -> Incident:
    return replace(state, response=replace(state.response, **values))  # type: ignore[arg-type]
