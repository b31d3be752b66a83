"""The parts of an incident as they stand now: assignments, handovers, tasks, messages, review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rule proposes: `kind` severity or phase. `outcome`: "" while it waits, accepted, declined."""

    id: str
    kind: str
    value: str
    reason: str
    name: str
    made_by: str
    made_at: datetime
    outcome: str = ""
    settled_by: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A person holding a role for an interval; open while `ended_at` is None.

    `domain` is what a deputy looks after. `mentor` is beside whom a trainee learns (shadow) or under whose eyes one
    acts (reverse shadow): both are shown as "(T)". `understood`: the person said so of the role's card.
    """

    id: str
    role: str
    person: str
    started_at: datetime
    exclusive: bool = False
    assigned_by: str = ""
    reports_to: str = ""
    ended_at: datetime | None = None
    end_reason: str = ""
    domain: str = ""
    mentor: str = ""
    understood: bool = False

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Handover:
    """`state`: offered, accepted, briefed, effective, declined, withdrawn. The last three are final. `effective_at` is
    the time it was announced for, None when the two say so themselves.
    """

    id: str
    role: str
    assignment_id: str
    from_person: str
    to_person: str
    offered_at: datetime
    note: str = ""
    state: str = "offered"
    briefing: str = ""
    accepted_at: datetime | None = None
    briefed_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = ""
    new_assignment_id: str = ""
    snapshot: Mapping[str, str] = field(default_factory=dict)
    effective_at: datetime | None = None
    understood: bool = False

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class RoleCall:
    """`how`: callout (must acknowledge) or heads_up."""

    id: str
    role: str
    person: str
    how: str
    called_at: datetime
    reason: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """`state`: given, acknowledged, done, cancelled. `due_at` is the end of the time box."""

    id: str
    title: str
    assignee: str
    minutes: int
    given_by: str
    given_at: datetime
    due_at: datetime
    kind: str = "task"
    role_item: str = ""
    state: str = "given"
    acknowledged_at: datetime | None = None
    reminded: bool = False
    late: bool = False
    note: str = ""
    result: str = ""
    ended_at: datetime | None = None
    end_reason: str = ""
    reply: str = ""
    replied_at: datetime | None = None
    despite: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in ("given", "acknowledged")


@dataclass(frozen=True, slots=True)
class Decision:
    id: str
    question: str
    options: tuple[str, ...]
    chosen: str
    reason: str
    objections: str
    decided_by: str
    decided_at: datetime
    kind: str = ""


@dataclass(frozen=True, slots=True)
class EntryRef:
    """What must be known of a timeline entry to correct or pin it; its text lives in the log only."""

    kind: str
    author: str
    superseded_by: str = ""
    pinned: bool = False
    followup: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in the record, by the id of its entry. `sha256` names its content in the store of files."""

    id: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    text: str
    attached_by: str
    attached_at: datetime
    taken_back_at: datetime | None = None
    taken_back_by: str = ""
    taken_back_reason: str = ""


@dataclass(frozen=True, slots=True)
class ChecklistTick:
    role: str
    phase: str
    index: int
    text: str
    done_by: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class Check:
    """A validation check. `state`: planned, passed, failed. It is bound to the alerts of `service`, if one is named."""

    id: str
    subject: str
    kind: str
    planned_at: datetime
    service: str = ""
    state: str = "planned"
    note: str = ""
    checked_by: str = ""
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertLink:
    alert_id: str
    summary: str
    dedup_key: str
    linked_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UpdateClock:
    """`next_due` is the promise in force; `overdue_level` 1: owner told, 2: commander told. `stage`: see `cadence`;
    `runs_since` when it began to run without a stop. `remind_seconds` 0: nobody is reminded.
    """

    audience: str
    every_seconds: int
    next_due: datetime
    owner_role: str
    started_at: datetime
    running: bool = True
    overdue_level: int = 0
    last_message_id: str = ""
    last_reset_at: datetime | None = None
    stopped_at: datetime | None = None
    stage: str = ""
    remind_seconds: int = 0
    grace_seconds: int = 300
    reminded_for: datetime | None = None
    runs_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A text for one audience in one phase. `state`: draft, in_review, released, sent, superseded.

    `broke_glass` is the reason it was released past its chain; a second person countersigns. `agreed`: its locked
    wording is untouched. `corrects` is the message it puts right, `facts` what was known when it was written,
    `override` why it went out with the faults `overridden`. `author` wrote the text as it stands: whoever only saved it
    anew did not. `sender_identity` is who it speaks as (see speakers), `spoken_by` the person in whose
    name it was released.
    """

    id: str
    audience: str
    phase: str
    headline: str
    drafted_by: str
    drafted_at: datetime
    body: str = ""
    customer_effect: str = ""
    action: str = ""
    next_update_at: datetime | None = None
    final: bool = False
    status_word: str = ""
    components: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[str, ...] = ()
    state: str = "draft"
    edited_by: str = ""
    edited_at: datetime | None = None
    released_by: str = ""
    released_at: datetime | None = None
    content_hash: str = ""
    sent_at: datetime | None = None
    recipients: int = 0
    page_count: int = 0
    superseded_at: datetime | None = None
    superseded_reason: str = ""
    submitted_by: str = ""
    submitted_at: datetime | None = None
    broke_glass: str = ""
    countersigned: str = ""
    countersigned_by: str = ""
    countersigned_at: datetime | None = None
    countersigned_text: str = ""
    countersign_late: bool = False
    agreed: bool = False
    corrects: str = ""
    prompts: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    override: str = ""
    overridden: tuple[str, ...] = ()
    preapproved: str = ""
    author: str = ""
    sender_identity: str = ""
    sender_person: str = ""
    spoken_by: str = ""


@dataclass(frozen=True, slots=True)
class PageUpdate:
    """`page` is the id of the status page."""

    id: str
    message_id: str
    page: str
    status_word: str
    body: str
    posted_at: datetime
    posted_by: str
    components: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActionItem:
    id: str
    title: str
    owner: str
    due_on: str
    kind: str
    added_by: str
    added_at: datetime
    done_by: str = ""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """`state`: draft, in_review, reviewed, closed, waived. `sections` maps a section's key to its text.

    `read_until` ends the time to read it, `meets_at` is when it is talked over; `late` counts who was told of a delay.
    """

    id: str
    owner: str
    due_on: str
    opened_at: datetime
    state: str = "draft"
    sections: Mapping[str, str] = field(default_factory=dict)
    published_at: datetime | None = None
    waived_reason: str = ""
    facilitator: str = ""
    submitted_at: datetime | None = None
    read_until: datetime | None = None
    meets_at: datetime | None = None
    place: str = ""
    invited: tuple[str, ...] = ()
    late: int = 0
    closed_at: datetime | None = None
    cause_category: str = ""
    factors: tuple[str, ...] = ()
    change_kind: str = ""

    @property
    def is_settled(self) -> bool:
        return self.state in ("reviewed", "closed", "waived")

    @property
    def is_public(self) -> bool:
        """Whether everybody who may read reviews may read it."""
        return self.state in ("reviewed", "closed")


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """When a phase began and who moved the incident into it."""

    phase: str
    since: datetime
    by: str
