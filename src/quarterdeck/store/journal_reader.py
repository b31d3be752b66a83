"""Reading the journal in order. The engine's place in it moves in the same transaction as what it caused.

The place belongs to one journal: where another file stands in its stead, reading begins where that one's news begins.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Min

from quarterdeck.core.kernel.moments import from_micros, micros

from .journal import file_of
from .models import Cursor, Inbound
from .tx import try_lock, write

CURSOR = "journal"
# What is deleted in one transaction: whoever sends an alert waits for it.
FORGET_AT_ONCE = 200
FORGET_BYTES = 4 * 1024 * 1024


class Row(NamedTuple):
    """`received_at` in microseconds since 1970."""

    id: int
    received_at: int
    integration: str
    dialect: str
    event_id: str
    body: bytes


# A connection that stays open, where the journal is not a file (a simulation); asked each time, None in the product.
given: Callable[[], sqlite3.Connection] | None = None


class JournalReader:
    """`next` before the write transaction; inside it `still`, the effects, and `advance`."""

    def __init__(self) -> None:
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        # Why the place is not where it was left, "" when it is; as of the last question.
        self.replaced = ""
        # Keys that its bodies named lately: a hint of what a batch will cost, and nothing more.
        self.familiar: set[str] = set()

    def waiting(self) -> bool:
        """Whether there is anything to expand, without a write transaction."""
        if connection.vendor == "postgresql":
            return Inbound.objects.filter(expanded_at__isnull=True).exists()
        return self._sqlite_last() > self._position()

    def next(self, limit: int) -> list[Row]:
        """The first bodies that wait, without any lock: somebody else may be at them."""
        if connection.vendor == "postgresql":
            rows = Inbound.objects.filter(expanded_at__isnull=True).order_by("id")[:limit]
            return [
                Row(r.id, micros(r.received_at), r.integration, r.dialect, r.event_id, bytes(r.body))
                for r in rows
            ]
        db = self._open()
        if db is None:
            return []
        found = db.execute(
            "SELECT id, received_at, integration, dialect, event_id, body"
            " FROM inbound WHERE id > ? ORDER BY id LIMIT ?",
            (self._position(), limit),
        )
        return [Row(*r) for r in found.fetchall()]

    def still(self, rows: list[Row]) -> bool:
        """Whether exactly these are next and nobody else takes them, until the transaction ends."""
        if connection.vendor == "postgresql":
            if not try_lock("journal"):
                return False
            waiting = (
                Inbound.objects.filter(expanded_at__isnull=True).order_by("id").values_list("id", flat=True)
            )
            return list(waiting[: len(rows)]) == [r.id for r in rows]
        db = self._open()
        if db is None:
            return False
        first = db.execute("SELECT min(id) FROM inbound WHERE id > ?", (self._position(),)).fetchone()[0]
        return first == rows[0].id

    def advance(self, rows: list[Row], now: Any) -> None:
        if not rows:
            return
        if connection.vendor == "postgresql":
            Inbound.objects.filter(id__in=[r.id for r in rows]).update(expanded_at=now)
        else:
            last = rows[-1]
            place = {"position": last.id, "last_event": last.event_id, "last_at": last.received_at}
            Cursor.objects.update_or_create(name=CURSOR, defaults=place | {"source": self._identity()})
            self.replaced = ""

    def lag(self) -> tuple[int, Any]:
        """How many bodies wait, and when the oldest of them came (None when nothing waits)."""
        if connection.vendor == "postgresql":
            waiting = Inbound.objects.filter(expanded_at__isnull=True)
            return waiting.count(), waiting.aggregate(first=Min("received_at"))["first"]
        db = self._open()
        if db is None:
            return 0, None
        count, first = db.execute(
            "SELECT count(*), min(received_at) FROM inbound WHERE id > ?", (self._position(),)
        ).fetchone()
        return count, None if first is None else from_micros(first)

    def waits_from(self, integration: str) -> bool:
        """Whether a body of this integration has not been expanded yet."""
        if connection.vendor == "postgresql":
            return Inbound.objects.filter(expanded_at__isnull=True, integration=integration).exists()
        db = self._open()
        if db is None:
            return False
        asked = "SELECT 1 FROM inbound WHERE id > ? AND integration = ? LIMIT 1"
        return db.execute(asked, (self._position(), integration)).fetchone() is not None

    def forget(self, before: datetime, kept: Sequence[tuple[datetime, datetime | None]] = ()) -> int:
        """Delete a few bodies that were expanded and came before that; returns how many. Outside a transaction.

        `kept` are spans (from, until or for ever) whose bodies stay. The last one that was read stays: it says which
        journal this is.
        """
        if connection.vendor == "postgresql":
            rows = Inbound.objects.order_by("id")
            for begins, ends in kept:
                rows = rows.exclude(received_at__gte=begins, received_at__lte=ends or before)
            oldest = rows.values_list("id", "expanded_at")[:FORGET_AT_ONCE]
            old = [i for i, expanded_at in oldest if expanded_at is not None and expanded_at < before]
            if not old:
                return 0
            with write():
                return Inbound.objects.filter(id__in=old).delete()[0]
        position, db = self._position(), self._open()
        if db is None or self.replaced or given is not None:
            return 0
        asked = "SELECT id, received_at, length(body) FROM inbound WHERE id < ?"
        spans = [micros(t) for begins, ends in kept for t in (begins, ends or before)]
        asked += " AND NOT received_at BETWEEN ? AND ?" * len(kept) + " ORDER BY id LIMIT ?"
        gone, size = [], 0
        for id_, received_at, length in db.execute(asked, (position, *spans, FORGET_AT_ONCE)).fetchall():
            if received_at >= micros(before) or (gone and size + length > FORGET_BYTES):
                break
            gone.append(id_)
            size += length
        if gone:
            _delete(Path(settings.QUARTERDECK_JOURNAL), gone)
        return len(gone)

    def _position(self) -> int:
        """The id behind which nothing was read yet, in the journal that is there now."""
        self.replaced = ""
        place = Cursor.objects.filter(name=CURSOR).first()
        db = self._open()
        if place is None or place.position == 0 or db is None:
            return 0 if place is None else place.position
        source = self._identity()
        if place.source and source and place.source != source:
            self.replaced = "The journal was replaced by another one: it is read from its beginning."
            return 0
        found = db.execute("SELECT event_id FROM inbound WHERE id = ?", (place.position,)).fetchone()
        if found is not None and found[0] == (place.last_event or found[0]):
            return place.position
        self.replaced = "The journal was replaced by an older copy of itself: what came since is read."
        known = db.execute("SELECT max(id) FROM inbound WHERE received_at <= ?", (place.last_at,)).fetchone()[
            0
        ]
        return min(known or 0, place.position)

    def _identity(self) -> str:
        db = self._open()
        if db is None:
            return ""
        try:
            found = db.execute("SELECT id FROM identity").fetchone()
        except sqlite3.OperationalError:
            return ""  # written by an earlier release, and not opened by its writer since
        return found[0] if found else ""

    def _sqlite_last(self) -> int:
        db = self._open()
        return 0 if db is None else (db.execute("SELECT max(id) FROM inbound").fetchone()[0] or 0)

    def _open(self) -> sqlite3.Connection | None:
        if given is not None:
            return given()
        path = Path(settings.QUARTERDECK_JOURNAL)
        there = file_of(path)
        if there != self._file:
            self.close()
        if self._db is None:
            if there is None:
                return None
            self._file = there
            self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=5)
        try:
            self._db.execute("SELECT 1 FROM inbound LIMIT 1")
        except sqlite3.OperationalError:
            # The writer has made the file but not yet the table.
            return None
        return self._db

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        self._file = None


def _delete(path: Path, ids: Sequence[int]) -> None:
    """These bodies. A deletion that a power cut takes back is no harm, so nothing waits for the disk."""
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None, timeout=5)) as db:
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA wal_autocheckpoint=0")
        db.executemany("DELETE FROM inbound WHERE id = ?", [(i,) for i in ids])
