"""Events of what is known of those outside: mentions by others, affected customers, the pulse of the impact."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MentionRecorded:
    """Somebody outside spoke of it. `ahead`: nothing of ours was public by then."""

    mention_id: str
    source: str
    place: str
    seen_at: datetime
    link: str = ""
    text: str = ""
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class CustomersListed:
    """Id to name, and id to the customer's number. One that is listed already is told of anew, its state stays."""

    names: dict[str, str] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomerMoved:
    customer_id: str
    state: str
    note: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PulseTaken:
    pulse_id: str
    affected_now: int
    worst_case: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class PulseLate:
    """`level` 1: whoever takes the pulse is warned; 2: the commander."""

    due: datetime
    level: int = 1


TellingEvent = MentionRecorded | CustomersListed | CustomerMoved | PulseTaken | PulseLate
