"""Which state an incident suggests for a component: the worst that its services mean at this severity, with why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .words import ComponentState, label, rank

Impacts = Mapping[tuple[int, int], ComponentState]


@dataclass(frozen=True, slots=True)
class Touched:
    """A service that the incident touches, with its tier."""

    name: str
    tier: int


@dataclass(frozen=True, slots=True)
class Suggested:
    state: ComponentState
    reason: str


def suggest(impacts: Impacts, severity: int, services: Iterable[Touched]) -> Suggested | None:
    """None where none of its services is touched. A tier or severity the table does not know means degraded."""
    meant = [(impacts.get((severity, s.tier), "degraded_performance"), s) for s in services]
    if not meant:
        return None
    state, service = max(meant, key=lambda m: (rank(m[0]), -m[1].tier))
    why = f"SEV{severity} on {service.name} (tier {service.tier}) suggests {label(state).lower()}."
    return Suggested(state, why)
