"""Reads the glossary: the product's words, what else people call them, acronyms, and plain words for jargon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import Table


@dataclass(frozen=True, slots=True)
class Term:
    title: str
    meaning: str
    code: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Glossary:
    """`acronyms` maps each to its words, `plain` jargon to what everybody understands."""

    terms: tuple[Term, ...] = ()
    acronyms: Mapping[str, str] = field(default_factory=dict)
    plain: Mapping[str, str] = field(default_factory=dict)


def read_glossary(folder: Path | None = None, texts: Mapping[str, str] | None = None) -> Glossary:
    """The glossary of a folder, else the shipped one. Raises CatalogError naming file and line."""
    table = Folders(folder, texts).table("glossary.toml")
    found = Glossary(
        terms=tuple(map(_term, table.rows("term"))),
        acronyms=_words(table.table("acronyms")),
        plain=_words(table.table("plain")),
    )
    table.done()
    return found


@cache
def shipped_glossary() -> Glossary:
    """The one that comes with the product."""
    return read_glossary()


def _term(row: Table) -> Term:
    term = Term(
        row.text("title", limit=120),
        row.text("meaning", limit=400),
        row.text("code", ""),
        row.words("also", ()),
    )
    row.done()
    return term


def _words(table: Table) -> dict[str, str]:
    found = {key: table.text(key, limit=200) for key in table.names()}
    table.done()
    return found
