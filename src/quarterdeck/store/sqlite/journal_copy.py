"""The journal in a second folder, a few seconds behind: what was accepted survives the loss of the first disk.

Needs no Django. Appends only; a copy that is of another history is put aside, never overwritten.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from ..private import keep_private
from .copying import open_to_read

NAME = "journal.db"
AT_ONCE = 2000
KEEP_DAYS = 30
_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbound (
  id INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, integration TEXT NOT NULL,
  dialect TEXT NOT NULL, event_id TEXT NOT NULL, body BLOB NOT NULL)
"""
_ROWS = "SELECT id, received_at, integration, dialect, event_id, body FROM inbound WHERE id > ? ORDER BY id LIMIT ?"
_INSERT = "INSERT INTO inbound (id, received_at, integration, dialect, event_id, body) VALUES (?,?,?,?,?,?)"
_OLD = (
    "DELETE FROM inbound WHERE id IN (SELECT id FROM inbound WHERE received_at < ?"
    " AND id < (SELECT max(id) FROM inbound) ORDER BY id LIMIT ?)"
)
_LAST = "SELECT id, event_id FROM inbound ORDER BY id DESC LIMIT 1"
_AT = "SELECT event_id FROM inbound WHERE id = ?"
_IDENTITY = "CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL)"
_SAME = "INSERT INTO identity (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM identity)"


def append(journal: Path, folder: Path) -> int:
    """Bring the copy in `folder` up to the journal; returns how many bodies that were.

    Raises OSError and sqlite3.Error when the folder cannot be written.
    """
    if not journal.exists():
        return 0
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / NAME
    if target.exists() and not same_history(journal, target):
        target.rename(folder / f"journal-until-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}.db")
    copied = take_over(journal, target)
    if copied:
        _forget(target)
    return copied


def _forget(target: Path) -> None:
    """What is older than any backup one would go back to, a piece at a time. The last body stays: it tells which
    journal this is.
    """
    with closing(_open(target)) as db:
        db.execute(_OLD, ((time.time_ns() // 1000) - KEEP_DAYS * 86_400_000_000, AT_ONCE))


def take_over(journal: Path, target: Path) -> int:
    """Append to `target` what `journal` has behind its end; returns how many bodies that were."""
    keep_private(target)
    copied = 0
    with closing(open_to_read(journal)) as here, closing(_open(target)) as there:
        if not here.execute("SELECT 1 FROM sqlite_schema WHERE name = 'inbound'").fetchone():
            return 0
        if here.execute("SELECT 1 FROM sqlite_schema WHERE name = 'identity'").fetchone():
            # A copy is the same journal: what reads it goes on where it was.
            there.executemany(_SAME, here.execute("SELECT id FROM identity").fetchall())
        last = there.execute("SELECT coalesce(max(id), 0) FROM inbound").fetchone()[0]
        while rows := here.execute(_ROWS, (last, AT_ONCE)).fetchall():
            there.execute("BEGIN IMMEDIATE")
            there.executemany(_INSERT, rows)
            there.execute("COMMIT")
            last = rows[-1][0]
            copied += len(rows)
    return copied


def same_history(one: Path, other: Path) -> bool:
    """Whether the shorter of two journals is the beginning of the longer one, as its last body tells."""
    with closing(open_to_read(one)) as a, closing(open_to_read(other)) as b:
        try:
            ends = a.execute(_LAST).fetchone(), b.execute(_LAST).fetchone()
        except sqlite3.OperationalError:
            return True  # one of them has nothing in it yet
        if None in ends:
            return True
        longer, (place, event_id) = (a, ends[1]) if ends[1][0] <= ends[0][0] else (b, ends[0])
        return longer.execute(_AT, (place,)).fetchone() == (event_id,)


def _open(target: Path) -> sqlite3.Connection:
    """One file and no companions: the second folder may be of a kind that cannot share memory."""
    db = sqlite3.connect(target, isolation_level=None, timeout=10)
    db.execute("PRAGMA journal_mode=DELETE")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(_SCHEMA)
    db.execute(_IDENTITY)
    return db
