"""Events of what is measured of an incident: a target it missed, and how many tickets its customers opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TargetMissed:
    """`metric` was to be over by `due_at`, at most `at_most_seconds` after its start; said once for each metric.

    `title` is how the metric is called. `business` says that only business hours counted.
    """

    metric: str
    title: str
    at_most_seconds: int
    due_at: datetime
    business: bool = False


@dataclass(frozen=True, slots=True)
class TicketsCounted:
    """So many support tickets this incident has brought so far, by hand or from another tool."""

    tickets: int


TargetEvent = TargetMissed | TicketsCounted
