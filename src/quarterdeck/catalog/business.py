"""Reads what an hour costs and which legal deadlines there are. Refuses what it cannot read, with file and line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.severe import read_severe
from quarterdeck.catalog.tables import KEY, CatalogError, Table
from quarterdeck.core.incidents.costing import Rates
from quarterdeck.core.incidents.expressions import Expression, parse
from quarterdeck.core.incidents.regulatory import LONGEST, ClockRule
from quarterdeck.core.incidents.severe import SevereRules
from quarterdeck.core.kernel import moments, money
from quarterdeck.core.kernel.refused import Refused


@dataclass(frozen=True, slots=True)
class BusinessRules:
    """`clocks` in the order of the file."""

    rates: Rates
    clocks: tuple[ClockRule, ...]
    severe: SevereRules

    def clock(self, key: str) -> ClockRule | None:
        return next((c for c in self.clocks if c.key == key), None)


def load_business(folder: Path | None = None) -> BusinessRules:
    """The files of `folder` standing for the shipped ones. Raises CatalogError naming file and line."""
    return read_business(Folders(folder))


def read_business(folders: Folders) -> BusinessRules:
    return BusinessRules(
        _rates(folders.table("costs.toml")),
        _clocks(folders.table("regulatory.toml")),
        read_severe(folders.table("severe.toml")),
    )


def _rates(table: Table) -> Rates:
    try:
        currency = money.code(table.text("currency"))
    except Refused as refused:
        if isinstance(refused, CatalogError):
            raise
        raise table.error("currency", refused.message) from refused
    below = table.table("roles")
    roles = {role: _amount(below, role, currency) for role in below.names()}
    found = Rates(currency, _amount(table, "hour", currency), roles)
    table.done()
    return found


def _amount(table: Table, key: str, currency: str) -> int:
    text = table.text(key)
    try:
        return money.minor(text, currency)
    except Refused as refused:
        raise table.error(key, refused.message) from refused


def _clocks(table: Table) -> tuple[ClockRule, ...]:
    found: list[ClockRule] = []
    for row in table.rows("clock"):
        rule = _clock(row)
        if any(c.key == rule.key for c in found):
            raise row.error("key", f"there are two clocks {rule.key!r}. Give each its own key.")
        found.append(rule)
    table.done()
    return tuple(found)


def _clock(row: Table) -> ClockRule:
    key = row.text("key", limit=64)
    if not KEY.fullmatch(key):
        raise row.error(
            "key", f"{key!r} is no key: lower-case letters, digits and _, such as gdpr_authority."
        )
    within = row.duration("within")
    if within is None or within > LONGEST:
        raise row.error("within", f"'within' takes a duration up to {LONGEST.days} days, such as 72h.")
    condition = row.text("when", "", limit=500)
    rule = ClockRule(
        key=key,
        title=row.text("title", limit=200),
        source=row.text("source", limit=300),
        within=within,
        when=_when(row, condition) if condition else None,
        reminders=_reminders(row, within),
        owner=row.text("owner", "legal_officer", limit=64),
        note=row.text("note", "", limit=500),
    )
    row.done()
    return rule


def _when(row: Table, text: str) -> Expression:
    try:
        return parse(text)
    except ValueError as error:
        raise row.error("when", f"{error}.") from error


def _reminders(row: Table, within: timedelta) -> tuple[timedelta, ...]:
    found = []
    for text in row.words("reminders", ()):
        try:
            span = moments.duration(text)
        except (ValueError, OverflowError) as error:
            raise row.error("reminders", f"{text[:40]!r} is not a duration such as 24h.") from error
        if not timedelta() < span < within:
            raise row.error(
                "reminders", f"{text!r} does not lie before the deadline. Give less than 'within'."
            )
        found.append(span)
    return tuple(sorted(found, reverse=True))
