"""One event of a calendar feed, whatever it is about. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One shift as an event, or something else with `path` and `text` of its own. `uid` stays while the same shift only
    changes; `sequence` counts its changes.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    title: str
    schedule: str
    key: str
    people: tuple[str, ...]
    sequence: int = 0
    changed_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    path: str = ""
    text: str = ""
    all_day: bool = False
