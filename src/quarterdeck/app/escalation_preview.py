"""What would happen if a service raised an alert at some instant and nobody answered: whom, when, by which contact.

Asks the same core as the engine does. Pages nobody and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.escalation.notify import contacts
from quarterdeck.core.escalation.plan import Page, Resolved, Rung, preview
from quarterdeck.core.escalation.policy import Target
from quarterdeck.store import models

from . import last_resort
from .briefing import Named
from .directory import Directory, default_policy, policy_from

# Severities of alerts that ring at once; the others use the rules for low urgency.
_LOUD = ("critical", "error")


@dataclass(frozen=True, slots=True)
class Try:
    """One contact of a person, `after` the page."""

    channel: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody who would be paged, why, and how. No `tries`: `unreachable` says why."""

    person: Named
    reason: str
    tries: tuple[Try, ...]
    unreachable: str


@dataclass(frozen=True, slots=True)
class Firing:
    """One step, `offset` after the alert. `skipped` are whole sentences about who stood for nobody."""

    offset: timedelta
    at: datetime
    calls: tuple[Call, ...]
    skipped: tuple[str, ...]
    last: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """`policy` None: nobody would be paged at all, and an alarm would say so."""

    policy: models.EscalationPolicy | None
    urgency: str
    firings: tuple[Firing, ...]


def ladder(service: models.Service | None, at: datetime, severity: str = "critical") -> Ladder:
    """The whole sequence for an alert of this severity at `at`, from the service's policy or the default one."""
    row = (service.policy if service else None) or default_policy()
    urgency = "high" if severity in _LOUD else "low"
    if row is None:
        return Ladder(None, urgency, ())
    asking = _Asking(at, urgency)
    rungs = preview(policy_from(row.definition), at, asking.on_call)
    return Ladder(row, urgency, tuple(asking.firing(r, at) for r in rungs))


class _Asking:
    """One directory for all instants of a preview: its schedules and people do not change between them."""

    def __init__(self, now: datetime, urgency: str) -> None:
        self._directory = Directory(now)
        self._urgency = urgency
        self._tries: dict[str, tuple[tuple[Try, ...], str]] = {}

    def on_call(self, target: Target, at: datetime) -> Resolved:
        self._directory.move(at)
        return self._directory.on_call(target)

    def firing(self, rung: Rung, start: datetime) -> Firing:
        skipped = [
            f"{self._directory.label(s.target) if s.target else 'An empty step'}: {self._worded(s.reason, s.target)}."
            for s in rung.skipped
        ]
        calls = tuple(self._call(p) for p in rung.pages)
        if rung.exhausted:
            calls += tuple(self._last(rung))
        return Firing(rung.offset, start + rung.offset, calls, tuple(skipped), rung.exhausted, rung.reason)

    def _call(self, page: Page) -> Call:
        name = self._directory.name(page.person)
        tries, why_not = self._contacts(page.person)
        reason = self._worded(page.reason.replace(page.person, name), page.target)
        return Call(Named(page.person, name), reason, tries, why_not)

    def _last(self, rung: Rung) -> Iterator[Call]:
        """Beyond the policy, as the engine does it for an alert that no incident has taken up."""
        named = {p.person for p in rung.pages}
        for person, why in last_resort.people("", self._directory):
            if person not in named:
                name = self._directory.name(person)
                tries, why_not = self._contacts(person)
                yield Call(Named(person, name), f"{name} {why}, and nobody has answered", tries, why_not)

    def _contacts(self, person: str) -> tuple[tuple[Try, ...], str]:
        if person not in self._tries:
            chosen = contacts(self._directory.rules(person), self._urgency)
            kinds = dict(models.ContactMethod.objects.filter(person_id=person).values_list("id", "kind"))
            tries = tuple(Try(kinds[p.contact_id], p.delay) for p in chosen.planned if p.contact_id in kinds)
            self._tries[person] = tries, "" if tries else chosen.reason
        return self._tries[person]

    def _worded(self, reason: str, target: Target | None) -> str:
        return reason.replace(target.ref, self._directory.label(target)) if target else reason
