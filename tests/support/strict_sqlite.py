"""What PostgreSQL refuses and SQLite takes, refused on SQLite too, so that a test on one file finds it.

Texts longer than their column, NUL characters, numbers beyond their column, rows locked through an outer
join, and going on in a transaction after an error in it. Nothing of the product is replaced: only what reaches the
database is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, DataError, InternalError, NotSupportedError, connection
from django.db.backends.signals import connection_created
from django.db.models import CharField, Field, IntegerField, TextField
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import LOUTER

_BITS = {"PositiveIntegerField": 31, "IntegerField": 31, "AutoField": 31, "SmallIntegerField": 15,
         "PositiveSmallIntegerField": 15}  # fmt: skip


def watch() -> None:
    """From now on, in this process."""
    if getattr(Field, "watched_by_tests", False):
        return
    Field.watched_by_tests = True  # type: ignore[attr-defined]
    _wrap(Field, "get_db_prep_save", _stored)
    _wrap(SQLCompiler, "as_sql", _locked)
    connection_created.connect(_opened, dispatch_uid="strict sqlite")


def _wrap(owner: type, name: str, look: Any) -> None:
    theirs = getattr(owner, name)

    def looked(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = theirs(self, *args, **kwargs)
        if connection.vendor == "sqlite":
            look(self, found)
        return found

    setattr(owner, name, looked)


def _stored(field: Field[Any, Any], value: object) -> None:
    if not hasattr(field, "model"):
        return  # a number in a statement, not one of a column
    if isinstance(value, str) and isinstance(field, CharField | TextField):
        most = field.max_length if isinstance(field, CharField) else None
        if most is not None and len(value) > most:
            raise DataError(f"PostgreSQL: {field} holds {most} characters, not {len(value)}")
    elif isinstance(value, int) and isinstance(field, IntegerField):
        bits = _BITS.get(field.get_internal_type(), 63)
        if not -(1 << bits) <= value < 1 << bits:
            raise DataError(f"PostgreSQL: {field} does not hold {value}")


def _locked(compiler: SQLCompiler, _: object) -> None:
    query = compiler.query
    if not query.select_for_update:
        return
    joined = [
        a
        for a, n in query.alias_refcount.items()
        if n and getattr(query.alias_map[a], "join_type", "") == LOUTER
    ]
    if joined and not query.select_for_update_of:
        raise NotSupportedError(f"PostgreSQL: rows of an outer join are not locked: {joined}")
    if query.distinct or query.group_by is not None:
        raise NotSupportedError("PostgreSQL: rows of a summary are not locked")


def _opened(connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite" and _asked not in connection.execute_wrappers:
        connection.execute_wrappers.append(_asked)


def _asked(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    here = context["connection"]
    if any(isinstance(p, str) and "\0" in p for row in (params if many else [params]) for p in row or ()):
        raise DataError("PostgreSQL: a text holds no NUL character")
    if sql.startswith(("BEGIN", "ROLLBACK")) or not here.in_atomic_block:
        here.failed_for_tests = False
    if getattr(here, "failed_for_tests", False):
        raise InternalError("PostgreSQL: after an error nothing more is done in a transaction: " + sql[:200])
    try:
        return execute(sql, params, many, context)
    except DatabaseError:
        here.failed_for_tests = here.in_atomic_block
        raise
