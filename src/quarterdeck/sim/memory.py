"""The store of a simulated installation: the product's tables in memory, and its journal. Migrated once a process.

It takes the place of this process's default connection while it is in use; nothing is written to a file.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, connections

from quarterdeck.store import ids, journal_reader
from quarterdeck.store.journal import prepared

_LAST = "SELECT coalesce(max(id), 0) FROM inbound"


class Journal(sqlite3.Connection):
    """The journal in memory. Whoever closes it closes nothing: the next simulation uses it again."""

    def close(self) -> None:
        """Does nothing."""

    def clear(self) -> None:
        self.execute("DROP TABLE IF EXISTS inbound")
        prepared(self)

    def last(self) -> int:
        return int(self.execute(_LAST).fetchone()[0])


class Memory:
    """`templates` are stores to start from, made once each and copied page by page."""

    def __init__(self) -> None:
        self.journal = sqlite3.connect(":memory:", isolation_level=None, factory=Journal)
        prepared(self.journal)
        self._templates: dict[object, sqlite3.Connection] = {}
        self._made: dict[object, Any] = {}

    def begin(self, name: object, make: Callable[[], Any]) -> Any:
        """A fresh store with what `make` puts into a migrated one; returns what `make` returned."""
        self.journal.clear()
        if name not in self._templates:
            self._copy("migrated", self._migrate)
        self._copy(name, make)
        return self._made[name]

    def take_migrated(self, file: Path) -> None:
        """Begin with a copy of this store, whose tables are this release's, instead of making them (five seconds)."""
        if "migrated" in self._templates:
            return
        # A store in memory keeps no log beside it, and a copy of pages would say that this one does.
        with tempfile.TemporaryDirectory() as folder:
            copied = Path(shutil.copy(file, folder))
            with closing(sqlite3.connect(copied)) as source:
                source.execute("PRAGMA journal_mode = DELETE")
                kept = sqlite3.connect(":memory:")
                source.backup(kept)
        self._templates["migrated"] = kept

    @staticmethod
    def _migrate() -> None:
        call_command("migrate", verbosity=0)

    def _copy(self, name: object, make: Callable[[], Any]) -> None:
        if name in self._templates:
            self._templates[name].backup(connection.connection)
            return
        self._made[name] = make()
        kept = sqlite3.connect(":memory:")
        connection.connection.backup(kept)
        self._templates[name] = kept

    def read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows, past everything that simulates a fault."""
        return list(connection.connection.execute(sql, values).fetchall())


_memory: Memory | None = None


@contextmanager
def in_memory() -> Iterator[Memory]:
    """Let this process's default connection be a store in memory, for as long as this lasts."""
    global _memory
    wrapper = connections["default"]
    wrapper.close()
    saved = wrapper, wrapper.settings_dict
    # Another wrapper, so that the connection of a file that is in use elsewhere stays what it was.
    del connections["default"]
    fresh = connections["default"]
    fresh.settings_dict = {**saved[1], "NAME": ":memory:"}
    if _memory is None:
        _memory = Memory()
    fresh.connect()
    try:
        yield _memory
    finally:
        fresh.connection.close()
        connections["default"] = saved[0]


@contextmanager
def seeded(journal: sqlite3.Connection, clock_ns: Callable[[], int], seed: str) -> Iterator[None]:
    """Ids from a seed and a virtual clock; the journal in memory in the place of the file."""
    saved = ids.clock_ns, ids.dice, journal_reader.given
    ids.clock_ns, ids.dice = clock_ns, random.Random(seed)
    journal_reader.given = lambda: journal
    try:
        yield
    finally:
        ids.clock_ns, ids.dice, journal_reader.given = saved
