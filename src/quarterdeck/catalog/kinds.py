"""Incident types: read from files, added at run time, written back as TOML. A type is data, never code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import KEY, Table, did_you_mean
from quarterdeck.core.incidents.structure import Catalog, IncidentType
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean, line


def read_types(folders: Folders) -> tuple[IncidentType, ...]:
    """types.toml, then every file of types/, a later table with the same key standing for the earlier."""
    found: dict[str, IncidentType] = {}
    for name in ("types.toml", *(f"types/{n}.toml" for n in folders.names("types"))):
        found.update(_read(folders.table(name)))
    return tuple(found.values())


def _read(table: Table) -> Mapping[str, IncidentType]:
    found = {key: _type(key, table, table.table(key)) for key in table.names()}
    table.done()
    return found


def _type(key: str, above: Table, table: Table) -> IncidentType:
    if not KEY.fullmatch(key):
        raise above.error(key, f"{key!r} is not a key of a type. Use a-z, 0-9 and _, such as 'power_cut'.")
    kind = IncidentType(
        key=key,
        title=table.text("title", limit=120),
        template=table.text("template"),
        description=table.text("description", ""),
        default_severity=table.number("default_severity", low=1, high=5)
        if table.has("default_severity")
        else None,
        restricted=table.flag("restricted", False),
        roles=table.words("roles", ()),
        procedure=table.words("procedure", ()),
    )
    table.done()
    return kind


def with_type(catalog: Catalog, kind: IncidentType) -> Catalog:
    """The catalogue with this type added, or put in the place of the type with its key.

    Raises Refused when it names a template, a severity or a role that is not there.
    """
    kind = replace(kind, title=line(kind.title, 120), description=clean(kind.description, 4_000))
    if not KEY.fullmatch(kind.key):
        raise bad(
            "type.key",
            f"{kind.key!r} is not a key. Use a-z, 0-9 and _, such as 'power_cut'.",
            key="a-z, 0-9, _",
        )
    if not kind.title:
        raise bad("type.title", "A type needs a title. Write what people call it.", title="Write a title.")
    if faults := type_faults(catalog, kind):
        raise bad(f"type.{faults[0][0]}", faults[0][1], **dict(faults))
    kept = {t.key: t for t in catalog.types}
    return replace(catalog, types=tuple({**kept, kind.key: kind}.values()))


def type_faults(catalog: Catalog, kind: IncidentType) -> tuple[tuple[str, str], ...]:
    """What the type names and the catalogue does not have, as (field, text)."""
    template = catalog.template(kind.template)
    if template is None:
        near = did_you_mean(kind.template, [t.key for t in catalog.templates])
        return (("template", f"There is no template {kind.template!r}.{near}"),)
    faults: list[tuple[str, str]] = []
    if kind.default_severity is not None and all(s.rank != kind.default_severity for s in catalog.severities):
        faults.append(("default_severity", f"There is no severity {kind.default_severity}. Use 1 to 5."))
    known = [role.key for role in template.roles]
    for role in kind.roles:
        if role not in known:
            text = f"The template {template.key!r} has no role {role!r}.{did_you_mean(role, known)}"
            faults.append(("roles", text))
    return tuple(faults)


def dump_type(kind: IncidentType) -> str:
    """The type as TOML, as `types/<key>.toml` holds it: reading it gives the same type again."""
    lines = [f"[{kind.key}]", f"title = {_quoted(kind.title)}"]
    if kind.description:
        lines.append(f"description = {_quoted(kind.description)}")
    lines.append(f"template = {_quoted(kind.template)}")
    if kind.default_severity is not None:
        lines.append(f"default_severity = {kind.default_severity}")
    if kind.restricted:
        lines.append("restricted = true")
    if kind.roles:
        lines.append(f"roles = [{', '.join(map(_quoted, kind.roles))}]")
    if kind.procedure:
        lines.append(f"procedure = [{', '.join(map(_quoted, kind.procedure))}]")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string once the text holds no DEL, which JSON leaves as it is.
    return json.dumps(text.replace("\x7f", ""), ensure_ascii=False)
