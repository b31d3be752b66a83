"""The journal: raw bodies exactly as received, durable before anybody is told 2xx. Nothing here parses.

On SQLite it is its own file with one writer, so that ingest waits for nothing else; on PostgreSQL it is the table
`inbound`. Both commit in groups: whatever waited while the last commit ran goes into the next one.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from .private import keep_private

MAX_GROUP = 512
MAX_WAITING = 20_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbound (
  id INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, integration TEXT NOT NULL,
  dialect TEXT NOT NULL, event_id TEXT NOT NULL, body BLOB NOT NULL)
"""


class Received(NamedTuple):
    """A body as it is handed to the journal; `received_at` in microseconds since 1970."""

    received_at: int
    integration: str
    dialect: str
    event_id: str
    body: bytes


class JournalFull(Exception):
    """More bodies wait than the journal takes in; the sender should come back later."""


class NotStored(Exception):
    """The database did not take a group: nobody may be told 2xx."""


class Sink(Protocol):
    """Where a group is committed. Raises NotStored when nothing of it, or perhaps nothing, was stored."""

    def open(self) -> None: ...
    def commit(self, group: Sequence[Received]) -> None: ...
    def close(self) -> None: ...


def connect_sqlite(path: Path) -> sqlite3.Connection:
    """The journal file as its writer opens it (synchronous=FULL: a commit survives power loss)."""
    keep_private(path)
    db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA wal_autocheckpoint=4000")
    db.execute("PRAGMA cache_size=-16384")
    db.execute(_SCHEMA)
    return db


class SqliteSink:
    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._db = connect_sqlite(self._path)

    def commit(self, group: Sequence[Received]) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "INSERT INTO inbound (received_at, integration, dialect, event_id, body) VALUES (?,?,?,?,?)",
                group,
            )
            self._db.execute("COMMIT")
        except sqlite3.Error as e:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise NotStored(str(e)) from e

    def close(self) -> None:
        self._db.close()


class PostgresSink:
    """psycopg straight to the server: no ORM between a body and its commit. Reconnects once a group."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def open(self) -> None:
        import psycopg

        self._error = psycopg.Error
        self._db = psycopg.connect(self._dsn, autocommit=False)

    def commit(self, group: Sequence[Received]) -> None:
        try:
            if self._db.closed or self._db.broken:
                self.open()
            with self._db.cursor() as c:
                c.execute("SET LOCAL synchronous_commit = on")
                c.execute(
                    "INSERT INTO inbound (received_at, integration, dialect, event_id, body)"
                    " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bytea[])",
                    [list(column) for column in zip(*group, strict=True)],
                )
            self._db.commit()
        except self._error as e:
            self._db.close()
            raise NotStored(str(e)) from e

    def close(self) -> None:
        self._db.close()


class Journal:
    """Group commit on a thread of its own. `put` is awaited by request handlers on one event loop."""

    def __init__(self, sink: Sink, on_commit: Callable[[], None] = lambda: None) -> None:
        self._sink = sink
        self._on_commit = on_commit
        self._waiting: deque[tuple[Received, asyncio.Future[None]]] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self.commits = 0
        self.bodies = 0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._sink.open()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Commit what waits, then close."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout=10)

    def put(self, received: Received) -> asyncio.Future[None]:
        """A future that is done once the body is durable; it fails when it could not be stored."""
        if len(self._waiting) >= MAX_WAITING:
            raise JournalFull
        future = self._loop.create_future()
        self._waiting.append((received, future))
        self._wake.set()
        return future

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._waiting:
                take = min(len(self._waiting), MAX_GROUP)
                self._store([self._waiting.popleft() for _ in range(take)])
            if self._stopping:
                self._sink.close()
                return

    def _store(self, group: list[tuple[Received, asyncio.Future[None]]]) -> None:
        failure: NotStored | None = None
        try:
            self._sink.commit([received for received, _ in group])
        except NotStored as e:
            failure = e
            time.sleep(0.05)
        self.commits += 1
        self.bodies += len(group)
        self._loop.call_soon_threadsafe(_answer, group, failure)
        if failure is None:
            self._on_commit()


def _answer(group: list[tuple[Received, asyncio.Future[None]]], failure: NotStored | None) -> None:
    for _, future in group:
        if not future.done():
            if failure is None:
                future.set_result(None)
            else:
                future.set_exception(failure)
