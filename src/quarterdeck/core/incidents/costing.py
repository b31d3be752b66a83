"""What an incident costs so far: people's hours, entries, what was ordered, and the harm. Sums of whole minor units, a
line each; currencies are never mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from quarterdeck.core.kernel import money

from .business import ImpactAssessment
from .delegations import price
from .evolve.business import seconds
from .ics.resource_parts import ResourceRequest
from .parts import RoleAssignment
from .state import PASSIVE_ROLES, Incident
from .structure import Rates

# From the order on the money is bound.
BOUND = ("ordered", "funded", "on_the_way", "delivered", "released")


@dataclass(frozen=True, slots=True)
class CostLine:
    """`kind`: people, entry, request, impact. `subject` is the person, entry, request or dimension."""

    kind: str
    subject: str
    what: str
    minor: int
    currency: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Costs:
    """Every line, and their sums by currency. `planned` is the budget."""

    lines: tuple[CostLine, ...]
    planned: Mapping[str, int]

    @property
    def totals(self) -> Mapping[str, int]:
        return _sums((line.currency, line.minor) for line in self.lines)

    def of(self, *kinds: str) -> Mapping[str, int]:
        return _sums((line.currency, line.minor) for line in self.lines if line.kind in kinds)

    @property
    def spent(self) -> Mapping[str, int]:
        """What the response costs: without the harm."""
        return self.of("people", "entry", "request")

    @property
    def left(self) -> Mapping[str, int]:
        """What is left of the budget, below none where it was overrun."""
        spent = self.spent
        return {code: amount - spent.get(code, 0) for code, amount in self.planned.items()}


def so_far(incident: Incident, rates: Rates, now: datetime) -> Costs:
    """The costs at `now`; hours and harm count until the incident was resolved."""
    until = counted_until(incident, now)
    entries = [e for e in incident.business.costs.values() if e.struck_at is None]
    lines = (
        *_people(incident, rates, until),
        *(CostLine("entry", e.id, e.what, e.minor, e.currency) for e in entries if e.kind == "cost"),
        *(line for r in incident.ics.requests.values() if (line := _request(r, rates.currency))),
        *(_impact(i, until) for i in incident.business.impacts.values() if i.currency),
    )
    return Costs(lines, _sums((e.currency, e.minor) for e in entries if e.kind == "budget"))


def counted_until(incident: Incident, now: datetime) -> datetime:
    ends = [m for m in (incident.resolved_at, incident.closed_at) if m is not None]
    return min([now, *ends])


def began(incident: Incident) -> datetime | None:
    """When the harm began, as far as anybody said."""
    return incident.business.impact_started_at or incident.declared_at


def harm(impact: ImpactAssessment, until: datetime) -> int:
    """What one dimension cost by then, in minor units of its currency."""
    running = impact.hour_minor * seconds(impact.since, until)
    return impact.once_minor + money.for_hours(impact.accrued + running)


def _people(incident: Incident, rates: Rates, until: datetime) -> list[CostLine]:
    """Each person's hours once, however many roles they held: at each moment the dearest of them counts."""
    held: dict[str, list[RoleAssignment]] = {}
    for a in incident.assignments.values():
        if a.role not in PASSIVE_ROLES:
            held.setdefault(a.person, []).append(a)
    lines = []
    for person, theirs in held.items():
        spent, worth = _hours([(a.started_at, a.ended_at or until, rates.of(a.role)) for a in theirs], until)
        if spent:
            roles = ", ".join(dict.fromkeys(a.role for a in theirs))
            lines.append(CostLine("people", person, roles, money.for_hours(worth), rates.currency, spent))
    return lines


def _hours(spans: list[tuple[datetime, datetime, int]], until: datetime) -> tuple[int, int]:
    """Seconds of work, and the sum of (minor units an hour x seconds)."""
    moments = sorted({min(m, until) for start, end, _ in spans for m in (start, end)})
    spent = worth = 0
    for start, end in pairwise(moments):
        running = [rate for s, e, rate in spans if s <= start and end <= e]
        if running:
            span = seconds(start, end)
            spent += span
            worth += max(running) * span
    return spent, worth


def _request(request: ResourceRequest, currency: str) -> CostLine | None:
    minor, code = price(request, currency)
    if request.state not in BOUND or not minor:
        return None
    return CostLine("request", request.id, f"{request.quantity} × {request.kind}", minor, code)


def _impact(impact: ImpactAssessment, until: datetime) -> CostLine:
    return CostLine("impact", impact.dimension, impact.dimension, harm(impact, until), impact.currency)


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for code, minor in amounts:
        found[code] = found.get(code, 0) + minor
    return found
