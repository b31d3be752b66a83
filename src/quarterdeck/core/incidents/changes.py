"""Which changes may be the cause: deployments, flags and configuration shortly before the incident began (R-061)."""

from __future__ import annotations

from datetime import datetime, timedelta

KINDS = ("deployment", "flag", "configuration", "other")
# A change this long before the beginning, or a little after it, is looked at first.
BEFORE, AFTER = timedelta(minutes=60), timedelta(minutes=5)
# Further back nothing is shown beside the timeline.
SHOWN_BEFORE = timedelta(hours=24)


def is_suspect(changed_at: datetime, began_at: datetime) -> bool:
    """Whether a change lies within the window before the incident began."""
    return began_at - BEFORE <= changed_at <= began_at + AFTER
