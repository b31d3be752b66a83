"""Events of command: who holds which role, how a role passes on, who was called for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from .transfers import HandoverTimed


@dataclass(frozen=True, slots=True)
class RoleTaken:
    """`previous` is the person who lost the role by this act (take-over), "" when nobody did."""

    assignment_id: str
    role: str
    person: str
    previous: str = ""
    assigned_by: str = ""
    exclusive: bool = False
    reports_to: str = ""
    reason: str = ""
    domain: str = ""
    mentor: str = ""
    understood: bool = False


@dataclass(frozen=True, slots=True)
class RoleUnderstood:
    """Whoever was given a role has read its card and understood it."""

    assignment_id: str
    role: str
    person: str


@dataclass(frozen=True, slots=True)
class RoleReleased:
    assignment_id: str
    role: str
    person: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RoleCalled:
    """`how` is callout (must acknowledge) or heads_up (informed only)."""

    role: str
    person: str
    callout_id: str
    how: str = "callout"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CalloutAnswered:
    callout_id: str
    role: str
    person: str


@dataclass(frozen=True, slots=True)
class RoleUnreachable:
    """Everybody who could have answered for the role was tried."""

    role: str
    reason: str = ""


RoleEvent = RoleTaken | RoleUnderstood | RoleReleased | RoleCalled | CalloutAnswered | RoleUnreachable


@dataclass(frozen=True, slots=True)
class HandoverOffered:
    handover_id: str
    role: str
    assignment_id: str
    from_person: str
    to_person: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandoverAccepted:
    handover_id: str
    role: str = ""
    from_person: str = ""
    to_person: str = ""
    understood: bool = False


@dataclass(frozen=True, slots=True)
class HandoverBriefed:
    """`snapshot` is the incident as it was told, by heading (for command the content of form ICS 201)."""

    handover_id: str
    briefing: str = ""
    role: str = ""
    from_person: str = ""
    to_person: str = ""
    snapshot: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandoverEffective:
    """From here on `to_person` holds the role, under a new assignment; the old one ends in the same event."""

    handover_id: str
    new_assignment_id: str
    role: str = ""
    from_person: str = ""
    to_person: str = ""


@dataclass(frozen=True, slots=True)
class HandoverDeclined:
    handover_id: str
    reason: str = ""
    role: str = ""
    from_person: str = ""
    to_person: str = ""


@dataclass(frozen=True, slots=True)
class HandoverWithdrawn:
    handover_id: str
    reason: str = ""
    role: str = ""
    from_person: str = ""
    to_person: str = ""


HandoverEvent = (
    HandoverOffered
    | HandoverAccepted
    | HandoverBriefed
    | HandoverEffective
    | HandoverDeclined
    | HandoverWithdrawn
    | HandoverTimed
)
