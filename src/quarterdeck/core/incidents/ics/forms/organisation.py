"""The organisation of an ICS incident as boxes and as rows: who holds which position, and which are vacant."""

from __future__ import annotations

from typing import Any

from ...parts import RoleAssignment
from ...structure import RoleDefinition
from .shapes import Sheet

_WATCHING = ("shadow", "observer")
_STAFF = ("command", "command_staff", "communication", "advice", "watching")


def boxes(sheet: Sheet) -> dict[str, Any]:
    """The chart (ICS 207): command on top, its staff beside, a column a section. Vacant where nobody is."""
    cards = [c for c in sheet.template.roles if c.key not in _WATCHING and not c.retired]
    top = next((c for c in cards if c.exclusive), cards[0])
    under = [c for c in cards if c.reports_to == top.key]
    staff = [c for c in under if c.group in _STAFF]
    sections = [c for c in under if c.group not in _STAFF]
    whole = sheet.template.key == "ics"
    return {
        "top": _box(sheet, top),
        "staff": [_box(sheet, c) for c in staff if sheet.holders(c.key) or (whole and _standard(c))],
        "sections": [
            {**_box(sheet, c), "under": _below(sheet, c.key, cards, 1)}
            for c in sections
            if whole or sheet.holders(c.key)
        ],
    }


def _standard(card: RoleDefinition) -> bool:
    return card.group == "command_staff"


def _below(sheet: Sheet, key: str, cards: list[RoleDefinition], depth: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for card in cards:
        if card.reports_to == key:
            if sheet.holders(card.key):
                found.append({**_box(sheet, card), "depth": depth})
            found += _below(sheet, card.key, cards, depth + 1)
    if key == "operations_section_chief":
        found += _streams(sheet)
    return found


def _streams(sheet: Sheet) -> list[dict[str, Any]]:
    """Branches with what is below them, then what belongs to no branch."""
    opened = sheet.ics.open_divisions()
    found: list[dict[str, Any]] = []
    for stream in [w for w in opened if not w.branch or w.kind == "branch"]:
        found.append({"title": stream.name, "name": sheet.name(stream.leader), "depth": 1})
        inner = [w for w in opened if w.branch == stream.id]
        found += [{"title": w.name, "name": sheet.name(w.leader), "depth": 2} for w in inner]
    return found


def _box(sheet: Sheet, card: RoleDefinition) -> dict[str, Any]:
    return {"title": card.title, "name": people_of(sheet, card.key)}


def people_of(sheet: Sheet, role: str) -> str:
    """Names of the holders of a role, with "(T)" for who shadows one of them."""
    held = [sheet.names(a.person) for a in sheet.holders(role)]
    held += [f"{sheet.names(a.person)} (T)" for a in _trainees(sheet, role)]
    return ", ".join(held)


def _trainees(sheet: Sheet, role: str) -> list[RoleAssignment]:
    return [a for a in sheet.holders("shadow") if a.reports_to == role]


def rows(sheet: Sheet, *groups: str) -> list[tuple[str, str]]:
    """(position, name) of every filled or leading position in these groups (ICS 203)."""
    found = []
    for card in sheet.template.roles:
        if card.group in groups and card.key not in _WATCHING and not card.retired:
            name = people_of(sheet, card.key)
            if name or card.key.endswith(("_section_chief", "_officer", "agency_liaison", "commander")):
                found.append((card.title, name or "vacant"))
    return found


def section(sheet: Sheet, chief: str, group: str) -> list[tuple[str, str]]:
    """A section: its chief, then its units that are filled."""
    card = sheet.template.role(chief)
    head = [(card.title, people_of(sheet, chief) or "vacant")] if card else []
    units = [
        (c.title, people_of(sheet, c.key))
        for c in sheet.template.roles
        if c.group == group and c.key != chief and sheet.holders(c.key)
    ]
    return head + units


def operations(sheet: Sheet) -> list[tuple[str, str]]:
    streams = [(f"{'  ' * (b['depth'] - 1)}{b['title']}", b["name"] or "vacant") for b in _streams(sheet)]
    return section(sheet, "operations_section_chief", "operations") + streams
