"""Events of the technical work: repairs, findings, evidence, choices, polls, standing down, relapses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# -- repairs


@dataclass(frozen=True, slots=True)
class RemediationProposed:
    """`risk`: low, medium, high. `kind`: fix, workaround, mitigation."""

    remediation_id: str
    title: str
    plan: str
    risk: str
    rollback: str
    kind: str
    assignee: str
    minutes: int


@dataclass(frozen=True, slots=True)
class RemediationChanged:
    """Another plan: what was decided and approved before counts no more."""

    remediation_id: str
    title: str
    plan: str
    risk: str
    rollback: str
    kind: str
    assignee: str
    minutes: int


@dataclass(frozen=True, slots=True)
class RemediationApproved:
    """`decision` is the id of the commander's decision; empty for the word of a second person."""

    remediation_id: str
    title: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class RemediationRefused:
    remediation_id: str
    title: str = ""
    reason: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class RemediationStarted:
    remediation_id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class RemediationPassed:
    """Somebody else carries it out."""

    remediation_id: str
    assignee: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class RemediationEnded:
    """`outcome`: done, failed, rolled_back, stopped, withdrawn."""

    remediation_id: str
    outcome: str
    result: str = ""
    title: str = ""


RepairEvent = (
    RemediationProposed
    | RemediationChanged
    | RemediationApproved
    | RemediationRefused
    | RemediationStarted
    | RemediationPassed
    | RemediationEnded
)

# -- diagnosis


@dataclass(frozen=True, slots=True)
class FindingReported:
    """`confidence`: low, medium, high. `addressed_to` is who leads the technical work, empty for nobody.

    `entry_id` is its line on the timeline and may come from outside; `finding_id` is its own.
    """

    entry_id: str
    finding_id: str
    fact: str
    confidence: str
    evidence: str
    url: str = ""
    hypothesis: str = ""
    addressed_to: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceAdded:
    """`speaks`: for, against, neutral. `file` is the id of an attachment."""

    evidence_id: str
    hypothesis: str
    speaks: str
    text: str
    url: str = ""
    file: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class HypothesisPassed:
    """Somebody else tests it."""

    hypothesis_id: str
    owner: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class RunbookStepRecorded:
    """`outcome`: worked, failed, skipped."""

    step_id: str
    runbook: str
    step: str
    outcome: str
    result: str = ""
    workstream_id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class TechnicalChannelSet:
    url: str


@dataclass(frozen=True, slots=True)
class TaskSaid:
    """A question (`asks`) or an answer on a task."""

    word_id: str
    task_id: str
    text: str
    asks: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class RelapseSeen:
    """An alert of the same service fired while recovery was watched (R-064)."""

    alert_id: str
    service: str
    summary: str = ""


DiagnosisEvent = (
    FindingReported
    | EvidenceAdded
    | HypothesisPassed
    | RunbookStepRecorded
    | TechnicalChannelSet
    | TaskSaid
    | RelapseSeen
)

# -- decisions


@dataclass(frozen=True, slots=True)
class ChoiceOpened:
    """`risks` and `effects` stand in the order of `options`."""

    choice_id: str
    question: str
    options: tuple[str, ...]
    risks: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceSettled:
    """`outcome`: decided, dropped. `decision` is the id of the decision."""

    choice_id: str
    outcome: str
    chosen: str = ""
    decision: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class PollOpened:
    poll_id: str
    proposal: str
    closes_at: datetime
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class ObjectionRaised:
    poll_id: str
    text: str
    proposal: str = ""


@dataclass(frozen=True, slots=True)
class PollClosed:
    """`outcome`: carried, stopped, withdrawn."""

    poll_id: str
    outcome: str
    proposal: str = ""


@dataclass(frozen=True, slots=True)
class StoodDown:
    """The team calls it a day: callouts and clocks have ended (R-025)."""

    reason: str


@dataclass(frozen=True, slots=True)
class StoodTo:
    """The work goes on after a stand-down."""

    reason: str


ChoiceEvent = ChoiceOpened | ChoiceSettled | PollOpened | ObjectionRaised | PollClosed | StoodDown | StoodTo
TechnicalEvent = RepairEvent | DiagnosisEvent | ChoiceEvent
