"""What each kind of timer does when it falls due. One list: whoever adds a kind adds a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from quarterdeck.store import models

from . import escalations, incident_timers, reactions, role_calls

KINDS: Mapping[str, Callable[[str, datetime], None]] = {
    escalations.KIND: role_calls.advance,
    reactions.TIMER: incident_timers.fire,
}


def fire(row: models.Due, now: datetime) -> None:
    """Do what a timer is for, inside the caller's transaction. An unknown kind is an error, not silence."""
    KINDS[row.kind](row.ref, now)
