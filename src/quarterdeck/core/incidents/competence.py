"""Who is qualified for a role: by certification alone, never by job title or rank. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Policy = Literal["warn", "refuse"]
Standing = Literal["held", "expiring", "expired", "planned", "none"]
Verdict = Literal["fine", "warn", "refuse"]
POLICIES: tuple[Policy, ...] = ("warn", "refuse")
# A role that one person alone can fill is empty whenever they are away.
ENOUGH = 2
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certification of a person for a role, planned while `certified_at` is empty."""

    person: str
    role: str
    certified_at: datetime | None = None
    expires_at: datetime | None = None
    planned_for: datetime | None = None


def is_valid(c: Certificate, at: datetime) -> bool:
    if c.certified_at is None or c.certified_at > at:
        return False
    return c.expires_at is None or at < c.expires_at


def standing(found: Iterable[Certificate], at: datetime) -> Standing:
    """How one person stands in one role; the best of several certifications counts."""
    mine = list(found)
    valid = [c for c in mine if is_valid(c, at)]
    if valid:
        lasting = any(c.expires_at is None or c.expires_at - at > SOON for c in valid)
        return "held" if lasting else "expiring"
    if any(c.certified_at is None and c.planned_for is not None for c in mine):
        return "planned"
    return "expired" if any(c.certified_at is not None for c in mine) else "none"


def needed(qualification: Collection[str]) -> tuple[str, ...]:
    """The certifications a role card asks for: "cert:commander" is "commander"; what else it lists is none."""
    return tuple(q.partition(":")[2] for q in qualification if q.startswith("cert:"))


def verdict(
    person: str,
    wanted: Sequence[str],
    found: Sequence[Certificate],
    active: Collection[str],
    at: datetime,
    policy: Policy,
) -> Verdict:
    """Whether somebody may fill a role that asks for these certifications. `found` are those of everybody.

    What nobody was ever certified for is not asked. It never refuses where no other active person could take the role:
    a role filled by somebody unqualified is better than one that stays empty.
    """
    asked = [w for w in wanted if any(c.role == w and c.certified_at is not None for c in found)]
    lacking = [
        w for w in asked if not any(c.person == person and c.role == w and is_valid(c, at) for c in found)
    ]
    if not lacking:
        return "fine"
    others = any(
        all(any(c.person == p and c.role == w and is_valid(c, at) for c in found) for w in asked)
        for p in active
    )
    return "refuse" if policy == "refuse" and others else "warn"


def qualified(role: str, found: Iterable[Certificate], active: Collection[str], at: datetime) -> int:
    """How many active people can fill a role."""
    return len({c.person for c in found if c.role == role and c.person in active and is_valid(c, at)})
