"""The technical half of an incident as it stands now: repairs, findings, evidence, open choices, polls, runbook steps,
questions on tasks, relapses. Parts only; what may change them is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Remediation:
    """A repair with its plan. `state`: proposed, refused, withdrawn, running, done, failed, rolled_back, stopped.

    `risk`: low, medium, high; from medium on it is risky. `decision` is the id of the commander's decision,
    `approved_by` somebody other than who carries it out.
    """

    id: str
    title: str
    plan: str
    risk: str
    rollback: str
    kind: str
    assignee: str
    minutes: int
    proposed_by: str
    proposed_at: datetime
    state: str = "proposed"
    decision: str = ""
    decided_by: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: str = ""

    @property
    def is_risky(self) -> bool:
        return self.risk != "low"

    @property
    def is_open(self) -> bool:
        return self.state in ("proposed", "running")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact with what shows it. `confidence`: low, medium, high. `addressed_to` is who led the technical work then."""

    id: str
    fact: str
    confidence: str
    evidence: str
    url: str
    hypothesis: str
    addressed_to: str
    reported_by: str
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for or against a supposed cause. `file` is an attachment of the incident, `url` a link."""

    id: str
    hypothesis: str
    speaks: str
    text: str
    url: str
    file: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """A question with its options, before it is decided. `risks` and `effects` stand in the order of `options`."""

    id: str
    question: str
    options: tuple[str, ...]
    risks: tuple[str, ...]
    effects: tuple[str, ...]
    opened_by: str
    opened_at: datetime
    state: str = "open"
    chosen: str = ""
    decision: str = ""

    @property
    def is_open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Poll:
    """A proposal that is carried out unless somebody strongly objects before `closes_at`.

    `state`: open, carried, stopped, withdrawn. `objections` maps a person to what they said.
    """

    id: str
    proposal: str
    opened_by: str
    opened_at: datetime
    closes_at: datetime
    state: str = "open"
    objections: Mapping[str, str] = field(default_factory=dict)
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class TaskWord:
    """A question or an answer on a task."""

    id: str
    task: str
    asks: bool
    text: str
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class RunbookStep:
    """A step that was carried out. `outcome`: worked, failed, skipped. `workstream` is empty for none."""

    id: str
    workstream: str
    runbook: str
    step: str
    outcome: str
    result: str
    done_by: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class Relapse:
    """An alert that fired again while the incident was watched. Open until the work is taken up again."""

    alert_id: str
    service: str
    summary: str
    seen_at: datetime
    answered_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.answered_at is None


@dataclass(frozen=True, slots=True)
class Technical:
    """Every map is keyed by the part's id, relapses by alert. `channel_url` is where the technical people talk.

    `stood_down_at` is set while nobody works on it any more: nothing is called for and no clock fires.
    """

    remediations: Mapping[str, Remediation] = field(default_factory=dict)
    findings: Mapping[str, Finding] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    polls: Mapping[str, Poll] = field(default_factory=dict)
    words: Mapping[str, TaskWord] = field(default_factory=dict)
    steps: Mapping[str, RunbookStep] = field(default_factory=dict)
    relapses: Mapping[str, Relapse] = field(default_factory=dict)
    channel_url: str = ""
    stood_down_at: datetime | None = None

    def open_relapse(self) -> Relapse | None:
        """The first one that nobody has answered."""
        return next((r for r in self.relapses.values() if r.is_open), None)
