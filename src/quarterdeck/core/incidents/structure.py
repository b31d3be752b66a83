"""Response structures as data: what a template, a role, a severity and an incident type are.

Shapes follow the catalogue (TOML). An incident pins the structure it was declared with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from .cadence import Cadence

PHASES = ("triage", "investigating", "identified", "monitoring", "resolved", "analysis", "closed")
# Glossary 2.3: which phase may follow which. `dismissed` is an outcome of triage.
NEXT_PHASES: Mapping[str, tuple[str, ...]] = {
    "triage": ("investigating", "dismissed"),
    "investigating": ("identified", "monitoring", "resolved"),
    "identified": ("monitoring", "investigating", "resolved"),
    "monitoring": ("resolved", "investigating"),
    "resolved": ("analysis", "investigating"),
    "analysis": ("closed",),
    "closed": (),
    "dismissed": (),
    "merged": (),
}

# Impact assessment: what may be harmed, and how badly.
DIMENSIONS = ("customers", "revenue", "legal", "brand", "operations", "supply_chain", "safety")
LEVELS = ("none", "low", "medium", "high", "critical")
# From this rank on an incident takes the light path: one person may command and repair.
LIGHT_PATH_RANK = 4


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """`due` counts from the start of the phase."""

    text: str
    due: timedelta | None = None


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """A role card. `required_when` is an expression ("severity <= 2"), "" means never required.

    `understood`: whoever takes it says first that they have read the card and understood it (R-168).
    `functions`: what the product asks of it, under whatever name (`functions.FUNCTIONS`).
    `retired`: of an earlier structure of a running incident. Its checklist stays, nobody takes it any more.
    """

    key: str
    title: str
    purpose: str
    group: str = "command"
    min: int = 0
    max: int | None = 1
    exclusive: bool = False
    excludes: tuple[str, ...] = ()
    required_when: str = ""
    reports_to: str | None = None
    backup: str = ""
    grants: tuple[str, ...] = ()
    qualification: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    rollup: bool = True
    understood: bool = False
    retired: bool = False
    functions: tuple[str, ...] = ()
    checklist: Mapping[str, tuple[ChecklistItem, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One step of an approval chain: draft, review, approve, release, distribute, confirm.

    `eta` is how long it may take; after that whoever is asked is reminded, and every `check_back` the next of
    `backup`, then of the role's policy, is called. `when` is a condition; `guidelines` are looked at one by one.
    `agreed_skips`: roles that need not review a text whose locked wording is untouched (R-222).
    """

    step: str
    roles: tuple[str, ...]
    parallel: bool = False
    eta: timedelta | None = None
    check_back: timedelta | None = None
    backup: tuple[str, ...] = ()
    when: str = "always"
    guidelines: tuple[str, ...] = ()
    agreed_skips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assembly:
    """Who is brought in. `how` is callout (must acknowledge) or heads_up (informed only)."""

    role: str
    how: str
    when: str = "always"


@dataclass(frozen=True, slots=True)
class Switch:
    """Outward activity that may have to stand still (R-102). `owner` is a role. `webhook` is called at each step, where
    one is set. What has a lower `resume_order` runs again first.
    """

    key: str
    title: str
    owner: str
    webhook: str = ""
    resume_order: int = 1


@dataclass(frozen=True, slots=True)
class Audience:
    key: str
    title: str
    detail: str
    public: bool = False
    headline_limit: int = 120
    clock_owner: str = "communications_lead"


@dataclass(frozen=True, slots=True)
class SeverityLevel:
    """Rank 1 (highest) to 5. Behaviour is bound to the rank; the label is the organisation's."""

    rank: int
    label: str
    criteria: str
    page_urgency: str = "high"
    review_required: bool = False
    review_days: int = 5
    triage_minutes: int = 10
    review_working_days: bool = False


@dataclass(frozen=True, slots=True)
class IncidentType:
    """Kind of harm; picks the template. `roles` are keys that its incidents require besides (R-001), `procedure` what
    is to be done besides: items for whoever commands (R-002).
    """

    key: str
    title: str
    template: str
    description: str = ""
    default_severity: int | None = None
    restricted: bool = False
    roles: tuple[str, ...] = ()
    procedure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rates:
    """What an hour of a person costs, in minor units; `roles` where a role costs another amount."""

    currency: str = "EUR"
    hour_minor: int = 0
    roles: Mapping[str, int] = field(default_factory=dict)

    def of(self, role: str) -> int:
        return self.roles.get(role, self.hour_minor)


@dataclass(frozen=True, slots=True)
class Template:
    """A response structure. `clocks` is audience -> severity rank -> interval.

    `severities` and `rates` are pinned with an incident (what the files say later changes nothing for it); else empty.
    `cadences` is how those clocks begin and slow down, `pulse` how often affected customers are counted.
    `senders` is audience -> the role in whose name its messages go, which alone may be theirs.
    `unified_command`: several agencies may command together; off unless the structure says so.
    """

    key: str
    version: int
    title: str
    phases: tuple[str, ...]
    roles: tuple[RoleDefinition, ...]
    audiences: tuple[Audience, ...]
    clocks: Mapping[str, Mapping[int, timedelta]] = field(default_factory=dict)
    chains: Mapping[str, tuple[ChainStep, ...]] = field(default_factory=dict)
    assembly: tuple[Assembly, ...] = ()
    gates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    severities: tuple[SeverityLevel, ...] = ()
    unified_command: bool = False
    rates: Rates | None = None
    cadences: Mapping[str, Mapping[int, Cadence]] = field(default_factory=dict)
    pulse: Mapping[int, timedelta] = field(default_factory=dict)
    switches: tuple[Switch, ...] = ()
    senders: Mapping[str, str] = field(default_factory=dict)

    def cadence(self, audience: str, rank: int) -> Cadence | None:
        """How the clock of this audience begins and slows down at this severity; None where nothing is said."""
        return self.cadences.get(audience, {}).get(rank)

    def severity(self, rank: int) -> SeverityLevel | None:
        return next((s for s in self.severities if s.rank == rank), None)

    def role(self, key: str) -> RoleDefinition | None:
        return next((r for r in self.roles if r.key == key), None)

    def audience(self, key: str) -> Audience | None:
        return next((a for a in self.audiences if a.key == key), None)


@dataclass(frozen=True, slots=True)
class RoleMapping:
    """Which role of one structure goes on as which role of another (`roles`), and under whom those work on that have no
    place of their own there (`under`). Read backwards it leads back.
    """

    source: str
    target: str
    roles: Mapping[str, str] = field(default_factory=dict)
    under: Mapping[str, str] = field(default_factory=dict)
    back_under: Mapping[str, str] = field(default_factory=dict)

    def backwards(self) -> RoleMapping:
        """Where several roles go on as one, the first named leads back."""
        back: dict[str, str] = {}
        for role, other in self.roles.items():
            back.setdefault(other, role)
        return RoleMapping(self.target, self.source, back, self.back_under, self.under)


@dataclass(frozen=True, slots=True)
class ResolutionCode:
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Scope:
    """How far the harm reaches. It raises the impact to at least `least_impact` and never lowers it."""

    key: str
    title: str
    text: str = ""
    least_impact: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything the organisation configured about how it responds. `matrix` is (impact, urgency) -> rank."""

    severities: tuple[SeverityLevel, ...]
    types: tuple[IncidentType, ...]
    templates: tuple[Template, ...]
    matrix: Mapping[tuple[str, str], int]
    impacts: tuple[str, ...] = ("low", "medium", "high", "critical")
    urgencies: tuple[str, ...] = ("low", "medium", "high")
    resolution_codes: tuple[ResolutionCode, ...] = ()
    scopes: tuple[Scope, ...] = ()
    unknown: tuple[str, str] = ("high", "high")  # impact and urgency taken while nobody knows
    mappings: tuple[RoleMapping, ...] = ()

    def severity(self, rank: int) -> SeverityLevel:
        return next(s for s in self.severities if s.rank == rank)

    def type(self, key: str) -> IncidentType | None:
        return next((t for t in self.types if t.key == key), None)

    def template(self, key: str) -> Template | None:
        return next((t for t in self.templates if t.key == key), None)

    @property
    def default_template(self) -> Template:
        """What an incident of no type starts with: the general structure, or the first where there is none."""
        return self.template("general") or self.templates[0]

    def mapping(self, source: str, target: str) -> RoleMapping:
        """How roles go from one structure to another; an empty one where nothing is said."""
        for m in self.mappings:
            if (m.source, m.target) == (source, target):
                return m
        found = next((m for m in self.mappings if (m.source, m.target) == (target, source)), None)
        return found.backwards() if found else RoleMapping(source, target)
