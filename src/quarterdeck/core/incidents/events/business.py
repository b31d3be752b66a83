"""Events of the business half: authority lent, money, harm, vendors, legal clocks, continuity plans, the contact.

Amounts count minor units of their currency. Fields that repeat what is known let a line of the record stand alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# -- authority and money


@dataclass(frozen=True, slots=True)
class AuthorityDelegated:
    """`acts` are keys of `delegations.ACTS`; `limit_minor` is the most that all of them may cost together, over the
    whole incident or, with `window_hours`, within any such time.

    `office`: the role it was lent to, and passes on with. `spent_minor` and `planned_minor` were used up by those who
    held the office before.
    """

    delegation_id: str
    from_person: str
    to_person: str
    acts: tuple[str, ...]
    limit_minor: int = 0
    currency: str = ""
    until: datetime | None = None
    note: str = ""
    window_hours: int = 0
    office: str = ""
    spent_minor: int = 0
    planned_minor: int = 0


@dataclass(frozen=True, slots=True)
class AuthorityEnded:
    """Taken back, or its time is over. `lapsed`: command passed on, and the successor may confirm it."""

    delegation_id: str
    to_person: str
    reason: str = ""
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class RequestSentUp:
    """A request costs more than `from_person` may approve; it waits for `to_person`, who lent them the authority. Where
    they are silent it goes to their `backup`, then on in this order.
    """

    request_id: str
    number: int
    from_person: str
    to_person: str
    minor: int
    limit_minor: int
    currency: str
    backup: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestPassedUp:
    """`from_person` did not answer in time: it waits for `to_person` as well. "" where nobody is left to ask."""

    request_id: str
    number: int
    from_person: str
    to_person: str
    minutes: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class MoneyEntered:
    """`kind`: budget (planned) or cost (spent)."""

    entry_id: str
    kind: str
    what: str
    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class MoneyStruck:
    """An entry was wrong and counts no more."""

    entry_id: str
    reason: str
    kind: str = "cost"
    what: str = ""


@dataclass(frozen=True, slots=True)
class ImpactAssessed:
    """The harm in one dimension. `from_start` says that the hourly amount counts from the beginning of the impact."""

    dimension: str
    level: str
    note: str = ""
    hour_minor: int = 0
    once_minor: int = 0
    currency: str = ""
    from_start: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImpactBegan:
    """When the harm began, which is mostly before anybody declared."""

    began_at: datetime
    reason: str = ""


MoneyEvent = (
    AuthorityDelegated
    | AuthorityEnded
    | RequestSentUp
    | RequestPassedUp
    | MoneyEntered
    | MoneyStruck
    | ImpactAssessed
    | ImpactBegan
)

# -- others whom the incident depends on


@dataclass(frozen=True, slots=True)
class VendorCaseOpened:
    """`due_at` is when the vendor promised to answer, None without a promise."""

    case_id: str
    vendor: str
    what: str
    owner: str
    service: str = ""
    number: str = ""
    contact: str = ""
    answer_minutes: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VendorCaseNumbered:
    case_id: str
    number: str
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class VendorAnswered:
    """It is with us now; their clock stops."""

    case_id: str
    note: str
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class VendorAsked:
    """It is with them again."""

    case_id: str
    note: str
    due_at: datetime | None = None
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class VendorLate:
    """The promise has passed. `person` owns the case."""

    case_id: str
    vendor: str
    person: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class VendorCaseClosed:
    case_id: str
    note: str = ""
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class ContinuityActivated:
    """A continuity plan goes into use; its steps became tasks. `plan_id` is that of the catalogue."""

    activation_id: str
    plan_id: str
    title: str
    service: str
    supplier: str = ""
    rto_minutes: int = 0
    rpo_minutes: int = 0
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContinuityEnded:
    activation_id: str
    note: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class ContactNamed:
    """Who is the contact of this incident; empty for whoever commands."""

    person: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReportLinked:
    """Somebody's report is about this incident."""

    report_id: str
    source_kind: str
    text: str
    customer: str = ""
    customers: int = 0


VendorEvent = (
    VendorCaseOpened | VendorCaseNumbered | VendorAnswered | VendorAsked | VendorLate | VendorCaseClosed
)
ContinuityEvent = ContinuityActivated | ContinuityEnded | ContactNamed | ReportLinked

# -- duties with a deadline


@dataclass(frozen=True, slots=True)
class RegulatoryStarted:
    """`reminders` are seconds before the deadline as text, the earliest first. `owner` is who answers for it now."""

    key: str
    title: str
    source: str
    owner_role: str
    owner: str
    aware_at: datetime
    due_at: datetime
    reminders: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class RegulatoryReminded:
    """`reminders` of them are past."""

    key: str
    title: str
    person: str
    due_at: datetime
    reminders: int = 1


@dataclass(frozen=True, slots=True)
class RegulatoryOverdue:
    key: str
    title: str
    person: str


@dataclass(frozen=True, slots=True)
class RegulatoryEnded:
    """`state`: met or not_applicable."""

    key: str
    state: str
    note: str
    title: str = ""


RegulatoryEvent = RegulatoryStarted | RegulatoryReminded | RegulatoryOverdue | RegulatoryEnded

BusinessEvent = MoneyEvent | VendorEvent | ContinuityEvent | RegulatoryEvent
