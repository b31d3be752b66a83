"""The one way to write: a transaction that is either wholly there or not at all, and wakes those who wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from .nudge import Who, nudge_on_commit


@contextmanager
def write(*wake: Who) -> Iterator[None]:
    """A write transaction. On SQLite it holds the turnstile, so keep it short: no network, no rendering of PDFs."""
    with transaction.atomic():
        yield
        if wake:
            nudge_on_commit(*wake)


def lock(name: str) -> None:
    """Serialise with everyone who locks the same name until the transaction ends. A SQLite writer is alone anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as c:
            c.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def try_lock(name: str) -> bool:
    """As `lock`, but False at once when somebody else holds it."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as c:
        c.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(c.fetchone()[0])
