"""Bodies that came into the journal's file and belong into PostgreSQL, and the other way round, each exactly once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connections, transaction

from quarterdeck.core.kernel.moments import from_micros, micros

from .journal import connect_sqlite
from .models import Cursor, Inbound
from .sqlite.copying import open_to_read

CURSOR = "journal"
AT_ONCE = 500
_ROWS = "SELECT id, received_at, integration, dialect, event_id, body FROM inbound WHERE id > ? ORDER BY id LIMIT ?"
_INSERT = "INSERT INTO inbound (received_at, integration, dialect, event_id, body) VALUES (?,?,?,?,?)"


def waiting(journal: Path, alias: str = "default") -> int:
    """How many bodies of the file have not been read and not been taken over."""
    if not journal.exists():
        return 0
    with closing(open_to_read(journal)) as db:
        try:
            return int(
                db.execute("SELECT count(*) FROM inbound WHERE id > ?", (_place(alias),)).fetchone()[0]
            )
        except sqlite3.OperationalError:
            return 0  # made, and nothing in it yet


def into_postgres(journal: Path, alias: str = "default") -> int:
    """Take over what waits in the file; returns how many bodies. The place moves in the same transaction."""
    total = 0
    while waiting(journal, alias):
        with transaction.atomic(using=alias):
            list(Cursor.objects.using(alias).select_for_update().filter(name=CURSOR))
            with closing(open_to_read(journal)) as db:
                rows = db.execute(_ROWS, (_place(alias), AT_ONCE)).fetchall()
            if not rows:
                return total
            Inbound.objects.using(alias).bulk_create(
                Inbound(received_at=from_micros(at), integration=i, dialect=d, event_id=e, body=b)
                for _, at, i, d, e, b in rows
            )
            last = rows[-1]
            Cursor.objects.using(alias).update_or_create(
                name=CURSOR, defaults={"position": last[0], "last_event": last[4], "last_at": last[1]}
            )
            total += len(rows)
    return total


def into_file(journal: Path, source: str, target: str) -> int:
    """Append what waits in PostgreSQL to the file, and let the target read from there on; returns how many bodies.

    Done again after a kill, it begins anew: what was appended before lies behind no place that anybody reads from.
    """
    rows = Inbound.objects.using(source).filter(expanded_at__isnull=True).order_by("id")
    with closing(connect_sqlite(journal)) as db:
        db.execute("BEGIN IMMEDIATE")
        last = db.execute("SELECT id, event_id, received_at FROM inbound ORDER BY id DESC LIMIT 1").fetchone()
        identity = db.execute("SELECT id FROM identity").fetchone()[0]
        given = [
            (micros(r.received_at), r.integration, r.dialect, r.event_id, bytes(r.body))
            for r in rows.iterator()
        ]
        db.executemany(_INSERT, given)
        db.execute("COMMIT")
    place, event, at = last or (0, "", 0)
    Cursor.objects.using(target).update_or_create(
        name=CURSOR, defaults={"position": place, "last_event": event, "last_at": at, "source": identity}
    )
    return len(given)


def hold(alias: str) -> None:
    """Inside a transaction on PostgreSQL: no body is accepted until it ends."""
    with connections[alias].cursor() as c:
        c.execute("LOCK TABLE inbound IN SHARE ROW EXCLUSIVE MODE")


def _place(alias: str) -> int:
    return Cursor.objects.using(alias).filter(name=CURSOR).values_list("position", flat=True).first() or 0
