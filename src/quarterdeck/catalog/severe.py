"""Reads what the severe score counts. Refuses what it cannot read, with file and line."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from quarterdeck.catalog.tables import KEY, Table
from quarterdeck.core.incidents.severe import INPUTS, SevereLevel, SevereRules


def read_severe(table: Table) -> SevereRules:
    """`severe.toml`: the threshold, and for each input its answers from the mildest on."""
    threshold = table.number("threshold", low=1, high=100)
    levels = {name: _levels(table.table(name), name) for name in INPUTS}
    table.done()
    return SevereRules(threshold, levels)


def _levels(table: Table, name: str) -> tuple[SevereLevel, ...]:
    found = []
    for key in table.names():
        if not KEY.fullmatch(key):
            raise table.error(key, f"{key!r} is no key: lower-case letters, digits and _.")
        row = table.table(key)
        found.append(SevereLevel(key, row.text("title", limit=80), _counts(row)))
        row.done()
    table.done()
    if not found:
        raise table.error(name, f"{name} needs at least one answer.")
    return tuple(found)


def _counts(row: Table) -> Decimal:
    text = row.text("counts")
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= 1:
        raise row.error("counts", f"{text!r} is no number from 0.00 to 1.00.")
    return value
