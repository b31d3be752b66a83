"""Reading the journal in order. The engine's place in it moves in the same transaction as what it caused."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Min

from quarterdeck.core.kernel.moments import from_micros, micros

from .models import Cursor, Inbound
from .tx import try_lock

CURSOR = "journal"


class Row(NamedTuple):
    """`received_at` in microseconds since 1970."""

    id: int
    received_at: int
    integration: str
    dialect: str
    event_id: str
    body: bytes


class JournalReader:
    """`next` inside a write transaction, then `advance` in the same one."""

    def __init__(self) -> None:
        self._db: sqlite3.Connection | None = None

    def waiting(self) -> bool:
        """Whether there is anything to expand, without a write transaction."""
        if connection.vendor == "postgresql":
            return Inbound.objects.filter(expanded_at__isnull=True).exists()
        return self._sqlite_last() > self._position()

    def next(self, limit: int) -> list[Row]:
        if connection.vendor == "postgresql":
            if not try_lock("journal"):
                return []
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

    def advance(self, rows: list[Row], now: Any) -> None:
        if not rows:
            return
        if connection.vendor == "postgresql":
            Inbound.objects.filter(id__in=[r.id for r in rows]).update(expanded_at=now)
        else:
            Cursor.objects.update_or_create(name=CURSOR, defaults={"position": rows[-1].id})

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

    def _position(self) -> int:
        found = Cursor.objects.filter(name=CURSOR).values_list("position", flat=True).first()
        return found or 0

    def _sqlite_last(self) -> int:
        db = self._open()
        return 0 if db is None else (db.execute("SELECT max(id) FROM inbound").fetchone()[0] or 0)

    def _open(self) -> sqlite3.Connection | None:
        path = Path(settings.QUARTERDECK_JOURNAL)
        if self._db is None:
            if not path.exists():
                return None
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
