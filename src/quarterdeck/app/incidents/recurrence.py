"""Has this happened before? Earlier incidents like one, with what was promised after them and is not done (R-226).

Reads only. Whoever asks hears of no incident that is hidden from them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.store import models

from ..visibility import visible_incidents

LOOKED_AT, SHOWN = 300, 4
_WORD = re.compile(r"[^\W_]{4,}")
# Said in every second title.
_COMMON = frozenset(
    {"down", "fail", "fails", "error", "errors", "slow", "with", "from", "after", "incident", "outage"}
)
ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Promise:
    """An action item that is still open. `due_on` is a calendar date."""

    title: str
    owner: str
    due_on: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """`why` says in words what is alike."""

    id: str
    title: str
    ended_at: datetime | None
    why: str
    promises: tuple[Promise, ...] = field(default=())


def earlier(
    who: Who, *, title: str, type: str = "", services: Collection[str] = (), but: str = ""
) -> list[Earlier]:
    """The incidents most like this one, the most alike first; none where nothing is alike enough."""
    words = _words(title)
    if not words and not services:
        return []
    rows = (
        visible_incidents(who).filter(is_open=False, drill=False).exclude(id=but).exclude(phase="dismissed")
    )
    found = []
    for row in rows.order_by("-number")[:LOOKED_AT]:
        points, why = _alike(row, words, type, set(services))
        if points >= ENOUGH:
            found.append((points, row, why))
    found.sort(key=lambda one: (-one[0], -one[1].number))
    chosen = found[:SHOWN]
    promises = _promises([row.id for _, row, _ in chosen])
    return [
        Earlier(row.id, row.title, row.resolved_at or row.phase_since, why, promises.get(row.id, ()))
        for _, row, why in chosen
    ]


def _alike(row: models.IncidentRow, words: set[str], type_: str, services: set[str]) -> tuple[int, str]:
    """A service counts two, a word of the title two, the type one: one thing in common is chance."""
    same_services = sorted(services & set(row.services))
    same_words = sorted(words & _words(row.title))
    same_type = bool(type_) and row.type == type_
    said = [
        f"same service: {', '.join(same_services[:2])}" if same_services else "",
        f"same words: {', '.join(same_words[:3])}" if same_words else "",
        "same type" if same_type else "",
    ]
    points = 2 * len(same_services) + 2 * len(same_words) + same_type
    return points, "; ".join(part for part in said if part)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower())) - _COMMON


def _promises(incidents: Collection[str]) -> dict[str, tuple[Promise, ...]]:
    rows = models.ActionItemRow.objects.filter(incident_id__in=incidents, done_at=None).order_by(
        "due_on", "id"
    )
    found: dict[str, tuple[Promise, ...]] = {}
    for row in rows:
        found[row.incident_id] = (*found.get(row.incident_id, ()), Promise(row.title, row.owner, row.due_on))
    return found
