"""An incident as it stands now: the fold of its events. Its maps are never changed in place.

The timeline's texts are not here: the log is the timeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .aftermath import Aftermath
from .approval import Approval
from .asks import Asks
from .boundary import Boundary
from .business import Business
from .crew import Crew
from .emergency import Emergency
from .ics.parts import Ics
from .outside import Outside
from .parts import (
    ActionItem,
    AlertLink,
    Attachment,
    Check,
    ChecklistTick,
    Decision,
    EntryRef,
    Handover,
    Message,
    PageUpdate,
    PhaseSpan,
    Proposal,
    Review,
    RoleAssignment,
    RoleCall,
    Task,
    UpdateClock,
)
from .response import Response
from .structure import LIGHT_PATH_RANK
from .technical import Technical
from .telling import Telling

COMMANDER, DEPUTY = "commander", "deputy"
# Roles that read and never act.
PASSIVE_ROLES = ("observer", "shadow")
# The further members of a unified command; its spokesperson is the commander.
COMMAND_MEMBER = "command_member"
OPEN_PHASES = ("triage", "investigating", "identified", "monitoring")
ENDED_PHASES = ("closed", "dismissed", "merged")


@dataclass(frozen=True, slots=True)
class Incident:
    """`seq` is the last event seen, 0 before the declaration. Every map is keyed by the part's id
    (clocks by audience, alerts by alert id, ticks by "role/phase/index", unreachable by role)."""

    seq: int = 0
    number: int = 0
    title: str = ""
    type: str = ""
    severity: int = 0
    severity_unknown: bool = False
    severity_initial: int = 0
    severity_highest: int = 0
    impact: str = ""
    urgency: str = ""
    scope: str = ""
    phase: str = ""
    phase_since: datetime | None = None
    phases: tuple[PhaseSpan, ...] = ()
    template: str = ""
    template_version: int = 0
    services: tuple[str, ...] = ()
    summary: str = ""
    what_we_know: str = ""
    workaround: str = ""
    customer_effect: str = ""
    cause: str = ""
    next_step: str = ""
    fix: str = ""
    verification: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    customers_affected: str = ""
    drill: bool = False
    drill_kind: str = ""
    away: tuple[str, ...] = ()  # whom an inject of the drill sent away
    restricted: bool = False
    codename: str = ""  # of a restricted one: what others see instead of its title
    former_titles: tuple[str, ...] = ()
    source: str = ""
    declared_at: datetime | None = None
    declared_by: str = ""
    bridge_url: str = ""
    chat_url: str = ""
    triage_overdue: bool = False
    resolved_at: datetime | None = None
    resolution_code: str = ""
    resolution_summary: str = ""
    closed_at: datetime | None = None
    assignments: Mapping[str, RoleAssignment] = field(default_factory=dict)
    handovers: Mapping[str, Handover] = field(default_factory=dict)
    callouts: Mapping[str, RoleCall] = field(default_factory=dict)
    unreachable: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    entries: Mapping[str, EntryRef] = field(default_factory=dict)
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
    ticks: Mapping[str, ChecklistTick] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    alerts: Mapping[str, AlertLink] = field(default_factory=dict)
    clocks: Mapping[str, UpdateClock] = field(default_factory=dict)
    messages: Mapping[str, Message] = field(default_factory=dict)
    page_updates: Mapping[str, PageUpdate] = field(default_factory=dict)
    review: Review | None = None
    action_items: Mapping[str, ActionItem] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    ics: Ics = field(default_factory=Ics)
    crew: Crew = field(default_factory=Crew)
    aftermath: Aftermath = field(default_factory=Aftermath)
    technical: Technical = field(default_factory=Technical)
    business: Business = field(default_factory=Business)
    approval: Approval = field(default_factory=Approval)
    outside: Outside = field(default_factory=Outside)
    telling: Telling = field(default_factory=Telling)
    emergency: Emergency = field(default_factory=Emergency)
    boundary: Boundary = field(default_factory=Boundary)
    asks: Asks = field(default_factory=Asks)
    response: Response = field(default_factory=Response)
    # Kinds of entries that a newer release wrote and this one cannot read: with one of them, nothing is decided here.
    unknown: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The id people say: INC-1042."""
        return f"INC-{self.number}"

    @property
    def is_open(self) -> bool:
        """Declared and not resolved. (Its roles last longer: until it has ended.)"""
        return self.phase in OPEN_PHASES

    @property
    def told_phase(self) -> str:
        """The phase its messages speak of: while a business incident runs, the one of the technical incident."""
        mirror = self.response.mirror
        return mirror.phase if mirror is not None and self.is_open else self.phase

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDED_PHASES

    @property
    def is_light(self) -> bool:
        """Low severities run the light path: no structure is asked for, one person may command and repair (R-035)."""
        return self.severity >= LIGHT_PATH_RANK

    @property
    def is_untriaged(self) -> bool:
        """Severity or type is still missing."""
        return self.is_open and (self.severity_unknown or not self.type)

    @property
    def commander(self) -> RoleAssignment | None:
        """The open assignment of the commander; there is exactly one until the incident has ended."""
        return self.holder(COMMANDER)

    @property
    def deputy(self) -> RoleAssignment | None:
        """The deputy who has been there longest."""
        return self.holder(DEPUTY)

    def holder(self, role: str) -> RoleAssignment | None:
        """The first open assignment of a role."""
        return next((a for a in self.assignments.values() if a.role == role and a.is_open), None)

    def holders(self, role: str) -> tuple[RoleAssignment, ...]:
        return tuple(a for a in self.assignments.values() if a.role == role and a.is_open)

    def open_assignments(self) -> tuple[RoleAssignment, ...]:
        """In the order they began."""
        return tuple(a for a in self.assignments.values() if a.is_open)

    def roles_of(self, person: str) -> tuple[str, ...]:
        return tuple(a.role for a in self.assignments.values() if a.person == person and a.is_open)

    def running_clocks(self) -> tuple[UpdateClock, ...]:
        return tuple(c for c in self.clocks.values() if c.running)

    @property
    def next_update_at(self) -> datetime | None:
        """The earliest promise to any audience, None when no clock runs."""
        return min((c.next_due for c in self.running_clocks()), default=None)


def tick_key(role: str, phase: str, index: int) -> str:
    return f"{role}/{phase}/{index}"
