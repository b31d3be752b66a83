"""Copying a SQLite file that is in use: one consistent state of it, at a pace that leaves the disk to the writers.

Needs no Django and takes no lock that a writer would wait for.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from ..private import keep_private

# What is copied before the disk is waited for: pages of 4 KiB.
PAGES_AT_ONCE = 256
# The share of the time that the copying itself may take.
DUTY = 0.5
LONGEST_REST_SECONDS = 0.5
READ_AT_ONCE = 1 << 20


def copy(source: Path, target: Path, *, gently: bool = True) -> Mapping[str, int]:
    """Write the present state of `source` as a new file; returns how many rows each of its tables has in that state.

    Raises sqlite3.Error and OSError; what stands at `target` then is worth nothing.
    """
    keep_private(target)
    with (
        closing(open_to_read(source)) as here,
        closing(sqlite3.connect(target, isolation_level=None)) as there,
    ):
        there.execute("PRAGMA journal_mode=OFF")
        there.execute("PRAGMA synchronous=OFF")
        there.execute("PRAGMA cache_size=-2000")
        # A reader's state stands still while others write; without it each of their commits would begin the copy anew.
        here.execute("BEGIN")
        rows = counts(here)
        with target.open("rb") as file:
            pace = _Pace(file.fileno())
            here.backup(there, pages=PAGES_AT_ONCE if gently else -1, progress=pace if gently else None)
        here.execute("ROLLBACK")
        there.execute("PRAGMA journal_mode=DELETE")
    sync(target)
    return rows


class _Pace:
    """After each piece: have it on the disk, so that no writer's own commit waits behind it, and rest as long."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._began = time.monotonic()

    def __call__(self, status: int, remaining: int, total: int) -> None:
        os.fdatasync(self._file)
        took = time.monotonic() - self._began
        time.sleep(min(took * (1 / DUTY - 1), LONGEST_REST_SECONDS))
        self._began = time.monotonic()


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing. Raises sqlite3.OperationalError when there is no such file."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=10)
    db.execute("PRAGMA query_only=ON")
    return db


def tables(db: sqlite3.Connection) -> list[str]:
    """Its tables by name, without SQLite's own."""
    found = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in found if not name.startswith("sqlite_")]


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    found = {}
    for name in tables(db):
        statement = f'SELECT count(*) FROM "{name}"'  # noqa: S608 - a name that the file itself gives
        found[name] = db.execute(statement).fetchone()[0]
    return found


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    total = hashlib.sha256()
    with path.open("rb") as f:
        while part := f.read(READ_AT_ONCE):
            total.update(part)
    return total.hexdigest()


def sync(path: Path) -> None:
    """Have a file or a folder on the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
