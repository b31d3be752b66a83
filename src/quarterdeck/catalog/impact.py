"""Reads which state an incident suggests for a component, by its severity and the tier of the service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import Table, did_you_mean
from quarterdeck.core.status.impact import Impacts
from quarterdeck.core.status.words import COMPONENT_STATES, ComponentState

FILE = "impact.toml"
RANKS, TIERS = range(1, 6), range(1, 6)


def load_impacts(folder: Path | None = None, texts: Mapping[str, str] | None = None) -> Impacts:
    """The states of the file, by rank and tier. Raises CatalogError naming file and line."""
    return read_impacts(Folders(folder, texts))


def read_impacts(folders: Folders) -> Impacts:
    table = folders.table(FILE)
    found: dict[tuple[int, int], ComponentState] = {}
    for row in table.rows("severity"):
        rank = row.number("rank", low=RANKS[0], high=RANKS[-1])
        if (rank, TIERS[0]) in found:
            raise row.error("rank", f"the severity {rank} is there twice. Take one away.")
        found |= {(rank, tier): state for tier, state in zip(TIERS, _states(row), strict=True)}
        row.done()
    lacks = [rank for rank in RANKS if (rank, TIERS[0]) not in found]
    if lacks:
        raise table.error("severity", f"the severity {lacks[0]} has no row. Add it.")
    table.done()
    return found


def _states(row: Table) -> tuple[ComponentState, ...]:
    said = row.words("tiers")
    if len(said) != len(TIERS):
        raise row.error("tiers", f"'tiers' takes {len(TIERS)} states, from tier 1 to tier {TIERS[-1]}.")
    by_name: dict[str, ComponentState] = {state: state for state in COMPONENT_STATES}
    strange = [word for word in said if word not in by_name or word == "under_maintenance"]
    if strange:
        near = did_you_mean(strange[0], COMPONENT_STATES)
        raise row.error("tiers", f"{strange[0]!r} is no state that an incident puts a component in.{near}")
    return tuple(by_name[word] for word in said)
