"""Reads how reviews sort causes: categories and factors. Refuses what it cannot read, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import KEY, Table

FILE = "causes.toml"


@dataclass(frozen=True, slots=True)
class Causes:
    """Key to title, each in the order of the file."""

    categories: Mapping[str, str]
    factors: Mapping[str, str]


def load_causes(folder: Path | None = None) -> Causes:
    """The file of `folder` standing for the shipped one. Raises CatalogError naming file and line."""
    return read_causes(Folders(folder))


def read_causes(folders: Folders) -> Causes:
    table = folders.table(FILE)
    found = Causes(_titles(table, "cause"), _titles(table, "factor"))
    table.done()
    return found


def _titles(table: Table, name: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in table.rows(name):
        key = row.text("key", limit=64)
        if not KEY.fullmatch(key):
            raise row.error("key", f"{key!r} is no key: lower-case letters, digits and _, such as capacity.")
        if key in found:
            raise row.error("key", f"there are two of {key!r}. Give each its own key.")
        found[key] = row.text("title", limit=200)
        row.done()
    return found
