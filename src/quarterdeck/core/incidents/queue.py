"""In which order open incidents are worked on (R-184): the most severe first, then the oldest, then the worst harm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

Order = tuple[int, datetime, int]


def order(severity: int, declared_at: datetime, impact: str, impacts: Sequence[str]) -> Order:
    """A key to sort by. Age counts in minutes, so that the impact decides between what came together; an impact that
    nobody has assessed goes before all others: it may be the worst.
    """
    minute = declared_at.replace(second=0, microsecond=0)
    harm = list(impacts).index(impact) if impact in impacts else len(impacts)
    return severity, minute, -harm
