"""Copying every row of one store into another of a different kind, again and again, until both hold the same.

Django reads and writes the values, so that each database gets its own kind of column. Knows nothing of who may do this
or when; the source is only read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connections, models, transaction

from quarterdeck.core.kernel.chain import canonical

from .models import Event, Inbound, Installation

AT_ONCE = 500
# Rows of these are only ever added, the database itself refuses anything else.
GROWING = (Event,)
# Made by the target for itself, or of no meaning there: the journal moves by itself, body by body.
LEFT_OUT = (Inbound, Installation)


_BEGIN = {"sqlite": "BEGIN DEFERRED", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"}


class MoveFailed(Exception):
    """The rows could not be moved; the message names the table."""


@dataclass
class Known:
    """What was copied of one table: a digest by key and a mark of how the source keeps it (tables whose rows change),
    the last key (those that grow), the number of rows and a digest over all of them, whatever their order.
    """

    rows: dict[Any, bytes] = field(default_factory=dict)
    marks: dict[Any, int] = field(default_factory=dict)
    last: Any = None
    count: int = 0
    total: int = 0

    def add(self, key: Any, digest: bytes, *, growing: bool) -> None:
        if growing:
            self.last = key
        else:
            self.rows[key] = digest
        self.count += 1
        self.total ^= int.from_bytes(digest, "big")

    def drop(self, key: Any) -> None:
        self.total ^= int.from_bytes(self.rows.pop(key), "big")
        self.count -= 1


@dataclass
class Move:
    """From one alias of Django's to another. `known` is what the target holds."""

    source: str
    target: str
    known: dict[type[models.Model], Known] = field(default_factory=dict)
    touched: dict[type[models.Model], dict[Any, bytes]] = field(default_factory=dict)

    def tables(self) -> list[type[models.Model]]:
        """Every table, each after those it refers to."""
        left = [m for m in apps.get_models(include_auto_created=True) if _is_table(m) and m not in LEFT_OUT]
        ordered: list[type[models.Model]] = []
        while left:
            free = [m for m in left if not (_refers_to(m) & set(left) - {m})] or left[:1]
            ordered += free
            left = [m for m in left if m not in free]
        return ordered

    def empty(self) -> None:
        """Remove what the target made for itself when it was migrated."""
        with transaction.atomic(using=self.target):
            for model in reversed(self.tables()):
                if model not in GROWING:
                    model._base_manager.using(self.target).all().delete()

    def copy(self) -> int:
        """Bring the target to one state of the source, in one transaction; returns how many rows differed."""
        changed = 0
        self.touched = {}
        with transaction.atomic(using=self.target), _one_state(self.source):
            for model in self.tables():
                try:
                    changed += self._table(model)
                except (DataError, IntegrityError) as e:
                    raise MoveFailed(
                        f"A row of {model._meta.db_table} does not fit the other store: {e}"
                    ) from e
        return changed

    def _table(self, model: type[models.Model]) -> int:
        known = self.known.setdefault(model, Known())
        if model in GROWING:
            return self._take(model, _rows(model, self.source, known.last))
        changed = [key for key, mark in self._marks(model, known) if known.marks.get(key) != mark]
        self._remove(model, [key for key in changed if key in known.rows])
        rows = model._base_manager.using(self.source)
        for n in range(0, len(changed), AT_ONCE):
            self._take(model, _values(rows.filter(pk__in=changed[n : n + AT_ONCE])))
        return len(changed)

    def _marks(self, model: type[models.Model], known: Known) -> Iterator[tuple[Any, int]]:
        """Each row's key with a number that differs when the row does: read without making values of it, since most
        rows stay as they are from one pass to the next. What is not there any more is removed at the end.
        """
        fresh: dict[Any, int] = {}
        place, connection = _key_place(model), connections[self.source]
        quote = connection.ops.quote_name
        columns = ", ".join(quote(f.column) for f in model._meta.concrete_fields)
        statement = f"SELECT {columns} FROM {quote(model._meta.db_table)}"  # noqa: S608 - names of our own tables
        with connection.chunked_cursor() as c:
            c.execute(statement)
            while rows := c.fetchmany(2000):
                for row in rows:
                    fresh[row[place]] = mark = hash(tuple(map(_hashable, row)))
                    yield row[place], mark
        # What left frees names that the new rows may bear.
        self._remove(model, [key for key in known.rows if key not in fresh])
        known.marks = fresh

    def _take(self, model: type[models.Model], rows: Iterable[tuple[Any, ...]]) -> int:
        """Insert rows that the target does not have; returns how many."""
        known, growing, fresh, taken = self.known[model], model in GROWING, [], 0
        for row in rows:
            key, digest = row[_key_place(model)], digest_of(row)
            self.touched.setdefault(model, {})[key] = digest
            known.add(key, digest, growing=growing)
            fresh.append(row)
            taken += 1
            if len(fresh) == AT_ONCE:
                self._insert(model, fresh)
                fresh = []
        self._insert(model, fresh)
        return taken

    def _remove(self, model: type[models.Model], keys: Sequence[Any]) -> None:
        for key in keys:
            self.known[model].drop(key)
        for n in range(0, len(keys), AT_ONCE):
            rows = model._base_manager.using(self.target).filter(pk__in=keys[n : n + AT_ONCE])
            rows._raw_delete(self.target)

    def _insert(self, model: type[models.Model], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        fields = list(model._meta.concrete_fields)
        names = [f.attname for f in fields]
        made = [model.from_db(self.target, names, row) for row in rows]
        # Raw: values go as they are, no field sets its own.
        at_once = max(1, 900 // len(fields)) if connections[self.target].vendor == "sqlite" else AT_ONCE
        for n in range(0, len(made), at_once):
            model._base_manager._insert(made[n : n + at_once], fields=fields, using=self.target, raw=True)

    def verify(self) -> list[str]:
        """Read the whole target and compare each table with what was copied; what differs, in words."""
        wrong = []
        for model in self.tables():
            found = Known()
            for row in _rows(model, self.target, None):
                found.add(row[_key_place(model)], digest_of(row), growing=True)
            known = self.known.get(model, Known())
            if (found.count, found.total) != (known.count, known.total):
                wrong.append(f"{model._meta.db_table} has {found.count} rows, and {known.count} were copied")
        return wrong

    def verify_last(self) -> list[str]:
        """As `verify`, for the rows that the last `copy` wrote, and the number of rows of every table."""
        wrong = []
        for model in self.tables():
            name, rows = model._meta.db_table, model._base_manager.using(self.target)
            keys = list(self.touched.get(model, {}))
            for n in range(0, len(keys), AT_ONCE):
                some = keys[n : n + AT_ONCE]
                found = {r[_key_place(model)]: digest_of(r) for r in _values(rows.filter(pk__in=some))}
                wrong += [f"{name}: row {k} differs" for k in some if found.get(k) != self.touched[model][k]]
            if rows.count() != self.known[model].count:
                wrong.append(f"{name} has {rows.count()} rows, and {self.known[model].count} were copied")
        return wrong

    def digests(self) -> dict[str, tuple[int, str]]:
        """Rows and digest of each table, as copied."""
        return {m._meta.db_table: (k.count, f"{k.total:032x}") for m, k in self.known.items()}

    def count_on(self) -> None:
        """Let the target's own counters go on behind the highest number it was given."""
        connection = connections[self.target]
        with connection.cursor() as c:
            for statement in connection.ops.sequence_reset_sql(no_style(), self.tables()):
                c.execute(statement)


def digest_of(row: Iterable[Any]) -> bytes:
    """The same for the same values, whichever database they were read from."""
    told = "\x1f".join(_plain(value) for value in row)
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _plain(value: Any) -> str:
    match value:
        case None:
            return "n"
        case bool():
            return f"b{int(value)}"
        case int():
            return f"i{value}"
        case str():
            return f"s{value}"
        case datetime():
            return f"d{value.astimezone(UTC).isoformat(timespec='microseconds')}"
        case bytes() | memoryview() | bytearray():
            return f"x{bytes(value).hex()}"
        case dict() | list():
            return f"j{canonical(value)}"
    return f"o{value!r}"


def _rows(model: type[models.Model], alias: str, after: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a table in order of their keys, from behind `after`, each with all its columns."""
    rows = model._base_manager.using(alias).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return _values(rows)


def _values(rows: models.QuerySet[Any]) -> Iterator[tuple[Any, ...]]:
    return rows.values_list(*[f.attname for f in rows.model._meta.concrete_fields]).iterator(chunk_size=2000)


@contextmanager
def _one_state(alias: str) -> Iterator[None]:
    """Everything that is read inside is of one and the same state, while others write. Inside a transaction it is."""
    connection = connections[alias]
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as c:
        c.execute(_BEGIN[connection.vendor])
        try:
            yield
        finally:
            c.execute("ROLLBACK")


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bytes | None) else repr(value)


def _is_table(model: type[models.Model]) -> bool:
    return bool(model._meta.managed) and not model._meta.proxy


def _key_place(model: type[models.Model]) -> int:
    return next(n for n, f in enumerate(model._meta.concrete_fields) if f.primary_key)


def _refers_to(model: type[models.Model]) -> set[type[models.Model]]:
    return {f.related_model for f in model._meta.concrete_fields if f.related_model is not None}  # type: ignore[misc]
