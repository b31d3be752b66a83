"""What a form is made of: blocks with number, label and width, and the sheet of facts they are filled from.

A filled block holds plain JSON only, so that a page can be stored, hashed and drawn again at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ...describe import Line
from ...parts import RoleAssignment
from ...state import Incident
from ...structure import Template
from ..parts import Ics, Period

Names = Callable[[str], str]
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a form may be filled from. `lines` is the timeline, oldest first.

    `contacts` maps a person to ways of reaching them, `homes` to the unit they come from, `skills` to what they can.
    `services` and `kinds` are display names; `lines` may be cut to the period by `in_period`.
    """

    incident: Incident
    template: Template
    period: Period | None = None
    subject: str = ""
    names: Names = str
    titles: Names = str
    lines: tuple[tuple[str, Line], ...] = ()
    contacts: Mapping[str, str] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    severity: str = ""
    organisation: str = ""

    @property
    def ics(self) -> Ics:
        return self.incident.ics

    @property
    def period_id(self) -> str:
        return self.period.id if self.period else ""

    def name(self, person: str) -> str:
        return self.names(person) if person else ""

    def holders(self, role: str) -> tuple[RoleAssignment, ...]:
        return self.incident.holders(role)

    def who(self, role: str) -> str:
        """Everybody who holds a role now, by name."""
        return ", ".join(self.names(a.person) for a in self.holders(role))

    def in_period(self) -> list[tuple[str, Line]]:
        """The timeline of the form's period; all of it without one."""
        period = self.period
        if period is None:
            return list(self.lines)
        begin = period.starts_at if period.number > 1 else None
        until = period.ended_at or (period.ends_at if period.state == "ended" else None)
        return [
            (actor, line)
            for actor, line in self.lines
            if (begin is None or line.happened_at >= begin) and (until is None or line.happened_at < until)
        ]


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is a share of the block's width."""

    label: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Block:
    """`kind`: text, grid (rows of columns), ticks (options), chart (the organisation).

    `auto` fills it from the sheet; `text` lets people write, beside that or alone. A grid that people write has one
    row a line with cells between "|". `width` is in twelfths of the page. `contact` marks what no public copy shows.
    """

    number: str
    label: str
    kind: str = "text"
    auto: Callable[[Sheet], Any] | None = None
    text: bool = False
    required: bool = False
    width: int = 12
    columns: tuple[Column, ...] = ()
    options: tuple[str, ...] = ()
    hint: str = ""
    contact: bool = False
    people: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """`subject` says whose form it is where there are several: division, role, request, release, message.

    `sensitive`: never part of a public copy. `by_period` False: one for the whole incident.
    `preparers` and `approvers` are roles, best first.
    """

    key: str
    name: str
    blocks: tuple[Block, ...]
    preparers: tuple[str, ...] = ("planning_section_chief", "commander")
    approvers: tuple[str, ...] = ("commander",)
    prepared_number: str = ""
    approved_number: str = ""
    prepared_label: str = "Prepared by"
    approved_label: str = "Approved by Incident Commander"
    subject: str = ""
    by_period: bool = True
    sensitive: bool = False
    wide: bool = False
    suffix: str = ""

    @property
    def title(self) -> str:
        return f"ICS {self.key}{self.suffix}"

    def block(self, number: str) -> Block | None:
        return next((b for b in self.blocks if b.number == number), None)


def at(moment: datetime | None) -> str:
    """A moment as every form writes it, in UTC; "" for none."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""


def span(period: Period | None) -> str:
    """The operational period as the head of a form names it."""
    if period is None:
        return "Initial response"
    return f"No. {period.number} · from {at(period.starts_at)} to {at(period.ends_at)} UTC"


def cells(text: str, width: int) -> list[Row]:
    """Rows that people wrote: a line each, cells between "|", every row `width` cells wide."""
    found: list[Row] = []
    for line in text.split("\n"):
        if line.strip():
            parts = [part.strip() for part in line.split("|")][:width]
            found.append(tuple(parts + [""] * (width - len(parts))))
    return found


def last_written(s: Sheet, form: str) -> str:
    """When somebody last wrote in this form for this period."""
    mine = [f.written_at for f in s.ics.fills.values() if (f.form, f.period_id) == (form, s.period_id)]
    return at(max(mine, default=None))


def name_block(width: int = 6, number: str = "1") -> Block:
    return Block(number, "Incident Name", auto=lambda s: s.incident.title, width=width)


def number_block(width: int = 6, number: str = "2") -> Block:
    return Block(number, "Incident Number", auto=lambda s: s.incident.key, width=width)


def period_block(width: int = 6, number: str = "2") -> Block:
    return Block(number, "Operational Period", auto=lambda s: span(s.period), width=width)
