"""What an incident knows of those outside: who spoke of it before us, which customers are affected and how far their
repair is, and how many were counted when. Parts only; what may change them is decided in `disclosure`, `customers` and
`impact_pulse`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# A customer is affected, the repair is on its way to them, they have it, or they said no to it.
CUSTOMER_STATES: Mapping[str, str] = {
    "affected": "Affected",
    "rolling_out": "Repair on its way",
    "done": "Done",
    "declined": "Declined",
}
SETTLED = ("done", "declined")


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody outside spoke of it: `source` is who, `place` where. `ahead`: before our first public statement."""

    id: str
    source: str
    place: str
    seen_at: datetime
    recorded_by: str
    recorded_at: datetime
    link: str = ""
    text: str = ""
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class AffectedCustomer:
    """`reference` is the customer's number in one's own books. `state` is one of CUSTOMER_STATES."""

    id: str
    name: str
    listed_at: datetime
    reference: str = ""
    state: str = "affected"
    note: str = ""
    changed_by: str = ""
    changed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state not in SETTLED


@dataclass(frozen=True, slots=True)
class Pulse:
    """How many customers were affected at a moment, and how many it may become."""

    id: str
    affected_now: int
    worst_case: int
    taken_by: str
    taken_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """`pulse_late` 1: whoever takes the pulse was warned that the one of `pulse_due` is late; 2: the commander."""

    mentions: Mapping[str, Mention] = field(default_factory=dict)
    customers: Mapping[str, AffectedCustomer] = field(default_factory=dict)
    pulses: Mapping[str, Pulse] = field(default_factory=dict)
    pulse_late: int = 0
    pulse_due: datetime | None = None

    @property
    def last_pulse(self) -> Pulse | None:
        return list(self.pulses.values())[-1] if self.pulses else None

    def open_customers(self) -> tuple[AffectedCustomer, ...]:
        return tuple(c for c in self.customers.values() if c.is_open)
