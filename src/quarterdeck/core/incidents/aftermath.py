"""What an incident leaves behind as it stands now: its debrief, lessons, contributions owed to its review, and whether
it must be kept. Parts only; what may change them is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Debrief:
    """The talk right after the end, while everybody remembers (R-052)."""

    id: str
    held_by: str
    held_at: datetime
    went_well: str
    went_badly: str
    attendees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing that was learned. `kind`: keep (it helped), change (it cost us), surprise (we did not know)."""

    id: str
    text: str
    kind: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one person is asked to write for the review. `section` is a part of it that is theirs, or "contribution"
    for what they know. `article` is the id of a knowledge article that says the rest.
    """

    id: str
    person: str
    section: str
    due_on: str
    asked_at: datetime
    asked_by: str
    reminded: int = 0
    given_at: datetime | None = None
    text: str = ""
    article: str = ""

    @property
    def is_open(self) -> bool:
        return self.given_at is None


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Why nothing of this incident may be removed, and who says so. Lifted once `lifted_at` is set."""

    id: str
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str = ""
    lifted_at: datetime | None = None
    lifted_reason: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """That problem management goes on with the cause: which problem, since when."""

    problem_id: str
    linked_by: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class StrategicComment:
    """What somebody says of a strategic part of the review."""

    id: str
    section: str
    text: str
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """That an executive is to confirm that they have read the review."""

    person: str
    asked_at: datetime
    due_at: datetime
    reminded: int = 0
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Every map is keyed by the part's id, in the order of the log. `promoted` maps an entry to its article, `problems`
    is keyed by the problem's id, `missed` maps a metric to when its target was to be met, `readings` is keyed by the
    person. `tickets`: None until somebody counts.
    """

    debriefs: Mapping[str, Debrief] = field(default_factory=dict)
    lessons: Mapping[str, Lesson] = field(default_factory=dict)
    contributions: Mapping[str, Contribution] = field(default_factory=dict)
    holds: Mapping[str, LegalHold] = field(default_factory=dict)
    promoted: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, HandedOver] = field(default_factory=dict)
    missed: Mapping[str, datetime] = field(default_factory=dict)
    tickets: int | None = None
    comments: Mapping[str, StrategicComment] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)

    @property
    def hold(self) -> LegalHold | None:
        """The hold that stands."""
        return next((h for h in self.holds.values() if h.lifted_at is None), None)
