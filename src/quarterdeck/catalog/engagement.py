"""Reads the engagement policy for executives. Refuses what it cannot read, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import KEY, Table
from quarterdeck.core.incidents.engagement import MEASURES, EngagementRule
from quarterdeck.core.incidents.expressions import parse

FILE = "engagement.toml"
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=24)
MOST_ROLES = 5


def load_engagement(
    folder: Path | None = None, texts: Mapping[str, str] | None = None
) -> tuple[EngagementRule, ...]:
    """The rows in the order of the file. Raises CatalogError naming file and line."""
    return read_engagement(Folders(folder, texts))


def read_engagement(folders: Folders) -> tuple[EngagementRule, ...]:
    table = folders.table(FILE)
    found: list[EngagementRule] = []
    for row in table.rows("row"):
        rule = _rule(row)
        if any(r.key == rule.key for r in found):
            raise row.error("key", f"there are two rows {rule.key!r}. Give each its own key.")
        found.append(rule)
    table.done()
    return tuple(found)


def _rule(row: Table) -> EngagementRule:
    key = row.text("key", limit=64)
    if not KEY.fullmatch(key):
        raise row.error("key", f"{key!r} is no key: lower-case letters, digits and _, such as sev1.")
    try:
        when = parse(row.text("when", limit=500))
    except ValueError as error:
        raise row.error("when", f"{error}.") from error
    measure = row.text("measure", limit=20)
    if measure not in MEASURES:
        raise row.error("measure", f"{measure!r} is no measure. Choose one of: {', '.join(MEASURES)}.")
    briefing = row.duration("briefing", None) if row.has("briefing") else None
    if briefing is not None and not SHORTEST <= briefing <= LONGEST:
        raise row.error("briefing", "'briefing' takes 15m to 24h: shorter ones cost the time of the repair.")
    roles = row.words("roles", ())
    if len(roles) > MOST_ROLES or (measure == "front") != bool(roles):
        raise row.error("roles", f"the measure front names 1 to {MOST_ROLES} roles; no other names any.")
    rule = EngagementRule(
        key, row.text("title", limit=120), when, measure, row.flag("liaison", False), briefing, roles
    )
    row.done()
    return rule
