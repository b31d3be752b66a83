"""Reads the first words to customers that are approved beforehand. Refuses what it cannot read, with file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import KEY, Table
from quarterdeck.core.comms import substitute
from quarterdeck.core.incidents.acknowledgement import AUDIENCE, Wording

FILE = "acknowledgements.toml"
# What is known in the first minute. No other field may be asked for: nobody is there to fill it in.
FIELDS = ("components", "services", "started_at", "next_update_at")


def acknowledgements(folder: Path | None = None) -> tuple[Wording, ...]:
    """The file of `folder` standing for the shipped one. Raises CatalogError naming file and line."""
    return read_acknowledgements(Folders(folder))


def read_acknowledgements(folders: Folders) -> tuple[Wording, ...]:
    """In the order of the file. Raises CatalogError naming file and line."""
    table = folders.table(FILE)
    found: list[Wording] = []
    for row in table.rows("acknowledgement"):
        one = _wording(row)
        if any(one.key == other.key for other in found):
            raise row.error("key", f"there are two of {one.key!r}. Give each its own key.")
        found.append(one)
        row.done()
    table.done()
    return tuple(found)


def _wording(row: Table) -> Wording:
    key = row.text("key", limit=60)
    if not KEY.fullmatch(key):
        raise row.error("key", f"{key!r} is no key: lower-case letters, digits and _, such as payments.")
    day = row.text("approved_on", limit=10)
    try:
        date.fromisoformat(day)
    except ValueError as e:
        raise row.error("approved_on", "give the day it was approved, such as 2026-11-02.") from e
    one = Wording(
        key, row.text("title", limit=80), row.text("headline", limit=200), row.text("customer_effect", limit=1000),
        row.text("action", limit=1000), row.text("approved_by", limit=120), day, row.words("services", ()),
        row.words("types", ()), row.words("templates", ()), row.text("audience", AUDIENCE, limit=60),
    )  # fmt: skip
    for name in ("headline", "customer_effect", "action"):
        _must_fill_itself(row, name, getattr(one, name))
    return one


def _must_fill_itself(row: Table, name: str, text: str) -> None:
    for piece in substitute.stray(text):
        raise row.error(name, f"{piece!r} is not a field. Write {{{{ field }}}} with a-z, 0-9 and _ only.")
    for field in substitute.fields(text):
        if field not in FIELDS:
            raise row.error(name, f"{field!r} is not known in the first minute. Use: {', '.join(FIELDS)}.")
