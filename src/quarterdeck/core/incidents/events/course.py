"""Events of an incident's course: declared, assessed, moved through its phases, ended; and its alerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Declared:
    """`severity` is the rank the incident is treated as; with `unknown_severity` nobody has set it yet."""

    number: int
    title: str
    type: str
    severity: int
    unknown_severity: bool
    impact: str
    urgency: str
    scope: str
    template: str
    template_version: int
    services: tuple[str, ...]
    summary: str
    customer_effect: str
    declarer: str
    drill: bool
    restricted: bool
    source: str  # web | api | cli | alert | chat
    alerts: tuple[str, ...] = ()
    bridge_url: str = ""
    chat_url: str = ""
    phase: str = "triage"
    severity_reason: str = ""
    drill_kind: str = ""  # "" for one that was declared as a drill by hand
    codename: str = ""  # of a restricted one; "" in those of older releases


@dataclass(frozen=True, slots=True)
class TitleSet:
    title: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class CodenameSet:
    """What a restricted incident is called where others may see it."""

    codename: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """A move inside the life of the incident. Resolved, Reopened, Closed and Dismissed move it themselves."""

    previous: str
    phase: str
    reason: str = ""
    overridden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeveritySet:
    previous: int
    severity: int
    impact: str = ""
    urgency: str = ""
    scope: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TypeSet:
    type: str
    reason: str = ""
    previous: str = ""


@dataclass(frozen=True, slots=True)
class ImpactSet:
    """`dimensions` is the whole assessment: dimension -> level."""

    dimensions: dict[str, str] = field(default_factory=dict)
    customers_affected: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FactsSet:
    """The facts panel as it stands from now on, all fields."""

    what_we_know: str = ""
    workaround: str = ""
    customer_effect: str = ""
    cause: str = ""
    next_step: str = ""
    fix: str = ""
    verification: str = ""


@dataclass(frozen=True, slots=True)
class LinksSet:
    bridge_url: str = ""
    chat_url: str = ""


CourseEvent = (
    Declared | TitleSet | CodenameSet | PhaseChanged | SeveritySet | TypeSet | ImpactSet | FactsSet | LinksSet
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """`resolved_at` is when service was restored, not when it was recorded."""

    code: str
    resolved_at: datetime
    summary: str = ""
    overridden: tuple[str, ...] = ()
    override_reason: str = ""
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Reopened:
    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    reason: str = ""
    overridden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dismissed:
    reason: str


@dataclass(frozen=True, slots=True)
class TriageOverdue:
    """Severity or type is still missing and the triage time is over (R-183)."""

    minutes: int = 0


EndingEvent = Resolved | Reopened | Closed | Dismissed | TriageOverdue


@dataclass(frozen=True, slots=True)
class AlertLinked:
    alert_id: str
    summary: str = ""
    dedup_key: str = ""


@dataclass(frozen=True, slots=True)
class AlertResolved:
    alert_id: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class AlertUnlinked:
    alert_id: str
    summary: str = ""
    reason: str = ""


AlertEvent = AlertLinked | AlertResolved | AlertUnlinked
