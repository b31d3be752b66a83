"""Reads response templates: the roles, audiences, clocks, chains, callouts and gates of an incident."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.roles import read_role
from quarterdeck.catalog.tables import KEY, Table, did_you_mean
from quarterdeck.core.incidents.cadence import Cadence
from quarterdeck.core.incidents.structure import (
    PHASES,
    Assembly,
    Audience,
    ChainStep,
    RoleDefinition,
    Switch,
    Template,
)

_SEVERITY = re.compile(r"sev([1-5])")


def read_audiences(table: Table) -> dict[str, Audience]:
    """All audiences by key, in the file's order."""
    found = {key: _audience(key, table.table(key)) for key in table.names()}
    table.done()
    return found


def _audience(key: str, table: Table) -> Audience:
    audience = Audience(
        key=key,
        title=table.text("title", limit=80),
        detail=table.text("detail", limit=400),
        public=table.flag("public", False),
        headline_limit=table.number("headline_limit", 120, low=20, high=300),
        clock_owner=table.text("clock_owner", "communications_lead"),
    )
    table.done()
    return audience


def read_template(folders: Folders, key: str, audiences: Mapping[str, Audience]) -> Template:
    """The template in templates/<key>.toml with its role cards."""
    table = folders.table(f"templates/{key}.toml")
    if table.text("key") != key:
        raise table.error("key", f"'key' must be {key!r}, as the file is named. Rename one of them.")
    template = Template(
        key=key,
        version=table.number("version", low=1),
        title=table.text("title", limit=80),
        phases=table.words("phases", PHASES),
        roles=_roles(folders, key, table),
        audiences=_audiences(table, audiences),
        clocks=_clocks(table.table("clocks")),
        cadences=_cadences(table.table("cadences")),
        pulse=_intervals(table.table("impact_pulse")),
        chains=_chains(table.table("approval_chains")),
        assembly=tuple(map(_assembly, table.rows("assembly"))),
        gates=_gates(table.table("gates")),
        unified_command=table.flag("unified_command", False),
        switches=tuple(map(_switch, table.rows("switches"))),
        senders=_senders(table.table("senders")),
    )
    table.done()
    return template


def _roles(folders: Folders, template: str, table: Table) -> tuple[RoleDefinition, ...]:
    """The listed roles in their order, then those an organisation added by their file alone."""
    folder = f"roles/{template}"
    listed = table.words("roles")
    for key in listed:
        if not KEY.fullmatch(key):
            raise table.error("roles", f"{key!r} is not a role key. Use a-z, 0-9 and _, such as 'scribe'.")
        if not folders.has(f"{folder}/{key}.toml"):
            near = did_you_mean(key, folders.names(folder))
            raise table.error("roles", f"the role {key!r} has no file {folder}/{key}.toml.{near}")
    added = tuple(key for key in folders.own_names(folder) if key not in listed)
    return tuple(
        read_role(folders.table(f"{folder}/{key}.toml"), key) for key in dict.fromkeys(listed + added)
    )


def _audiences(table: Table, known: Mapping[str, Audience]) -> tuple[Audience, ...]:
    owners = table.table("clock_owners")
    found: list[Audience] = []
    for key in dict.fromkeys(table.words("audiences")):
        if key not in known:
            near = did_you_mean(key, list(known))
            raise table.error("audiences", f"the audience {key!r} is not in audiences.toml.{near}")
        audience = known[key]
        found.append(replace(audience, clock_owner=owners.text(key, audience.clock_owner)))
    owners.done()
    return tuple(found)


def _clocks(table: Table) -> dict[str, dict[int, timedelta]]:
    found = {key: _intervals(table.table(key)) for key in table.names()}
    table.done()
    return found


def _intervals(table: Table) -> dict[int, timedelta]:
    found: dict[int, timedelta] = {}
    for key in table.names():
        rank = _SEVERITY.fullmatch(key)
        every = table.duration(key)
        if not rank or every is None:
            raise table.error(key, f"{key!r} is not a severity. Write sev1, sev2, … sev5.")
        found[int(rank[1])] = every
    return found


def _cadences(table: Table) -> dict[str, dict[int, Cadence]]:
    found = {key: _by_severity(table.table(key)) for key in table.names()}
    table.done()
    return found


def _by_severity(table: Table) -> dict[int, Cadence]:
    found: dict[int, Cadence] = {}
    for key in table.names():
        rank = _SEVERITY.fullmatch(key)
        if not rank:
            raise table.error(key, f"{key!r} is not a severity. Write sev1, sev2, … sev5.")
        row = table.table(key)
        first, scope, holds, long = (row.duration(name, None) for name in ("first", "scope", "holds", "long"))
        found[int(rank[1])] = Cadence(
            first, scope, holds, long, row.duration("remind", None), row.duration("grace", None)
        )
        row.done()
    return found


def _chains(table: Table) -> dict[str, tuple[ChainStep, ...]]:
    found = {key: tuple(map(_step, table.rows(key))) for key in table.names()}
    table.done()
    return found


def _step(row: Table) -> ChainStep:
    step = ChainStep(
        row.text("step"), row.words("roles"), row.flag("parallel", False),
        row.duration("eta", None), row.duration("check_back", None), row.words("backup", ()),
        row.text("when", "always"), row.words("guidelines", ()),
        row.words("agreed_skips", ()),
    )  # fmt: skip
    row.done()
    return step


def _assembly(row: Table) -> Assembly:
    rule = Assembly(row.text("role"), row.text("how"), row.text("when", "always"))
    row.done()
    return rule


def _switch(row: Table) -> Switch:
    switch = Switch(
        row.text("key", limit=60), row.text("title", limit=80), row.text("owner"), row.text("webhook", ""),
        row.number("resume_order", 1, low=1, high=99),
    )  # fmt: skip
    row.done()
    return switch


def _senders(table: Table) -> dict[str, str]:
    found = {audience: table.text(audience) for audience in table.names()}
    table.done()
    return found


def _gates(table: Table) -> dict[str, tuple[str, ...]]:
    found = {phase: table.words(phase) for phase in table.names()}
    table.done()
    return found
