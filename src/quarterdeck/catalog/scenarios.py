"""Reads the scenarios of drills, one file each. Refuses what it cannot read, with file and line; what they say about
roles, types and times is checked against the catalogue by `lint_scenarios`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from quarterdeck.catalog.findings import Finding, fault, warning
from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import KEY, CatalogError, Table
from quarterdeck.core.drills.scenario import LONGEST_MINUTES, Inject, Scenario, Step, wrong_with
from quarterdeck.core.incidents.structure import Catalog

FOLDER = "scenarios"
MOST_STEPS, MOST_INJECTS = 60, 40


def load_scenarios(
    folder: Path | None = None, texts: Mapping[str, str] | None = None
) -> tuple[Scenario, ...]:
    """Every scenario, an organisation's file standing for the shipped one of its name, by key."""
    folders = Folders(folder, texts)
    return tuple(read_scenario(folders, name) for name in folders.names(FOLDER))


def scenario_names(folders: Folders) -> tuple[str, ...]:
    return folders.names(FOLDER)


def read_scenario(folders: Folders, name: str) -> Scenario:
    """One file: its name is the key of the scenario."""
    table = folders.table(f"{FOLDER}/{name}.toml")
    if not KEY.fullmatch(name):
        raise CatalogError(table.file, f"{name!r} is no key. Name the file with a-z, 0-9 and _.")
    found = Scenario(
        key=name,
        title=table.text("title", limit=120),
        kinds=table.words("kinds"),
        summary=table.text("summary", limit=500),
        aims=table.words("aims"),
        type=table.text("type", limit=64),
        severity=table.number("severity", low=1, high=5),
        minutes=table.number("minutes", 60, low=5, high=LONGEST_MINUTES),
        headline=table.text("headline", limit=180),
        situation=table.text("situation", limit=3_000),
        template=table.text("template", "", limit=64),
        services=table.words("services", ()),
        restricted=table.flag("restricted", False),
        roles=table.words("roles", ("commander",)),
        steps=tuple(_step(row) for row in table.rows("step")),
        injects=tuple(_inject(row) for row in table.rows("inject")),
    )
    table.done()
    for what, rows, most in (("step", found.steps, MOST_STEPS), ("inject", found.injects, MOST_INJECTS)):
        if len(rows) > most:
            raise table.error(what, f"there are {len(rows)} of [[{what}]]. Keep it to {most}.")
    return found


def _step(row: Table) -> Step:
    step = Step(
        key=_key(row),
        role=row.text("role", "", limit=64),
        title=row.text("title", limit=200),
        by_minute=row.number("by_minute", low=-LONGEST_MINUTES, high=10 * LONGEST_MINUTES),
        sign=row.text("sign", "", limit=30),
    )
    row.done()
    return step


def _inject(row: Table) -> Inject:
    inject = Inject(
        key=_key(row),
        at_minute=row.number("at_minute", low=-LONGEST_MINUTES, high=10 * LONGEST_MINUTES),
        kind=row.text("kind", limit=20),
        title=row.text("title", limit=200),
        text=row.text("text", "", limit=2_000),
        role=row.text("role", "", limit=64),
        about=row.text("about", "", limit=30),
        surprise=row.flag("surprise", False),
        page=row.flag("page", False),
        within_minutes=row.number("within_minutes", 10, low=1, high=LONGEST_MINUTES),
    )
    row.done()
    return inject


def _key(row: Table) -> str:
    key = row.text("key", limit=64)
    if not KEY.fullmatch(key):
        raise row.error("key", f"{key!r} is no key. Use a-z, 0-9 and _, such as 'press_calls'.")
    return key


def lint_scenarios(catalog: Catalog, folders: Folders) -> Iterator[Finding]:
    """What scenarios say that this catalogue cannot play, and two of one title."""
    titles: dict[str, str] = {}
    for name in folders.names(FOLDER):
        where = f"{FOLDER}/{name}.toml"
        try:
            scenario = read_scenario(folders, name)
        except CatalogError as error:
            yield fault(where, error.message, "Correct the file.")
            continue
        for wrong in wrong_with(scenario, catalog):
            yield fault(where, wrong.text, wrong.advice)
        if not scenario.steps:
            text = "it has no [[step]], so nothing says what good looks like"
            yield warning(where, text, "Write what is to be done, by whom, by which minute.")
        other = titles.setdefault(scenario.title.casefold(), where)
        if other != where:
            text = f"it has the title {scenario.title!r}, as {other} has"
            yield fault(where, text, "Give each scenario its own title.")
