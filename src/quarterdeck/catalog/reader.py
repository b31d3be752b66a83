"""Loads the whole catalogue: the shipped data under an organisation's folder. Refuses what it cannot read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from quarterdeck.catalog.acknowledgements import read_acknowledgements
from quarterdeck.catalog.business import read_business
from quarterdeck.catalog.causes import read_causes
from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.kinds import read_types
from quarterdeck.catalog.mappings import read_mappings
from quarterdeck.catalog.matrix import read_matrix
from quarterdeck.catalog.scenarios import FOLDER, read_scenario
from quarterdeck.catalog.tables import Table, did_you_mean
from quarterdeck.catalog.templates import read_audiences, read_template
from quarterdeck.catalog.words import URGENCIES_OF_PAGES
from quarterdeck.core.incidents.structure import Catalog, ResolutionCode, SeverityLevel


def load(folder: Path | None = None, texts: Mapping[str, str] | None = None) -> Catalog:
    """The catalogue, a file in `folder` standing for the shipped file of the same name, and one of `texts` for both.

    Raises CatalogError (a Refused) naming file and line where a file cannot be used. What files say about
    each other is checked by `lint`, which reports every fault and raises nothing.
    """
    folders = Folders(folder, texts)
    folders.refuse_strangers()
    audiences = read_audiences(folders.table("audiences.toml"))
    matrix = read_matrix(folders.table("matrix.toml"))
    read_acknowledgements(folders)
    read_causes(folders)
    for name in folders.names(FOLDER):
        read_scenario(folders, name)
    read_business(folders)  # read where it is used; a fault in it is one of the catalogue
    return Catalog(
        severities=_severities(folders.table("severities.toml")),
        types=read_types(folders),
        templates=tuple(read_template(folders, key, audiences) for key in folders.names("templates")),
        matrix=matrix.ranks,
        impacts=matrix.impacts,
        urgencies=matrix.urgencies,
        resolution_codes=_codes(folders.table("resolution_codes.toml")),
        scopes=matrix.scopes,
        unknown=matrix.unknown,
        mappings=read_mappings(folders),
    )


def _severities(table: Table) -> tuple[SeverityLevel, ...]:
    found = tuple(sorted(map(_severity, table.rows("severity")), key=lambda s: s.rank))
    if [s.rank for s in found] != [1, 2, 3, 4, 5]:
        raise table.error(
            "severity",
            "there must be one [[severity]] for each rank from 1 to 5. Labels are yours, ranks are not.",
        )
    table.done()
    return found


def _severity(row: Table) -> SeverityLevel:
    urgency = row.text("page_urgency", "high")
    if urgency not in URGENCIES_OF_PAGES:
        raise row.error(
            "page_urgency", f"{urgency!r} is not high or low.{did_you_mean(urgency, URGENCIES_OF_PAGES)}"
        )
    level = SeverityLevel(
        rank=row.number("rank", low=1, high=5),
        label=row.text("label", limit=40),
        criteria=row.text("criteria", limit=500),
        page_urgency=urgency,
        review_required=row.flag("review_required", False),
        review_days=row.number("review_days", 5, low=1, high=365),
        triage_minutes=row.number("triage_minutes", 10, low=1, high=1440),
        review_working_days=row.flag("review_working_days", False),
    )
    row.done()
    return level


def _codes(table: Table) -> tuple[ResolutionCode, ...]:
    found = tuple(map(_code, table.rows("code")))
    table.done()
    return found


def _code(row: Table) -> ResolutionCode:
    code = ResolutionCode(row.text("key"), row.text("title", limit=120))
    row.done()
    return code
