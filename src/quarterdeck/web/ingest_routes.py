"""Which intake address means what. Pure; cached, because the same few addresses are used for ever."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Place(NamedTuple):
    """`question` is a read ("status", "alerts"); `change` marks PagerDuty's change events."""

    dialect: str
    key: str
    question: str = ""
    change: bool = False


@lru_cache(maxsize=4096)
def place_of(path: str) -> Place | None:
    """The meaning of a path under /in/, or None.

    /in/alertmanager/KEY/api/v2/alerts|status · /in/pagerduty[/KEY]/v2/enqueue|change/enqueue ·
    /in/webhook/KEY · /in/alertmanager-webhook/KEY
    """
    match path.removeprefix("/in/").rstrip("/").split("/"):
        case ["alertmanager", key, "api", "v2", ("alerts" | "status") as what]:
            return Place("alertmanager", key, what)
        case ["pagerduty", "v2", "enqueue"]:
            return Place("pagerduty", "")
        case ["pagerduty", key, "v2", "enqueue"]:
            return Place("pagerduty", key)
        case ["pagerduty", "v2", "change", "enqueue"]:
            return Place("pagerduty", "", change=True)
        case ["pagerduty", key, "v2", "change", "enqueue"]:
            return Place("pagerduty", key, change=True)
        case [("webhook" | "alertmanager-webhook") as dialect, key] if key:
            return Place(dialect, key)
    return None
