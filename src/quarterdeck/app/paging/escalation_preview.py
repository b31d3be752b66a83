"""What would happen if a service raised an alert at some instant and nobody answered: whom, when, by which contact.

Asks the very functions by which the engine decides. Pages nobody and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.escalation.conditions import Cause, needs
from quarterdeck.core.escalation.plan import Page, Resolved, Rung, walk
from quarterdeck.core.escalation.policy import Policy, Target
from quarterdeck.store import models

from ..incidents.briefing import Named
from . import last_resort
from .advancing import unpaged
from .callouts import when
from .directory import Directory, default_policy, policy_from
from .escalations import urgency_of


@dataclass(frozen=True, slots=True)
class Try:
    """One contact of a person, `after` the page."""

    channel: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody who would be paged, why, and how. No `tries`: `unreachable` says why. `quiet` is until when quiet hours
    hold all of them back. Step and cycle count from 1; 0 is beyond the policy.
    """

    person: Named
    reason: str
    tries: tuple[Try, ...]
    unreachable: str
    urgency: str = "high"
    step: int = 0
    cycle: int = 0
    quiet: datetime | None = None


@dataclass(frozen=True, slots=True)
class Firing:
    """One step, `offset` after the alert. `skipped` are whole sentences about who stood for nobody, or which step does
    not apply.
    """

    offset: timedelta
    at: datetime
    calls: tuple[Call, ...]
    skipped: tuple[str, ...]
    last: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """`policy` None: nobody would be paged at all, and an alarm would say so. `by_turns`: some step calls one of
    several, who is another one for another alert.
    """

    policy: models.EscalationPolicy | None
    urgency: str
    firings: tuple[Firing, ...]
    by_turns: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The alert that is thought of. `turn` is the id of the run it would have, `incident` the one it belongs to."""

    severity: str = "critical"
    turn: str = ""
    incident: str = ""


def ladder(service: models.Service | None, at: datetime, severity: str = "critical") -> Ladder:
    """The whole sequence for an alert of this severity at `at`, from the service's policy or the default one."""
    row = (service.policy if service else None) or default_policy()
    if row is None:
        return Ladder(None, urgency_of(severity), ())
    policy = policy_from(row.definition)
    return Ladder(row, urgency_of(severity), sequence(policy, at, Asked(severity)), needs(policy).turn)


def sequence(
    policy: Policy, at: datetime, asked: Asked, directory: Directory | None = None
) -> tuple[Firing, ...]:
    """Every firing of a run of this policy from `at` on. A directory that is given is moved along."""
    asking = _Asking(directory or Directory(at), asked)
    rungs = walk(policy, at, asking.on_call, Cause(asked.severity, asked.turn), asking.reaches)
    return tuple(asking.firing(r, at) for r in rungs)


class _Asking:
    """One directory for all instants of a preview: its schedules and people do not change between them."""

    def __init__(self, directory: Directory, asked: Asked) -> None:
        self._directory = directory
        self._asked = asked

    def on_call(self, target: Target, at: datetime) -> Resolved:
        if at != self._directory.now:
            self._directory.move(at)
        return self._directory.on_call(target, self._asked.incident)

    def reaches(self, page: Page) -> bool:
        return bool(self._directory.ways(page.person, self._urgency(page)).planned)

    def _urgency(self, page: Page) -> str:
        return page.urgency or urgency_of(self._asked.severity)

    def firing(self, rung: Rung, start: datetime) -> Firing:
        if self._directory.now != start + rung.offset:
            self._directory.move(start + rung.offset)
        skipped = [f"{unpaged(s, self._directory)}: {s.reason}." for s in rung.skipped]
        calls = tuple(
            self._call(p.person, p.reason, self._urgency(p), p.step + 1, p.cycle + 1) for p in rung.pages
        )
        if rung.exhausted:
            calls += tuple(self._last(rung))
        return Firing(rung.offset, start + rung.offset, calls, tuple(skipped), rung.exhausted, rung.reason)

    def _last(self, rung: Rung) -> Iterator[Call]:
        """Beyond the policy, as the engine does it."""
        named = {p.person for p in rung.pages}
        urgency = urgency_of(self._asked.severity)
        for person, why in last_resort.people(self._asked.incident, self._directory):
            if person not in named:
                name = self._directory.name(person)
                yield self._call(person, f"{name} {why}, and nobody has answered", urgency)

    def _call(self, person: str, reason: str, urgency: str, step: int = 0, cycle: int = 0) -> Call:
        chosen = self._directory.ways(person, urgency)
        rows = self._directory.contacts(person)
        found, waits = when(chosen.planned, person, urgency, self._asked.severity, self._directory)
        now = self._directory.now
        tries = tuple(Try(rows[p.contact_id].kind, at - now) for p, at in found if p.contact_id in rows)
        return Call(
            Named(person, self._directory.name(person)), reason, tries, "" if tries else chosen.reason,
            urgency, step, cycle, waits,
        )  # fmt: skip
