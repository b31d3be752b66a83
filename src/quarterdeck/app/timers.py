"""What each kind of timer does when it falls due. One list: whoever adds a kind adds a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from quarterdeck.store import models

from . import component_rules, escalations, incident_timers, reactions, role_calls
from .directory import Directory

KINDS: Mapping[str, Callable[[str, Directory], None]] = {
    escalations.KIND: role_calls.advance,
    reactions.TIMER: incident_timers.fire,
    component_rules.KIND: component_rules.fire,
}


def fire(row: models.Due, directory: Directory) -> None:
    """Do what a timer is for, inside the caller's transaction. An unknown kind is an error, not silence.

    `directory` may serve many timers at one instant.
    """
    KINDS[row.kind](row.ref, directory)
