"""The business response of a severe incident as it stands now: what the technical incident knows of it, and what the
business incident knows of the technical one. Parts only; what may change them is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# The structure of a business incident; its lead has the key commander there as everywhere (decision 0016).
BUSINESS = "business"
LIAISON, SME, SLT = "customer_liaison", "business_sme", "technical_slt"
# Who may let a message of a business response go: whoever commands the technical incident.
PARENT_COMMANDER = "parent:commander"
# What a business incident goes through besides the phases it mirrors.
STEPS = ("declared", "ready", "briefing", "emergency_ops", "messaging", "resuming", "resolved")
# Whoever must have accepted before a briefing opens.
INITIAL = ("commander", SLT, LIAISON)
QUESTIONS: Mapping[str, str] = {
    "start": "When did it start?",
    "trigger": "What error or event triggered it?",
    "affected": "How many customers are affected now?",
    "worst_case": "How many may it be in the worst case?",
    "services": "Which business services are affected?",
    "effect": "What does it do to the use of them?",
    "next_news": "When does the next news come?",
    "else": "What else should we know?",
}


@dataclass(frozen=True, slots=True)
class SevereRating:
    """How severe somebody judged the incident to be: three inputs, the confidence of an early fix, and the score."""

    id: str
    visibility: str
    impact: str
    duration: str
    confidence: str
    score: int
    threshold: int
    rated_by: str
    rated_at: datetime
    note: str = ""

    @property
    def crossed(self) -> bool:
        return self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class ParentState:
    """The technical incident as the business one mirrors it, read-only. `liaison` is who speaks for customers there."""

    phase: str
    severity: int
    title: str
    commander: str
    liaison: str
    facts: Mapping[str, str]
    at: datetime

    @property
    def is_over(self) -> bool:
        return self.phase not in ("triage", "investigating", "identified", "monitoring")


@dataclass(frozen=True, slots=True)
class GridRow:
    """One phase of the technical incident, for which each audience hears something of its own (R-121)."""

    phase: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    role: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BriefingAnswer:
    question: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Response:
    """`child` and `severe_at` stand in the technical incident, `parent` and what follows it in the business one."""

    ratings: Mapping[str, SevereRating] = field(default_factory=dict)
    recommended_by: str = ""
    recommended_at: datetime | None = None
    recommendation: str = ""
    severe_at: datetime | None = None
    severe_by: str = ""
    severe_reason: str = ""
    child: str = ""
    parent: str = ""
    began_at: datetime | None = None
    mirror: ParentState | None = None
    grid: Mapping[str, GridRow] = field(default_factory=dict)
    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    step: str = ""
    step_since: datetime | None = None
    briefing_opened_at: datetime | None = None
    answers: Mapping[str, BriefingAnswer] = field(default_factory=dict)
    enough_by: str = ""
    enough_at: datetime | None = None
    preliminary: str = ""
    preliminary_by: str = ""
    preliminary_at: datetime | None = None

    @property
    def rating(self) -> SevereRating | None:
        """The newest."""
        return list(self.ratings.values())[-1] if self.ratings else None

    @property
    def parent_commander(self) -> str:
        return self.mirror.commander if self.mirror else ""

    def open_questions(self) -> tuple[str, ...]:
        """Asks of the liaison, once the briefing is open."""
        return tuple(q for q in QUESTIONS if q not in self.answers) if self.briefing_opened_at else ()
