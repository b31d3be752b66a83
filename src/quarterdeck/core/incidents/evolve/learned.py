"""How structured causes and handoffs to problem management change an incident."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..aftermath import HandedOver
from ..events import Stamped
from ..events.learned import CausesSet, LearnedEvent, ProblemHandedOver
from ..events.targets import TargetMissed, TicketsCounted
from ..state import Incident
from .fold import put


def learned(state: Incident, stamped: Stamped, event: LearnedEvent) -> Incident:
    match event:
        case CausesSet():
            if state.review is None:
                return state
            sorted_ = replace(
                state.review, cause_category=event.category, factors=event.factors, change_kind=event.change
            )
            return replace(state, review=sorted_)
        case ProblemHandedOver():
            one = HandedOver(event.problem_id, stamped.actor, stamped.at)
            problems = put(state.aftermath.problems, event.problem_id, one)
            return replace(state, aftermath=replace(state.aftermath, problems=problems))
        case TargetMissed():
            missed = put(state.aftermath.missed, event.metric, event.due_at)
            return replace(state, aftermath=replace(state.aftermath, missed=missed))
        case TicketsCounted():
            return replace(state, aftermath=replace(state.aftermath, tickets=event.tickets))
        case _:
            assert_never(event)
