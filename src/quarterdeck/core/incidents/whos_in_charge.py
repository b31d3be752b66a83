"""The one line that says who is in charge, word for word the same in web, mail, chat and CLI (R-038)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from .parts import RoleAssignment
from .state import DEPUTY, Incident

Clock = Callable[[datetime], str]


def command_line(
    incident: Incident,
    names: Callable[[str], str],
    clock: Clock,
    title: str = "Commander",
) -> str:
    """ "Commander: Ana Ferreira since 14:02; deputy: Ben Okonkwo". `title` is what the organisation calls it.

    `clock` writes a moment as the reader's time of day.
    """
    commander = incident.commander
    lead = f"{names(commander.person)} since {clock(commander.started_at)}" if commander else "none"
    return f"{title}: {lead}; deputy: {_deputies(incident.holders(DEPUTY), names)}"


def _deputies(held: tuple[RoleAssignment, ...], names: Callable[[str], str]) -> str:
    named = [f"{names(a.person)} ({a.domain})" if a.domain else names(a.person) for a in held]
    return ", ".join(named) or "none"
