"""Whether this process may write to the store it is connected to. Asked in every write transaction.

Refused are a store that belongs to a newer release, one whose tables are older than this release, one that was moved
elsewhere, and an old copy: one whose `cluster_epoch` is lower than the highest this node has seen (a primary that
came back, a file put back by hand). What a node has seen outlives it in `<data>/epoch.json`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import OperationalError, connection

from . import schema
from .private import keep_private

# Shared by every write transaction; held alone by whoever changes the row of the installation (PostgreSQL).
LOCK = 7_236_833_021
# A process that stands still, or whose machine is cut off, in the middle of a transaction would keep its locks, and
# everybody else from their work. PostgreSQL takes such a transaction back; the longest of ours think for far less.
_IDLE_MILLISECONDS = 12_000
BEGIN = (
    f"SET LOCAL idle_in_transaction_session_timeout = {_IDLE_MILLISECONDS};"
    f" SELECT pg_advisory_xact_lock_shared({LOCK}); "
)
_LOCK_ALONE = f"SELECT pg_advisory_xact_lock({LOCK})"
_STANDING = (
    "SELECT installation_id, schema_version, min_code_version, cluster_epoch, moved_to, degraded_at"
    " FROM installation WHERE id = 1"
)
COPY = "SELECT installation_id, cluster_epoch FROM installation WHERE id = 1"
_seen: dict[tuple[str, str], int] = {}
# The file as it was read last: another process of this node may have seen more since.
_read: dict[str, tuple[tuple[int, int], dict[str, int]]] = {}
_any_copy: ContextVar[bool] = ContextVar("any_copy", default=False)


class Fenced(OperationalError):
    """This process may not write to this store; the message says why and what to do."""


class Standing(NamedTuple):
    """What the store says of itself."""

    installation_id: str
    schema_version: int
    min_code_version: int
    cluster_epoch: int
    moved_to: str
    degraded_at: int | None


def check() -> None:
    """Inside a write transaction, before anything else. Raises Fenced."""
    with connection.cursor() as c:
        if connection.vendor == "postgresql":
            # Statements of their own: the last must see what was committed while the one before it waited.
            c.execute(BEGIN + _STANDING)
            c.nextset()
            c.nextset()
        else:
            c.execute(_STANDING)
        row = c.fetchone()
        found = None if row is None else Standing(*row)
        if found is not None and found.degraded_at is not None and connection.vendor == "postgresql":
            c.execute("SET LOCAL synchronous_commit = local")
    judge(found)


def alone() -> None:
    """Before the row of the installation is changed: wait until no write transaction is under way, and let none begin
    until this one ends. On SQLite a writer is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as c:
            c.execute(_LOCK_ALONE)


def judge(found: Standing | None) -> None:
    """Raises Fenced unless a store that says this of itself may be written by this process."""
    if found is None:
        raise Fenced(
            "The store has no row about its installation. Restore a backup, or run: quarterdeck migrate"
        )
    ours = schema.version()
    if found.min_code_version > ours:
        raise Fenced(
            f"This store was written by a newer Quarterdeck (tables {found.schema_version}, known here: {ours}). "
            "Install that release or a later one."
        )
    if found.schema_version < ours:
        raise Fenced(
            f"The store has the tables of an older release ({found.schema_version}, this one needs {ours}). "
            "Run: quarterdeck migrate"
        )
    if _any_copy.get():
        return
    if found.moved_to:
        raise Fenced(
            f"This store was moved to {found.moved_to} and takes no more changes. "
            "Start Quarterdeck with that store, or move back with quarterdeck migrate-store."
        )
    highest = seen(found.installation_id)
    if found.cluster_epoch < highest:
        raise Fenced(
            f"This is an old copy of the store (epoch {found.cluster_epoch}, this node has seen {highest}): a primary "
            "that came back, or a file put back by hand. Connect to the present one; if this copy is to be the one "
            "that counts, run: quarterdeck engine epoch raise"
        )
    if found.cluster_epoch > highest:
        remember(found.installation_id, found.cluster_epoch)


@contextlib.contextmanager
def any_copy() -> Iterator[None]:
    """Write to an old or a closed copy as well: for the acts that make one the copy that counts."""
    before = _any_copy.set(True)
    try:
        yield
    finally:
        _any_copy.reset(before)


def seen(installation_id: str) -> int:
    """The highest epoch of this installation that any process of this node has seen; 0 when none has."""
    key = (str(settings.QUARTERDECK_DATA), installation_id)
    _seen[key] = max(_seen.get(key, 0), _kept().get(installation_id, 0))
    return _seen[key]


def least_epoch(found: tuple[str, int] | None) -> int:
    """The lowest epoch at which a copy that says this of itself (COPY) may be written; 0 when it says nothing."""
    return 0 if found is None else max(found[1], seen(found[0]))


def remember(installation_id: str, epoch: int) -> None:
    """Never go back below this. A disk that cannot be written must not stop paging: then memory alone holds it."""
    _seen[str(settings.QUARTERDECK_DATA), installation_id] = epoch
    with contextlib.suppress(OSError):
        kept = _kept()
        if kept.get(installation_id, 0) < epoch:
            path = _file()
            fresh = path.with_name(f".epoch.{os.getpid()}")
            keep_private(fresh)
            with fresh.open("w", encoding="utf-8") as f:
                json.dump(kept | {installation_id: epoch}, f)
                f.flush()
                os.fsync(f.fileno())
            fresh.replace(path)


def _file() -> Path:
    return Path(settings.QUARTERDECK_DATA) / "epoch.json"


def _kept() -> dict[str, int]:
    path = _file()
    try:
        found = path.stat()
        mark = (found.st_mtime_ns, found.st_ino)
        known = _read.get(str(path))
        if known is None or known[0] != mark:
            told = json.loads(path.read_text(encoding="utf-8"))
            known = _read[str(path)] = (mark, {str(k): int(v) for k, v in told.items()})
        return known[1]
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
