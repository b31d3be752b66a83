"""The crew of an incident as it stands now: workstreams, roll calls, who came and went, reliefs, safety stops, and how
the incident hangs together with others. Parts only; what may change them is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Workstream:
    """A sub-team with one leader and one task; its leader reports every `every_minutes`, 0 for no clock.

    `members` never name the leader. `room` is the link of its call or channel.
    """

    id: str
    key: str
    title: str
    leader: str
    opened_at: datetime
    opened_by: str
    room: str = ""
    every_minutes: int = 0
    members: tuple[str, ...] = ()
    next_report_at: datetime | None = None
    last_report: str = ""
    last_report_at: datetime | None = None
    late: bool = False
    ended_at: datetime | None = None
    result: str = ""

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class RollCall:
    """`answers` maps a person to what they said: here, away. Whoever was asked and is not in it has not answered."""

    id: str
    started_by: str
    started_at: datetime
    asked: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def silent(self) -> tuple[str, ...]:
        return tuple(p for p in self.asked if p not in self.answers)


@dataclass(frozen=True, slots=True)
class Presence:
    """When a person came and, once they were let go, when they left. `doing` is how they named themselves."""

    person: str
    since: datetime
    doing: str = ""
    organisation: str = ""
    guest: bool = False
    left_at: datetime | None = None
    left_reason: str = ""

    @property
    def is_here(self) -> bool:
        return self.left_at is None


@dataclass(frozen=True, slots=True)
class Relief:
    """Who takes a role next, and when. `state`: planned, called, cancelled."""

    id: str
    role: str
    person: str
    starts_at: datetime
    planned_by: str
    planned_at: datetime
    state: str = "planned"


@dataclass(frozen=True, slots=True)
class SafetyStop:
    """An order to halt. `what` is everything, task or workstream; `subject` the id of what must not go on."""

    id: str
    what: str
    subject: str
    title: str
    reason: str
    ordered_by: str
    ordered_at: datetime
    cleared_by: str = ""
    cleared_at: datetime | None = None
    clearance: str = ""

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A supposed cause. `state`: proposed, testing, confirmed, refuted."""

    id: str
    text: str
    owner: str
    stated_by: str
    stated_at: datetime
    state: str = "proposed"
    evidence: str = ""
    judged_by: str = ""
    judged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentLink:
    """`kind` is what the other incident is to this one: parent, child, related, merged_into, merged_from."""

    other: str
    kind: str
    note: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role that this incident has beside those of its structure (R-117)."""

    key: str
    title: str
    purpose: str
    reports_to: str


@dataclass(frozen=True, slots=True)
class Crew:
    """Every map is keyed by the part's id (presence by person, links by "kind/incident", own roles and gaps by role).

    `unified` says that command is unified (one plan, the commander its spokesperson); `agreed` maps a subject to the
    members of the command who agreed to it. `gaps` are vacancies that were warned of, `passed_gaps` those of which
    the commander was asked after the deputy.
    """

    workstreams: Mapping[str, Workstream] = field(default_factory=dict)
    roll_calls: Mapping[str, RollCall] = field(default_factory=dict)
    presence: Mapping[str, Presence] = field(default_factory=dict)
    reliefs: Mapping[str, Relief] = field(default_factory=dict)
    stops: Mapping[str, SafetyStop] = field(default_factory=dict)
    hypotheses: Mapping[str, Hypothesis] = field(default_factory=dict)
    links: Mapping[str, IncidentLink] = field(default_factory=dict)
    own_roles: Mapping[str, OwnRole] = field(default_factory=dict)
    gaps: Mapping[str, datetime] = field(default_factory=dict)
    passed_gaps: Mapping[str, datetime] = field(default_factory=dict)
    agreed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unified: bool = False
    group: str = ""

    def open_workstreams(self) -> tuple[Workstream, ...]:
        return tuple(w for w in self.workstreams.values() if w.is_open)

    def open_stops(self) -> tuple[SafetyStop, ...]:
        return tuple(s for s in self.stops.values() if s.is_open)

    def roll_call(self) -> RollCall | None:
        """The one that runs."""
        return next((r for r in self.roll_calls.values() if r.is_open), None)

    def has_left(self, person: str) -> bool:
        found = self.presence.get(person)
        return found is not None and not found.is_here
