"""How the clock of an audience begins, keeps its step, and may slow down in a long incident: data, and what it means.

Decides nothing about messages; `clocks` asks it how far off the next word may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

# Until the first word; until the word that says who is affected; in step; slowed down. "" has no presets.
PLAIN, FIRST, SCOPE, STEADY, LONG = "", "first", "scope", "steady", "long"
STAGES: Mapping[str, str] = {
    FIRST: "first word due",
    SCOPE: "scope due",
    STEADY: "in step",
    LONG: "long-incident mode",
}
GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Cadence:
    """The presets of one audience at one severity (R-213). `first` counts from the declaration, `scope` from the first
    word; then the clock's own interval holds. Once the incident has run for `holds`, the long mode may be entered.
    `remind` is how long before the time the owner is reminded, `grace` how long after it they are told it is overdue.
    """

    first: timedelta | None = None
    scope: timedelta | None = None
    holds: timedelta | None = None
    long: timedelta | None = None
    remind: timedelta | None = None
    grace: timedelta | None = None

    @property
    def begins(self) -> str:
        """The stage a clock starts in."""
        return FIRST if self.first else STEADY

    def wait(self, stage: str, every: timedelta) -> timedelta:
        """The longest silence in a stage, when the clock's interval is `every`."""
        if stage == FIRST and self.first:
            return self.first
        return self.scope if stage == SCOPE and self.scope else every

    def after(self, stage: str) -> str:
        """The stage that a sent message leads to."""
        if stage == FIRST and self.scope:
            return SCOPE
        return LONG if stage == LONG else STEADY
