"""Reads role cards: one file per role and template, complete in itself."""

from __future__ import annotations

from quarterdeck.catalog.tables import Table, did_you_mean
from quarterdeck.core.incidents.functions import FUNCTIONS
from quarterdeck.core.incidents.structure import PHASES, ChecklistItem, RoleDefinition


def read_role(table: Table, key: str) -> RoleDefinition:
    """The role in one file, `key` being the file's name without its ending."""
    if table.text("key") != key:
        raise table.error("key", f"'key' must be {key!r}, as the file is named. Rename one of them.")
    low, high = _cardinality(table)
    role = RoleDefinition(
        key=key,
        title=table.text("title", limit=80),
        purpose=table.text("purpose", limit=300),
        group=table.text("group", "command"),
        min=low,
        max=high,
        exclusive=table.flag("exclusive", False),
        excludes=table.words("excludes", ()),
        required_when=table.text("required_when", ""),
        reports_to=table.text("reports_to", "") or None,
        backup=table.text("backup", ""),
        grants=table.words("grants", ()),
        qualification=table.words("qualification", ()),
        aliases=table.words("aliases", ()),
        rollup=table.flag("rollup", True),
        understood=table.flag("understood", False),
        functions=_functions(table),
        checklist=_checklist(table.table("checklist")),
    )
    table.done()
    return role


def _functions(table: Table) -> tuple[str, ...]:
    said = table.words("functions", ())
    for function in said:
        if function not in FUNCTIONS:
            near = did_you_mean(function, FUNCTIONS)
            raise table.error(
                "functions", f"{function!r} is no function. Use {' or '.join(FUNCTIONS)}.{near}"
            )
    return said


def _cardinality(table: Table) -> tuple[int, int | None]:
    """How many people hold the role, 0..1 when nothing is said. No `max` means any number."""
    if not table.has("cardinality"):
        return 0, 1
    inner = table.table("cardinality")
    low = inner.number("min", 0, high=50)
    high = inner.number("max", low=1, high=50) if inner.has("max") else None
    inner.done()
    if high is not None and high < low:
        raise table.error("cardinality", f"'min' is {low} and 'max' is {high}. Make max the larger.")
    return low, high


def _checklist(table: Table) -> dict[str, tuple[ChecklistItem, ...]]:
    found = {phase: tuple(map(_item, table.rows(phase))) for phase in PHASES}
    table.done()
    return {phase: items for phase, items in found.items() if items}


def _item(row: Table) -> ChecklistItem:
    item = ChecklistItem(row.text("text", limit=200), row.duration("due", None))
    row.done()
    return item
