"""How long people have been at it: hours in acting roles within a day, pages last night, and when that is too much.

Shown beside names where people are chosen or relieved; nothing is refused for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Exists, OuterRef, Q, QuerySet

from quarterdeck.core.access import SYSTEM, Who
from quarterdeck.core.incidents.state import PASSIVE_ROLES
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from ..visibility import hidden_incidents

Hidden = QuerySet[models.IncidentRow, dict[str, Any]]
WINDOW = timedelta(hours=24)
LONG_HOURS = 8
TOO_LONG_HOURS = 12
NIGHT_HOURS = (22, 7)


@dataclass(frozen=True, slots=True)
class Strain:
    """`on_duty` within the last 24 hours; `night_pages` came between 22:00 and 07:00 where the person is."""

    on_duty: timedelta = timedelta()
    night_pages: int = 0

    @property
    def hours(self) -> float:
        return round(self.on_duty / timedelta(hours=1), 1)

    @property
    def level(self) -> str:
        """ "", tired or exhausted."""
        if self.hours >= TOO_LONG_HOURS or (self.hours >= LONG_HOURS and self.night_pages):
            return "exhausted"
        return "tired" if self.hours >= LONG_HOURS or self.night_pages >= 2 else ""

    @property
    def note(self) -> str:
        """Why, in words; "" for somebody fresh."""
        words = [f"{self.hours:g} h on duty in a day"] if self.hours >= LONG_HOURS else []
        often = "once" if self.night_pages == 1 else counted(self.night_pages, "time")
        words += [f"paged {often} last night"] if self.night_pages else []
        return ", ".join(words)


def strains(now: datetime, people: Iterable[models.Person], who: Who = SYSTEM) -> dict[str, Strain]:
    """For each of these people. What restricted incidents that do not exist for `who` asked of them counts for nothing:
    three pages in a quiet night would tell of one.
    """
    zones = {p.id: p.timezone for p in people}
    hidden = hidden_incidents(who).values("id")
    duty, pages = _on_duty(now, list(zones), hidden), _night_pages(now, zones, hidden)
    return {p: Strain(duty.get(p, timedelta()), pages.get(p, 0)) for p in zones}


def _on_duty(now: datetime, ids: list[str], hidden: Hidden) -> dict[str, timedelta]:
    """Time in acting roles of real incidents; roles held side by side count once."""
    since = now - WINDOW
    # By when they ended, which is an index; by person, the database reads every role anybody ever had.
    lately = models.RoleAssignmentRow.objects.filter(Q(ended_at=None) | Q(ended_at__gte=since))
    drill = models.IncidentRow.objects.filter(id=OuterRef("incident_id"), drill=True)
    acting = lately.exclude(role__in=PASSIVE_ROLES).exclude(incident_id__in=hidden)
    rows = acting.exclude(Exists(drill)).order_by("started_at")
    wanted = set(ids)
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for person, start, end in rows.values_list("person_id", "started_at", "ended_at"):
        if person in wanted:
            spans[person].append((max(start, since), min(end or now, now)))
    return {person: _union(found) for person, found in spans.items()}


def _union(spans: list[tuple[datetime, datetime]]) -> timedelta:
    total, reached = timedelta(), None
    for start, end in spans:
        begin = start if reached is None else max(start, reached)
        if end > begin:
            total += end - begin
            reached = end
    return total


def _night_pages(now: datetime, zones: dict[str, str], hidden: Hidden) -> dict[str, int]:
    real = models.Callout.objects.filter(kind="callout", drill=False).exclude(incident_id__in=hidden)
    rows = real.filter(created_at__gt=now - WINDOW, created_at__lte=now)
    found: dict[str, int] = defaultdict(int)
    for person, at in rows.values_list("person_id", "created_at"):
        if person not in zones:
            continue
        hour = _local_hour(at, zones[person])
        if hour >= NIGHT_HOURS[0] or hour < NIGHT_HOURS[1]:
            found[person] += 1
    return found


def _local_hour(at: datetime, zone: str) -> int:
    try:
        return at.astimezone(ZoneInfo(zone)).hour
    except (ZoneInfoNotFoundError, ValueError):
        return at.hour
