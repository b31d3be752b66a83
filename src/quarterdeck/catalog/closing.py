"""Reads what has to be done before an incident is over, and what is asked of executives afterwards. Refuses what it
cannot read, with file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quarterdeck.catalog.folders import Folders

FILE = "closing.toml"
LOWEST_RANK, LONGEST_DAYS = 5, 90


@dataclass(frozen=True, slots=True)
class ClosingRules:
    """`tell_everyone`: an incident closes only when each inquiry has its follow-up. Executives confirm within
    `reading_days` (0: they are not asked) to have read the reviews of incidents of `reading_severity` or worse.
    """

    tell_everyone: bool = True
    reading_severity: int = 1
    reading_days: int = 7


def load_closing(folder: Path | None = None, texts: Mapping[str, str] | None = None) -> ClosingRules:
    """The rules of the file. Raises CatalogError naming file and line."""
    return read_closing(Folders(folder, texts))


def read_closing(folders: Folders) -> ClosingRules:
    table = folders.table(FILE)
    asked, leaders = table.table("inquiries"), table.table("executives")
    rules = ClosingRules(
        asked.flag("tell_everyone", True),
        leaders.number("reading_severity", low=1, high=LOWEST_RANK),
        leaders.number("reading_days", low=0, high=LONGEST_DAYS),
    )
    for part in (asked, leaders, table):
        part.done()
    return rules
