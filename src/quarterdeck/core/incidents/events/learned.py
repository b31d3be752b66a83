"""Events of what an incident teaches beyond itself: its structured causes, and the problem it was handed to."""

from __future__ import annotations

from dataclasses import dataclass

from .targets import TargetEvent


@dataclass(frozen=True, slots=True)
class CausesSet:
    """How the review sorts what happened: keys of the catalogue. "" and () take the sorting back."""

    category: str
    factors: tuple[str, ...] = ()
    change: str = ""


@dataclass(frozen=True, slots=True)
class ProblemHandedOver:
    """Problem management goes on with the cause. `fix_on` is the calendar date of the permanent fix, ISO 8601."""

    problem_id: str
    title: str
    owner: str
    fix_on: str


LearnedEvent = CausesSet | ProblemHandedOver | TargetEvent
