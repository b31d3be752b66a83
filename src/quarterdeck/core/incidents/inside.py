"""What of an incident's record stays inside the organisation: guests of others do not read it."""

from __future__ import annotations

from typing import get_args

from .events.aftermath import HoldLifted, HoldPlaced
from .events.business import BusinessEvent, ContactNamed, ImpactBegan
from .events.targets import TargetEvent

# Kinds of events. Whom to turn to and when the harm began everybody who helps may know.
INSIDE: frozenset[str] = frozenset(
    event.__name__ for event in (*get_args(BusinessEvent), *get_args(TargetEvent), HoldPlaced, HoldLifted)
) - {ContactNamed.__name__, ImpactBegan.__name__}
