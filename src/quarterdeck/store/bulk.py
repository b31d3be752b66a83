"""Many rows in one statement, without a model object for each: the engine's hot path. Inside the caller's transaction.

Values are given as the columns hold them: instants in microseconds, JSON as canonical text (`plain`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from django.db import connection
from django.db import models as orm

# What one statement carries on PostgreSQL, where a row alone would cost a round trip.
CHUNK = 200
_JSON = msgspec.json.Encoder(order="sorted")


def plain(value: object) -> str:
    """JSON as `core.kernel.chain.canonical` writes it, an order of magnitude faster."""
    return _JSON.encode(value).decode()


@lru_cache(maxsize=200)
def _columns(model: type[orm.Model], names: tuple[str, ...]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The quoted table, and column and type for each attribute name."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    kinds = tuple(
        str(fields[n].rel_db_type(connection) if fields[n].remote_field else fields[n].db_type(connection))
        for n in names
    )
    return quote(model._meta.db_table), tuple(quote(fields[n].column) for n in names), kinds


def insert(model: type[orm.Model], names: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
    """Insert `rows`, each with the values of the attributes `names` (foreign keys by `…_id`)."""
    if not rows:
        return
    table, columns, _ = _columns(model, names)
    head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 - names come from the models
    one = f"({', '.join(['%s'] * len(names))})"
    with connection.cursor() as c:
        if connection.vendor == "sqlite":
            each = head + one
            c.executemany(each, rows)
            return
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            together = head + ", ".join([one] * len(part))
            c.execute(together, [v for row in part for v in row])


def update(
    model: type[orm.Model], names: tuple[str, ...], rows: Iterable[Sequence[Any]], also: str = ""
) -> None:
    """Set the attributes `names` of the rows whose keys come last in each of `rows`.

    `also` is a condition every row must still meet, as SQL with the table's own columns and no values.
    """
    rows = list(rows)
    if not rows:
        return
    pk = model._meta.pk.attname  # type: ignore[union-attr]
    table, columns, kinds = _columns(model, (*names, pk))
    where = f" AND {also}" if also else ""
    with connection.cursor() as c:
        if connection.vendor == "sqlite":
            sets = ", ".join(f"{name} = %s" for name in columns[:-1])
            each = f"UPDATE {table} SET {sets} WHERE {columns[-1]} = %s{where}"  # noqa: S608 - as above
            c.executemany(each, rows)
            return
        sets = ", ".join(f"{name} = v.c{n}" for n, name in enumerate(columns[:-1]))
        given = ", ".join(f"c{n}" for n in range(len(columns)))
        one = f"({', '.join(f'%s::{kind}' for kind in kinds)})"
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            from_ = f"FROM (VALUES {', '.join([one] * len(part))}) AS v ({given})"
            together = f"UPDATE {table} SET {sets} {from_} WHERE {table}.{columns[-1]} = v.c{len(columns) - 1}{where}"  # noqa: S608 - as above
            c.execute(together, [v for row in part for v in row])


def select(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as c:
        c.execute(sql, values)
        return c.fetchall()
