"""What a document is made of, whatever it is printed on: headed sections of four kinds of block. No markup."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote; may have several lines. `quiet` is a remark of the report itself."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and values, one a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Short cells only. `widths` are shares of the line, one a column."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """One thing with its time. `key` marks a turning point; `notes` are labelled remarks below the text."""

    when: str
    title: str
    text: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    key: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    items: tuple[Stamp, ...]


Block = Text | Facts | Table | Entries


@dataclass(frozen=True, slots=True)
class Section:
    """`group` is the heading it stands under, "" for the head of the report. Never without a block."""

    key: str
    title: str
    group: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """`marks` say in capitals what every page must show: a drill, a restricted incident."""

    key: str
    title: str
    marks: tuple[str, ...]
    made: str
    sections: tuple[Section, ...]
