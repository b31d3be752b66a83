"""Rows of the parts of an incident, made only when they are asked for: what an event did not touch costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = dict[str, Any]
Rows = dict[str, dict[str, Row]]

_NONE: Mapping[str, object] = MappingProxyType({})
_SCALARS = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one table. Those that have no id unique in the installation are `named`: theirs is made of the
    incident's and a name.
    """

    incident: str
    parts: Mapping[str, DataclassInstance]
    named: bool = False

    def rows(self, but: Mapping[str, object] = _NONE) -> dict[str, Row]:
        """Row id to row; a part that is the very same object in `but` is left out."""
        changed = ((name, part) for name, part in self.parts.items() if but.get(name) is not part)
        if not self.named:
            return {name: row(self.incident, part) for name, part in changed}
        return {
            (row_id := f"{self.incident}:{name}"): {"id": row_id, **row(self.incident, part)}
            for name, part in changed
        }


Tables = Mapping[str, Parts | dict[str, Row]]


def made(tables: Tables) -> Rows:
    """All rows of all tables."""
    return {name: t.rows() if isinstance(t, Parts) else t for name, t in tables.items()}


def differing(before: Tables, after: Tables) -> tuple[Rows, Rows]:
    """The rows before and after, without those of parts that are the same object in both: parts are never edited, so
    the same object is the same row. A table in which no part differs is empty in both.
    """
    old, new = dict[str, dict[str, Row]](), dict[str, dict[str, Row]]()
    for name, now in after.items():
        then = before.get(name, {})
        if isinstance(now, Parts) and isinstance(then, Parts):
            if now.parts is not then.parts:
                old[name], new[name] = then.rows(but=now.parts), now.rows(but=then.parts)
        else:
            old[name] = then.rows() if isinstance(then, Parts) else then
            new[name] = now.rows() if isinstance(now, Parts) else now
    return old, new


def row(incident: str, part: DataclassInstance) -> Row:
    """The fields of a part as columns, and which incident it belongs to."""
    return {"incident_id": incident, **{name: _plain(getattr(part, name)) for name in _names(type(part))}}


@cache
def _names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def _plain(value: object) -> object:
    if type(value) in _SCALARS:
        return value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return list(value)
    return value
