"""Reads mappings: which role of one structure goes on as which role of another. Says nothing about people."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.catalog.findings import Finding, fault
from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import Table, did_you_mean
from quarterdeck.core.incidents.structure import Catalog, RoleMapping


def read_mappings(folders: Folders) -> tuple[RoleMapping, ...]:
    """Every file of mappings/, in the order of their names."""
    return tuple(
        read_mapping(folders.table(f"mappings/{name}.toml"), name) for name in folders.names("mappings")
    )


def read_mapping(table: Table, name: str) -> RoleMapping:
    """The mapping in one file, named <source>-<target>.toml."""
    found = RoleMapping(
        source=table.text("source"),
        target=table.text("target"),
        roles=_pairs(table.table("roles")),
        under=_pairs(table.table("under")),
        back_under=_pairs(table.table("back_under")),
    )
    if name != f"{found.source}-{found.target}":
        raise table.error("source", f"the file must be named {found.source}-{found.target}.toml. Rename it.")
    table.done()
    return found


def _pairs(table: Table) -> dict[str, str]:
    found = {key: table.text(key) for key in table.names()}
    table.done()
    return found


def lint_mappings(catalog: Catalog) -> Iterator[Finding]:
    """Mappings name structures and roles that exist."""
    keys = [t.key for t in catalog.templates]
    for m in catalog.mappings:
        where = f"mappings/{m.source}-{m.target}.toml"
        for key in (m.source, m.target):
            if key not in keys:
                text = f"maps {key!r}, which is not a template"
                yield fault(where, text, f"Name a template.{did_you_mean(key, keys)}")
        yield from _roles(catalog, where, m.source, [*m.roles, *m.under, *m.back_under.values()])
        yield from _roles(catalog, where, m.target, [*m.roles.values(), *m.under.values(), *m.back_under])


def _roles(catalog: Catalog, where: str, template: str, roles: list[str]) -> Iterator[Finding]:
    found = catalog.template(template)
    if found is None:
        return
    known = [r.key for r in found.roles]
    for role in dict.fromkeys(roles):
        if role not in known:
            text = f"maps the role {role!r}, which the template {template!r} does not have"
            yield fault(where, text, f"Name a role of that template.{did_you_mean(role, known)}")
