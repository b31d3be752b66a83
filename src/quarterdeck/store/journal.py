"""The journal: raw bodies exactly as received, durable before anybody is told 2xx. Nothing here parses.

On SQLite it is its own file with one writer, so that ingest waits for nothing else; on PostgreSQL it is the table
`inbound`. Both commit in groups: whatever waited while the last commit ran goes into the next one. Whatever goes wrong,
each body is answered: stored, or not.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from . import fence, hosts, standby
from .ids import new_id
from .private import keep_private

MAX_GROUP = 512
MAX_WAITING = 20_000
# What may wait in memory: a body alone may have a MiB.
MAX_WAITING_BYTES = 64 * 1024 * 1024
log = logging.getLogger("quarterdeck.journal")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbound (
  id INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, integration TEXT NOT NULL,
  dialect TEXT NOT NULL, event_id TEXT NOT NULL, body BLOB NOT NULL)
"""
# Which journal this is: a reader that comes back to another one must begin anew.
_IDENTITY = "CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL)"
_NAMED = "INSERT INTO identity (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM identity)"


class Received(NamedTuple):
    """A body as it is handed to the journal; `received_at` in microseconds since 1970."""

    received_at: int
    integration: str
    dialect: str
    event_id: str
    body: bytes


class JournalFull(Exception):
    """More bodies wait, or more of them in bytes, than the journal takes in; the sender should come back later."""


class NotStored(Exception):
    """A group was not stored, or perhaps not: nobody may be told 2xx, and whoever sent it sends it again."""


class Sink(Protocol):
    """Where a group is committed, all of it or nothing. Raises NotStored when it was not, or perhaps not."""

    def open(self) -> None: ...
    def commit(self, group: Sequence[Received]) -> None: ...
    def close(self) -> None: ...


def connect_sqlite(path: Path) -> sqlite3.Connection:
    """The journal file as its writer opens it (synchronous=FULL: a commit survives power loss)."""
    keep_private(path)
    db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    return prepared(db)


def prepared(db: sqlite3.Connection) -> sqlite3.Connection:
    """A connection in autocommit mode made fit to be written as the journal."""
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA wal_autocheckpoint=4000")
    db.execute("PRAGMA cache_size=-16384")
    db.execute(_SCHEMA)
    db.execute(_IDENTITY)
    db.execute(_NAMED, (new_id(),))
    return db


class SqliteSink:
    """A file, or a connection that is there already and stays open (`prepared` made it fit)."""

    def __init__(self, path: Path | sqlite3.Connection) -> None:
        self._path = path

    def open(self) -> None:
        if not isinstance(self._path, Path):
            self._db = self._path
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._db = connect_sqlite(self._path)
        self._file = file_of(self._path)

    def commit(self, group: Sequence[Received]) -> None:
        try:
            self._same_file()
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "INSERT INTO inbound (received_at, integration, dialect, event_id, body) VALUES (?,?,?,?,?)",
                group,
            )
            self._db.execute("COMMIT")
        except (sqlite3.Error, OSError) as e:
            with contextlib.suppress(sqlite3.Error):
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            raise NotStored(str(e)) from e

    def _same_file(self) -> None:
        """Somebody took the file away, or put another in its place: what is written to the old one nobody reads."""
        if isinstance(self._path, Path) and file_of(self._path) != self._file:
            self.close()
            self.open()

    def close(self) -> None:
        if self._db is not self._path:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()


def file_of(path: Path) -> tuple[int, int] | None:
    """Which file is at a path now; None when there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class PostgresSink:
    """psycopg straight to the server: no ORM between a body and its commit. Reconnects once a group.

    `synchronous` is [store] synchronous: with "required" nothing is stored while no standby is in step, with "degrade"
    it is stored on this machine alone then.
    """

    def __init__(self, dsn: str, synchronous: str = "off") -> None:
        self._dsn = dsn
        self._synchronous = synchronous
        self._safe = True
        self._asked = 0.0

    def open(self) -> None:
        import psycopg

        self._error = psycopg.Error
        self._db = hosts.connect(hosts.parameters(self._dsn), lambda one: psycopg.connect(**one))
        self._copy = self._db.execute(fence.COPY).fetchone()
        self._db.commit()

    def commit(self, group: Sequence[Received]) -> None:
        try:
            if self._db.closed or self._db.broken:
                self.open()
            with self._db.cursor() as c:
                c.execute("SET LOCAL synchronous_commit = on" if self._in_step() else standby.LOCALLY)
                c.execute(
                    "INSERT INTO inbound (received_at, integration, dialect, event_id, body)"
                    " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bytea[])"
                    " WHERE NOT EXISTS (SELECT 1 FROM installation WHERE moved_to <> '' OR cluster_epoch < %s)",
                    [*(list(column) for column in zip(*group, strict=True)), fence.least_epoch(self._copy)],
                )
                if c.rowcount != len(group):
                    # Of several hosts the next connection may find the right one.
                    self.close()
                    raise NotStored(
                        "this store was moved elsewhere, or is an old copy: it takes no more alerts"
                    )
            self._db.commit()
        except self._error as e:
            self.close()
            raise NotStored(str(e)) from e

    def _in_step(self) -> bool:
        """Whether a commit may wait for a standby. Raises NotStored where it must and there is none."""
        if self._synchronous == "off":
            return True
        if time.monotonic() - self._asked > standby.ASK_EVERY_SECONDS:
            found = standby.Standby(*self._db.execute(standby.QUESTION).fetchone())
            self._safe, self._why, self._asked = found.safe, found.why, time.monotonic()
        if not self._safe and self._synchronous == "required":
            self._db.rollback()
            raise NotStored(self._why)
        return self._safe

    def close(self) -> None:
        with contextlib.suppress(self._error):
            self._db.close()


class Journal:
    """Group commit on a thread of its own. `put` is awaited by request handlers on one event loop.

    `on_commit` is a hint to whoever reads; that it fails changes nothing. `over` is done once the thread has ended:
    a process without it takes in no alert and must end as well.
    """

    def __init__(self, sink: Sink, on_commit: Callable[[], None] = lambda: None) -> None:
        self._sink = sink
        self._on_commit = on_commit
        self._waiting: deque[tuple[Received, asyncio.Future[None]]] = deque()
        # Two counters, each written by one thread alone: bytes taken in, bytes taken out.
        self._in = self._out = 0
        self._wake = threading.Event()
        self._stopping = False
        self.commits = 0
        self.bodies = 0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.over: asyncio.Future[None] = loop.create_future()
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
        size = len(received.body)
        if len(self._waiting) >= MAX_WAITING or self._in - self._out + size > MAX_WAITING_BYTES:
            raise JournalFull
        if self.over.done():
            raise NotStored("the journal has ended")
        future = self._loop.create_future()
        self._in += size
        self._waiting.append((received, future))
        self._wake.set()
        return future

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._say(self._end)

    def _work(self) -> None:
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
        except BaseException as e:
            log.exception("the journal did not store a group")
            failure = NotStored(repr(e))
            if not isinstance(e, Exception):
                self._say(lambda: _answer(group, NotStored("the journal has ended")))
                raise
        self._out += sum(len(received.body) for received, _ in group)
        self._say(lambda: _answer(group, failure))
        if failure is not None:
            time.sleep(0.05)
            return
        self.commits += 1
        self.bodies += len(group)
        try:
            self._on_commit()
        except Exception:
            # Readers look by themselves, at most a second later.
            log.exception("nobody was told of a commit of the journal")

    def _say(self, call: Callable[[], None]) -> None:
        """On the event loop; once that is closed nobody waits for an answer any more."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call)

    def _end(self) -> None:
        while self._waiting:
            _answer([self._waiting.popleft()], NotStored("the journal has ended"))
        if not self.over.done():
            self.over.set_result(None)


def _answer(group: list[tuple[Received, asyncio.Future[None]]], failure: NotStored | None) -> None:
    for _, future in group:
        if not future.done():
            if failure is None:
                future.set_result(None)
            else:
                future.set_exception(failure)
