"""What passed between executives and an incident: questions, guidance, notes for the review, and where the boundary was
crossed. Parts only; what may change them is decided in `exec_questions` and `exec_acts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# How a question may stand. The last five are settled; "deferred" is answered by the next brief.
OPEN_STATES = ("held", "asked", "decision")
SETTLED_STATES = ("answered", "deferred", "declined", "merged", "automatic")


@dataclass(frozen=True, slots=True)
class ExecQuestion:
    """`kind`: question, note (left where somebody did not take command), status (answered by itself).

    `state`: held (quiet period), asked, answered, deferred, decision, declined, merged, automatic. `askers` are whom
    the answer is for, the first to ask first.
    """

    id: str
    kind: str
    text: str
    asked_by: str
    asked_at: datetime
    state: str = "asked"
    critical: bool = False
    reason: str = ""
    held_until: datetime | None = None
    delivered_at: datetime | None = None
    askers: tuple[str, ...] = ()
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    merged_into: str = ""
    passed_to: str = ""
    passed_note: str = ""
    passed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_delivered(self) -> bool:
        """Whether it has reached the queue of the executive liaison."""
        return self.state not in ("held", "automatic")


@dataclass(frozen=True, slots=True)
class BoundaryEvent:
    """`kind`: attempt (an act that was refused), not_taken (the dialog of command was answered with no), off_channel
    (an order past the executive liaison). `quote` is what was said; `person` whose it was, kept and never shown.
    """

    id: str
    kind: str
    what: str
    quote: str
    person: str
    noted_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Guidance:
    """`kind`: objective, priority, constraint, risk_appetite. `state`: given, accepted, declined."""

    id: str
    kind: str
    text: str
    given_by: str
    given_at: datetime
    state: str = "given"
    reason: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExecutiveNote:
    """What an executive leaves for the review. `about`: severity, decision. `subject` is what it was when noted."""

    id: str
    about: str
    subject: str
    text: str
    noted_by: str
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class Boundary:
    questions: Mapping[str, ExecQuestion] = field(default_factory=dict)
    crossings: Mapping[str, BoundaryEvent] = field(default_factory=dict)
    guidance: Mapping[str, Guidance] = field(default_factory=dict)
    notes: Mapping[str, ExecutiveNote] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contacts:
    """How often executives reached into an incident: the counts of its records, and nothing about anybody (R-240)."""

    questions: int = 0
    critical: int = 0
    status_demands: int = 0
    attempts: int = 0
    not_taken: int = 0
    off_channel: int = 0

    @property
    def crossings(self) -> int:
        return self.attempts + self.not_taken + self.off_channel

    @property
    def total(self) -> int:
        return self.questions + self.status_demands + self.crossings


def contacts(boundary: Boundary) -> Contacts:
    """Counted from the records themselves."""
    asked = boundary.questions.values()
    kinds = [c.kind for c in boundary.crossings.values()]
    return Contacts(
        questions=sum(q.kind != "status" for q in asked),
        critical=sum(q.critical for q in asked),
        status_demands=sum(q.kind == "status" for q in asked),
        attempts=kinds.count("attempt"),
        not_taken=kinds.count("not_taken"),
        off_channel=kinds.count("off_channel"),
    )
