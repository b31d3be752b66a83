"""How questions, guidance, notes and crossings of executives change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

from .. import boundary as parts
from ..events import Stamped
from ..events import boundary as ev
from ..parts import Handover
from ..state import Incident
from .fold import change, put

_Question = (
    ev.ExecQuestionAsked
    | ev.StatusDemanded
    | ev.ExecQuestionJoined
    | ev.ExecQuestionMerged
    | ev.ExecQuestionsDelivered
    | ev.ExecQuestionAnswered
    | ev.ExecQuestionPassedOn
)


def boundary(state: Incident, stamped: Stamped, event: ev.BoundaryRecord) -> Incident:
    if isinstance(event, _Question):
        return _question(state, stamped, event)
    now = state.boundary
    match event:
        case ev.BoundaryCrossed():
            crossed = parts.BoundaryEvent(
                event.crossing_id,
                event.kind,
                event.what,
                event.quote,
                event.person,
                stamped.actor,
                stamped.at,
            )
            return _with(state, crossings=put(now.crossings, crossed.id, crossed))
        case ev.GuidanceGiven():
            given = parts.Guidance(event.guidance_id, event.kind, event.text, stamped.actor, stamped.at)
            return _with(state, guidance=put(now.guidance, given.id, given))
        case ev.GuidanceAnswered():
            said = {
                "state": "accepted" if event.accepted else "declined", "reason": event.reason,
                "answered_by": stamped.actor, "answered_at": stamped.at,
            }  # fmt: skip
            return _with(state, guidance=change(now.guidance, event.guidance_id, **said))
        case ev.ExecutiveNoted():
            note = parts.ExecutiveNote(
                event.note_id, event.about, event.subject, event.text, stamped.actor, stamped.at
            )
            return _with(state, notes=put(now.notes, note.id, note))
        case ev.CommandSought():
            sought = Handover(
                event.handover_id, event.role, event.assignment_id, event.from_person, event.to_person, stamped.at,
                event.note, "accepted", accepted_at=stamped.at, understood=True,
            )  # fmt: skip
            return replace(state, handovers=put(state.handovers, sought.id, sought))
        case _:
            assert_never(event)


def _question(state: Incident, stamped: Stamped, event: _Question) -> Incident:
    match event:
        case ev.ExecQuestionAsked():
            asked = parts.ExecQuestion(
                event.question_id, event.kind, event.text, stamped.actor, stamped.at,
                "held" if event.held_until else "asked", event.critical, event.reason, event.held_until,
                None if event.held_until else stamped.at, (stamped.actor,),
            )  # fmt: skip
            return _with(state, questions=put(state.boundary.questions, asked.id, asked))
        case ev.StatusDemanded():
            told = parts.ExecQuestion(
                event.question_id, "status", event.text, stamped.actor, stamped.at, "automatic",
                askers=(stamped.actor,), answer=event.answer, answered_by="engine", answered_at=stamped.at,
            )  # fmt: skip
            return _with(state, questions=put(state.boundary.questions, told.id, told))
        case ev.ExecQuestionJoined():
            return _joined(state, event.question_id, (event.person,))
        case ev.ExecQuestionMerged():
            gone = state.boundary.questions.get(event.question_id)
            state = _joined(state, event.into, gone.askers if gone else ())
            return _changed(state, event.question_id, state="merged", merged_into=event.into)
        case ev.ExecQuestionsDelivered():
            for key in event.question_ids:
                state = _changed(state, key, state="asked", delivered_at=stamped.at)
            return state
        case ev.ExecQuestionAnswered():
            return _changed(
                state,
                event.question_id,
                state=event.state,
                answer=event.answer,
                answered_by=stamped.actor,
                answered_at=stamped.at,
            )
        case ev.ExecQuestionPassedOn():
            passed = {"passed_to": event.person, "passed_note": event.note, "passed_at": stamped.at}
            return _changed(state, event.question_id, **passed)
        case _:
            assert_never(event)


def _joined(state: Incident, key: str, people: tuple[str, ...]) -> Incident:
    found = state.boundary.questions.get(key)
    if found is None:
        return state
    return _changed(state, key, askers=tuple(dict.fromkeys((*found.askers, *people))))


def _changed(incident: Incident, key: str, **values: Any) -> Incident:
    return _with(incident, questions=change(incident.boundary.questions, key, **values))


def _with(state: Incident, **values: Any) -> Incident:
    return replace(state, boundary=replace(state.boundary, **values))
