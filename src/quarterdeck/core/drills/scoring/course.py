"""The course of a drill, read once from the log: who held what and when, what was needed, who did what.

Knows only events and the structure; it judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from quarterdeck.core.incidents import Incident, Stamped, Template, evolve
from quarterdeck.core.incidents.parts import RoleAssignment
from quarterdeck.core.incidents.staffing import required
from quarterdeck.core.incidents.state import PASSIVE_ROLES

from .shapes import Evidence, Setting

E = TypeVar("E")
MACHINES = ("engine", "system", "operator")


@dataclass(frozen=True, slots=True)
class Course:
    """`needed` maps a role to when it was first required."""

    setting: Setting
    template: Template
    log: tuple[Stamped, ...]
    incident: Incident
    needed: dict[str, datetime] = field(default_factory=dict)

    def practises(self, person: str) -> bool:
        """Neither the product nor the facilitator."""
        return person not in (*MACHINES, self.setting.facilitator, "")

    def did(self, stamped: Stamped) -> bool:
        """Whether somebody who practised did it."""
        return self.practises(stamped.actor)

    def held(self, role: str) -> tuple[RoleAssignment, ...]:
        """Every time somebody who practised held the role, in order."""
        kept = (a for a in self.incident.assignments.values() if a.role == role)
        return tuple(a for a in kept if a.person != self.setting.facilitator)

    def roles(self) -> tuple[str, ...]:
        """The acting roles that were needed or held, in the order of the structure."""
        seen = set(self.needed) | {
            a.role for a in self.incident.assignments.values() if a.person != self.setting.facilitator
        }
        order = [r.key for r in self.template.roles]
        known = [r for r in order if r in seen]
        return tuple(r for r in [*known, *sorted(seen - set(order))] if r not in PASSIVE_ROLES)

    def people(self, role: str) -> frozenset[str]:
        return frozenset(a.person for a in self.held(role))

    def acts(self, role: str) -> tuple[Stamped, ...]:
        """What its holders did while they held it."""
        spans = [(a.person, a.started_at, a.ended_at) for a in self.held(role)]
        return tuple(s for s in self.log if any(_in(s, *span) for span in spans))

    def events(self, *kinds: type) -> Iterator[Stamped]:
        return (s for s in self.log if isinstance(s.event, kinds))

    def each(self, kind: type[E]) -> Iterator[tuple[Stamped, E]]:
        """The events of one kind, each beside its place in the log."""
        return ((s, s.event) for s in self.log if isinstance(s.event, kind))


def _in(stamped: Stamped, person: str, since: datetime, until: datetime | None) -> bool:
    return stamped.actor == person and since <= stamped.at and (until is None or stamped.at <= until)


def read(log: Sequence[Stamped], template: Template, setting: Setting) -> Course:
    """Fold the log. What happened after the end of the drill (its review, its gaps) is not part of it."""
    within = tuple(s for s in log if setting.ended_at is None or s.at <= setting.ended_at)
    state, needed = Incident(), dict[str, datetime]()
    for stamped in within:
        state = evolve(state, stamped)
        if state.is_open:
            for role in required(state, template, stamped.at):
                needed.setdefault(role.key, stamped.at)
    if state.is_open:
        for role in required(state, template, setting.until):
            needed.setdefault(role.key, setting.until)
    return Course(setting, template, within, state, needed)


def evidence(*found: Stamped) -> tuple[Evidence, ...]:
    return tuple(Evidence(s.seq, s.at, s.actor) for s in found)
