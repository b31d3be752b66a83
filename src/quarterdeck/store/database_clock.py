"""The clock that all nodes share: the database's. Leases run on it, so that two nodes whose clocks differ agree."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from quarterdeck.core.kernel.moments import from_micros

_told_by_caller = False


def told_by_caller() -> None:
    """From now on the caller's time is the shared one, in this process: for tests that bring a clock of their own."""
    global _told_by_caller
    _told_by_caller = True


def database_now(now: datetime) -> datetime:
    """The time on PostgreSQL's server; on SQLite, where everybody shares one machine, the caller's `now`."""
    if connection.vendor != "postgresql" or _told_by_caller:
        return now
    with connection.cursor() as c:
        c.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        return from_micros(c.fetchone()[0])
