"""The business half of an incident as it stands now: who may spend what, money, harm, vendors, legal clocks, continuity
plans. Parts only; what may change them is decided elsewhere. Amounts count minor units of their currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delegation:
    """Authority lent by one person to another. `acts` are keys of `delegations.ACTS`; spending ends at `limit_minor`,
    all acts counted together, within `window_hours` where that is set.

    `until` None lasts as long as the incident. `office`: lent to whoever holds this role; `spent_minor` and
    `planned_minor` are what its holders before used up. `lapsed`: ended with its giver's command.
    """

    id: str
    from_person: str
    to_person: str
    acts: tuple[str, ...]
    limit_minor: int
    currency: str
    until: datetime | None
    note: str
    given_by: str
    given_at: datetime
    ended_at: datetime | None = None
    end_reason: str = ""
    window_hours: int = 0
    office: str = ""
    spent_minor: int = 0
    planned_minor: int = 0
    lapsed: bool = False

    def in_force(self, now: datetime) -> bool:
        ends = [m for m in (self.ended_at, self.until) if m is not None]
        return self.given_at <= now and all(now < m for m in ends)


@dataclass(frozen=True, slots=True)
class CostEntry:
    """Money planned (`kind` budget) or spent (`kind` cost). One that was struck counts no more and stays readable."""

    id: str
    kind: str
    what: str
    minor: int
    currency: str
    entered_by: str
    entered_at: datetime
    struck_by: str = ""
    struck_at: datetime | None = None
    struck_reason: str = ""


@dataclass(frozen=True, slots=True)
class ImpactAssessment:
    """The harm in one dimension: a note, and what it costs (an hour, and once). Its level stands with the incident's.

    `since` is from when `hour_minor` counts; `accrued` what the hourly amounts before came to, in minor units an hour
    times seconds, so that nothing is rounded on the way.
    """

    dimension: str
    note: str
    hour_minor: int
    once_minor: int
    currency: str
    since: datetime
    accrued: int
    assessed_by: str
    assessed_at: datetime


@dataclass(frozen=True, slots=True)
class VendorCase:
    """A case at a supplier. `state`: waiting (for them), answered (it is with us), closed. `due_at`: their promise."""

    id: str
    vendor: str
    service: str
    what: str
    owner: str
    opened_by: str
    opened_at: datetime
    number: str = ""
    contact: str = ""
    answer_minutes: int = 0
    state: str = "waiting"
    waiting_since: datetime | None = None
    due_at: datetime | None = None
    overdue: bool = False
    note: str = ""
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class RegulatoryClock:
    """A duty with a deadline. `state`: running, met, not_applicable. `reminders` are seconds before the deadline, the
    earliest first, of which `reminded` are past. `source` names where the duty stands; no legal advice.
    """

    key: str
    title: str
    source: str
    owner_role: str
    owner: str
    aware_at: datetime
    due_at: datetime
    started_by: str
    started_at: datetime
    why: str = ""
    reminders: tuple[str, ...] = ()
    reminded: int = 0
    overdue: bool = False
    state: str = "running"
    ended_by: str = ""
    ended_at: datetime | None = None
    note: str = ""

    @property
    def is_running(self) -> bool:
        return self.state == "running"


@dataclass(frozen=True, slots=True)
class Continuity:
    """A continuity plan in use, as it was written when it was activated."""

    id: str
    plan_id: str
    title: str
    service: str
    supplier: str
    rto_minutes: int
    rpo_minutes: int
    activated_by: str
    activated_at: datetime
    steps: tuple[str, ...] = ()
    ended_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LinkedReport:
    """A report of this incident. `source_kind`: customer, employee; `customers` how many it speaks for."""

    id: str
    source_kind: str
    customer: str
    customers: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SpendWait:
    """A request that was sent up: who has been `asked`, the last of them since `since`, and who is asked next. `over`
    says that nobody is left.
    """

    request: str
    number: int
    asked: tuple[str, ...]
    backup: tuple[str, ...]
    since: datetime
    minor: int
    currency: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class Business:
    """Every map is keyed by the part's id (impacts by dimension, regulatory clocks by key). `contact` is the person
    named as the incident's contact, empty for the commander; `sent_up` maps a request to whom it was sent for approval.
    """

    delegations: Mapping[str, Delegation] = field(default_factory=dict)
    costs: Mapping[str, CostEntry] = field(default_factory=dict)
    impacts: Mapping[str, ImpactAssessment] = field(default_factory=dict)
    vendor_cases: Mapping[str, VendorCase] = field(default_factory=dict)
    regulatory: Mapping[str, RegulatoryClock] = field(default_factory=dict)
    continuity: Mapping[str, Continuity] = field(default_factory=dict)
    reports: Mapping[str, LinkedReport] = field(default_factory=dict)
    sent_up: Mapping[str, str] = field(default_factory=dict)
    waits: Mapping[str, SpendWait] = field(default_factory=dict)
    contact: str = ""
    impact_started_at: datetime | None = None

    @property
    def customers_reporting(self) -> int:
        """How many customers said that they are hit; the same one, named twice, counts once."""
        named = {r.customer.casefold(): r.customers for r in self.reports.values() if r.customer}
        unnamed = [
            r.customers for r in self.reports.values() if not r.customer and r.source_kind == "customer"
        ]
        return sum(max(1, n) for n in (*named.values(), *unnamed))

    def was_asked(self, request: str, person: str) -> bool:
        """Whether this request was put to this person for approval, first or after others were silent."""
        wait = self.waits.get(request)
        return self.sent_up.get(request) == person or (wait is not None and person in wait.asked)

    def running_clocks(self) -> tuple[RegulatoryClock, ...]:
        return tuple(c for c in self.regulatory.values() if c.is_running)

    def open_cases(self) -> tuple[VendorCase, ...]:
        return tuple(c for c in self.vendor_cases.values() if c.is_open)
