"""A stretch in which this process can only read, whatever it is told: the database itself refuses a write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

LONGEST_MS = 5000


@contextmanager
def read_only() -> Iterator[None]:
    """Everything inside sees the store and changes nothing. On PostgreSQL it is one snapshot, and a statement that
    takes longer than five seconds is ended: whoever watches must never be what is in the way.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as c:
                c.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                c.execute(f"SET LOCAL statement_timeout = {LONGEST_MS}")
            yield
        return
    with connection.cursor() as c:
        c.execute("PRAGMA query_only = 1")
    try:
        yield
    finally:
        with connection.cursor() as c:
            c.execute("PRAGMA query_only = 0")
