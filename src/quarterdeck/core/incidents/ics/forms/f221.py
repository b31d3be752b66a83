"""ICS 221, Demobilization Check-Out: one for each resource that is to go."""

from __future__ import annotations

from collections.abc import Callable

from ..releases import UNITS
from ..resource_parts import Release
from .shapes import Block, Column, Form, Row, Sheet, at, name_block, number_block


def _of(get: Callable[[Sheet, Release], str]) -> Callable[[Sheet], str]:
    def value(s: Sheet) -> str:
        found = s.ics.releases.get(s.subject)
        return get(s, found) if found else ""

    return value


def _order(s: Sheet, r: Release) -> str:
    return s.ics.resources[r.resource_id].order_number if r.resource_id in s.ics.resources else ""


def signatures(s: Sheet) -> list[Row]:
    r = s.ics.releases.get(s.subject)
    if r is None:
        return []
    found: list[Row] = []
    for unit in r.units:
        label, role = UNITS[unit]
        person, _, moment = r.signed.get(unit, "").partition("@")
        found.append((label, s.titles(role), s.name(person) or "open", moment.replace("T", " ")[:16]))
    return found


FORM = Form(
    key="221",
    name="Demobilization Check-Out",
    subject="release",
    by_period=False,
    blocks=(
        name_block(7),
        number_block(5),
        Block("3", "Planned Release Date/Time", auto=_of(lambda s, r: f"{at(r.planned_at)} UTC"), width=4),
        Block("4", "Resource or Personnel Released", auto=_of(lambda s, r: r.name), width=5, required=True),
        Block("5", "Order Request Number", auto=_of(_order), width=3),
        Block("6", "Resource or Personnel: sign-off by unit", "grid", auto=signatures, required=True, people=True,
              columns=(Column("Unit confirms", 4), Column("Position", 3), Column("Name", 3), Column("Date/Time", 2))),
        Block("7", "Remarks", auto=_of(lambda s, r: r.remarks), text=True),
        Block("8", "Travel Information", auto=_of(lambda s, r: r.travel), text=True),
        Block("9", "Reassignment Information", auto=_of(lambda s, r: r.reassignment or r.destination), text=True),
    ),
    preparers=("demobilization_unit_leader", "planning_section_chief", "commander"),
    approvers=("planning_section_chief", "commander"),
    prepared_number="10",
)  # fmt: skip
