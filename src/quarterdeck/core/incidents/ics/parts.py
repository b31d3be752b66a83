"""The parts of an incident that only the Incident Command System knows, as they stand now. Never changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .resource_parts import Release, Resource, ResourceCheckIn, ResourceRequest


@dataclass(frozen=True, slots=True)
class Period:
    """An operational period. `state`: prepared, running, ended."""

    id: str
    number: int
    starts_at: datetime
    ends_at: datetime
    state: str = "prepared"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of the planning cycle (ICS 230). `state`: planned, held, missed, cancelled."""

    id: str
    period_id: str
    kind: str
    title: str
    purpose: str
    starts_at: datetime
    minutes: int
    attendees: str = ""
    place: str = ""
    forms: tuple[str, ...] = ()
    state: str = "planned"
    facilitator: str = ""
    notes: str = ""
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    """A measurable aim of a period (ICS 202). `priority` 1 comes first. `state`: open, met, dropped."""

    id: str
    period_id: str
    priority: int
    text: str
    measure: str = ""
    state: str = "open"
    note: str = ""
    carried_from: str = ""
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class Hazard:
    """A danger with its mitigation (ICS 208, 215A). Signed by two people; a change of it takes both names off."""

    id: str
    area: str
    hazard: str
    risk: str
    mitigation: str
    residual: str
    owner: str = ""
    safety_by: str = ""
    safety_at: datetime | None = None
    operations_by: str = ""
    operations_at: datetime | None = None
    cleared_at: datetime | None = None
    clear_reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None

    @property
    def is_signed(self) -> bool:
        return bool(self.safety_by and self.operations_by)


@dataclass(frozen=True, slots=True)
class Division:
    """A branch, division, group, staging area or task force with its leader and its channel (ICS 204)."""

    id: str
    kind: str
    name: str
    branch: str = ""
    leader: str = ""
    members: tuple[str, ...] = ()
    channel: str = ""
    place: str = ""
    assignment: str = ""
    special: str = ""
    closed_at: datetime | None = None
    close_reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class Channel:
    """A line of the communications plan (ICS 205): radio, call or chat."""

    id: str
    function: str
    name: str
    zone: str = ""
    number: str = ""
    assignment: str = ""
    link: str = ""
    receive: str = ""
    receive_tone: str = ""
    transmit: str = ""
    transmit_tone: str = ""
    mode: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class FormFill:
    """Human words in one block of a form. `version` counts how often the block was written."""

    form: str
    period_id: str
    subject: str
    block: str
    text: str
    author: str
    written_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class FormApproval:
    """A form as it was approved: `page` is the frozen snapshot as canonical JSON, `content_hash` SHA-256 over it."""

    id: str
    form: str
    period_id: str
    subject: str
    version: int
    content_hash: str
    page: str
    approved_by: str
    approved_at: datetime
    position: str = ""


@dataclass(frozen=True, slots=True)
class PlanApproval:
    """An Incident Action Plan as it was approved: `plan` is canonical JSON with every page."""

    id: str
    period_id: str
    version: int
    content_hash: str
    plan: str
    approved_by: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Ics:
    """Every map is keyed by the part's id; fills by "form/period/subject/block"."""

    periods: Mapping[str, Period] = field(default_factory=dict)
    meetings: Mapping[str, Meeting] = field(default_factory=dict)
    objectives: Mapping[str, Objective] = field(default_factory=dict)
    hazards: Mapping[str, Hazard] = field(default_factory=dict)
    divisions: Mapping[str, Division] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    checkins: Mapping[str, ResourceCheckIn] = field(default_factory=dict)
    requests: Mapping[str, ResourceRequest] = field(default_factory=dict)
    releases: Mapping[str, Release] = field(default_factory=dict)
    fills: Mapping[str, FormFill] = field(default_factory=dict)
    approvals: Mapping[str, FormApproval] = field(default_factory=dict)
    plans: Mapping[str, PlanApproval] = field(default_factory=dict)

    @property
    def running(self) -> Period | None:
        return next((p for p in self.periods.values() if p.state == "running"), None)

    @property
    def prepared(self) -> Period | None:
        return next((p for p in self.periods.values() if p.state == "prepared"), None)

    @property
    def newest(self) -> Period | None:
        """The running period; before the first and after the last the newest there is."""
        return self.running or next(reversed(tuple(self.periods.values())), None)

    def of_period(self, period_id: str) -> tuple[Objective, ...]:
        """The objectives of a period that were not dropped, most important first."""
        found = [o for o in self.objectives.values() if o.period_id == period_id and o.state != "dropped"]
        return tuple(sorted(found, key=lambda o: o.priority))

    def plan_of(self, period_id: str) -> PlanApproval | None:
        """The newest approved plan of a period."""
        return next((p for p in reversed(tuple(self.plans.values())) if p.period_id == period_id), None)

    def approval_of(self, form: str, period_id: str, subject: str = "") -> FormApproval | None:
        """The newest approval of a form."""
        key = (form, period_id, subject)
        found = reversed(tuple(self.approvals.values()))
        return next((a for a in found if (a.form, a.period_id, a.subject) == key), None)

    def open_hazards(self) -> tuple[Hazard, ...]:
        return tuple(h for h in self.hazards.values() if h.is_open)

    def open_divisions(self) -> tuple[Division, ...]:
        return tuple(w for w in self.divisions.values() if w.is_open)


def fill_key(form: str, period_id: str, subject: str, block: str) -> str:
    return f"{form}/{period_id}/{subject}/{block}"
