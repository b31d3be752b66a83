"""The three review packs: weekly on-call, monthly service, quarterly business. One document each, for page, file and
mail alike, from the figures the pages show (R-241). Restricted incidents are left out for every reader, drills too, and
nothing is counted by person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.metrics.periods import MONTH, QUARTER, WEEK, Period, before
from quarterdeck.core.reviews import Document, Entries, Facts, Section, Table, Text

from . import insight_rules
from .pack_sections import PARTS, Of

READ = "insight.read"
# Sees what everybody sees: it is in no incident.
ANYBODY = Who("reports", frozenset({"observer"}))


@dataclass(frozen=True, slots=True)
class Pack:
    """`sections` are names of `pack_sections.PARTS`, in their order."""

    key: str
    title: str
    about: str
    every: str
    sections: tuple[str, ...]


PACKS: Mapping[str, Pack] = {
    p.key: p
    for p in (
        Pack("on_call", "Weekly on-call review", "What on-call was like, and what should not page again.", WEEK,
             ("overview", "on_call", "noisiest", "times", "targets", "misses")),
        Pack("service", "Monthly service review", "How each service did, and what is promised for it.", MONTH,
             ("overview", "services", "times", "targets", "repeats", "promises")),
        Pack("business", "Quarterly business review", "How incidents went, what came back, what helped.", QUARTER,
             ("overview", "severities", "times", "targets", "command", "repeats", "causes", "promises")),
    )
}  # fmt: skip


def pack(key: str) -> Pack:
    found = PACKS.get(key)
    if found is None:
        raise missing("pack.unknown", f"There is no such review. Choose one of: {', '.join(PACKS)}.")
    return found


def contents(key: str, period: Period, zone: str, now: datetime) -> Document:
    """A pack of one period, the same for every reader. A period that goes on is shown as far as it is."""
    wanted = pack(key)
    of = Of(ANYBODY, period, before(period), zone, now)
    sections = []
    for name in wanted.sections:
        title, blocks = PARTS[name](of)
        sections.append(Section(name, title, "", tuple(blocks)))
    sections.append(Section("how", "How to read this", "", (Text(insight_rules.WARNING, quiet=True),)))
    return Document(
        key=period.name, title=wanted.title, marks=(), sections=tuple(sections),
        made=f"{_days(period)}, days as in {zone}. Restricted incidents and drills are left out.",
    )  # fmt: skip


def _days(period: Period) -> str:
    first, last = period.starts, period.ends - timedelta(days=1)
    return f"{first:%a} {first.day} {first:%b %Y} to {last:%a} {last.day} {last:%b %Y}"


def plain(document: Document) -> str:
    """The whole document as text, for a mail."""
    out = [document.made]
    for section in document.sections:
        out += ["", section.title.upper()]
        for block in section.blocks:
            match block:
                case Text(text=text):
                    out.append(text)
                case Facts(rows=rows):
                    out += [f"{label}: {value}" for label, value in rows]
                case Table(head=head, rows=rows):
                    out += [_row(head, row) for row in rows]
                case Entries(items=items):
                    out += [f"{i.when} {i.title}" for i in items]
    return "\n".join(out)


def _row(head: tuple[str, ...], row: tuple[str, ...]) -> str:
    """A line of a table that reads well in any width: its name, then each cell by its heading."""
    rest = ", ".join(f"{h[:1].lower()}{h[1:]} {c}" for h, c in zip(head[1:], row[1:], strict=True) if c)
    return f"- {row[0]}: {rest}"
