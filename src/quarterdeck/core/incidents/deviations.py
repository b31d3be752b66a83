"""Where an incident went another way than its structure asks (R-207): what was skipped, who did, and why. From the log
alone; judges nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from .events import Closed, PhaseChanged, Resolved, ReviewWaived, Stamped
from .gates import what_it_asks
from .structure import Template

WAIVED = "review_waived"


@dataclass(frozen=True, slots=True)
class Deviation:
    """`skipped` is what should have been done, as the gate says it; `step` what was done without it. `by` is a
    person's id. `key` is the condition's name.
    """

    at: datetime
    by: str
    key: str
    step: str
    skipped: str
    reason: str


def deviations(template: Template, log: Sequence[Stamped]) -> tuple[Deviation, ...]:
    """Every condition of a gate that was overridden, and a review that was waived, in the order of the log."""
    return tuple(d for stamped in log for d in _of(template, stamped))


def _of(template: Template, stamped: Stamped) -> Iterator[Deviation]:
    event = stamped.event
    match event:
        case PhaseChanged():
            step, reason = f"Moved to {event.phase}", event.reason
        case Resolved():
            step, reason = "Resolved", event.override_reason
        case Closed():
            step, reason = "Closed", event.reason
        case ReviewWaived():
            yield Deviation(
                stamped.at, stamped.actor, WAIVED, "Waived the review", "Write the review.", event.reason
            )
            return
        case _:
            return
    for key in event.overridden:
        yield Deviation(stamped.at, stamped.actor, key, step, what_it_asks(template, key), reason)
