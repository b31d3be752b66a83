"""Reads the severity matrix, its words and its scopes. It suggests nothing: the core does, from these."""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.catalog.tables import Table, did_you_mean
from quarterdeck.core.incidents.structure import Scope


@dataclass(frozen=True, slots=True)
class Matrix:
    """`ranks` holds every pair (impact, urgency); both word lists go from least to most.

    `unknown` is the pair that is taken while nobody knows.
    """

    ranks: dict[tuple[str, str], int]
    impacts: tuple[str, ...]
    urgencies: tuple[str, ...]
    scopes: tuple[Scope, ...]
    unknown: tuple[str, str]


def read_matrix(table: Table) -> Matrix:
    impacts, urgencies = table.words("impacts"), table.words("urgencies")
    for key, words in (("impacts", impacts), ("urgencies", urgencies)):
        if not words or len(set(words)) < len(words):
            raise table.error(key, f"{key!r} takes at least one word, each once, from least to most.")
    unknown = table.table("unknown")
    matrix = Matrix(
        ranks=_ranks(table.table("ranks"), impacts, urgencies),
        impacts=impacts,
        urgencies=urgencies,
        scopes=tuple(_scope(row, impacts) for row in table.rows("scope")),
        unknown=(_one_of(unknown, "impact", impacts), _one_of(unknown, "urgency", urgencies)),
    )
    unknown.done()
    table.done()
    return matrix


def _ranks(table: Table, impacts: tuple[str, ...], urgencies: tuple[str, ...]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for impact in impacts:
        if not table.has(impact):
            raise table.error("ranks", f"the impact {impact!r} has no row in [ranks]. Add it.")
        row = table.table(impact)
        for urgency in urgencies:
            found[impact, urgency] = row.number(urgency, low=1, high=5)
        row.done()
    table.done()
    return found


def _scope(row: Table, impacts: tuple[str, ...]) -> Scope:
    least = _one_of(row, "least_impact", impacts) if row.has("least_impact") else ""
    scope = Scope(row.text("key"), row.text("title", limit=80), row.text("text", "", limit=300), least)
    row.done()
    return scope


def _one_of(table: Table, key: str, words: tuple[str, ...]) -> str:
    word = table.text(key, words[-1])
    if word not in words:
        raise table.error(key, f"{word!r} is not one of {', '.join(words)}.{did_you_mean(word, words)}")
    return word
