"""A real database for each test, made by copying one that was migrated once: SQLite by default, PostgreSQL on demand.

Choose with `--db sqlite|postgres`. PostgreSQL is the server in QUARTERDECK_TEST_POSTGRES, or one that this run starts.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import pytest

MIGRATIONS = Path(__file__).parents[2] / "src" / "quarterdeck" / "store" / "migrations"
BASE = Path(tempfile.mkdtemp(prefix="quarterdeck-tests-"))
os.environ["QUARTERDECK_DATA"] = str(BASE)
os.environ.pop("DATABASE_URL", None)
os.environ.pop("QUARTERDECK_CONFIG", None)
os.environ["QUARTERDECK_PUBLIC_URL"] = "http://127.0.0.1:8000"

from quarterdeck.boot.wiring import set_up  # noqa: E402

set_up("command")

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

from support import strict_sqlite  # noqa: E402

strict_sqlite.watch()


def _forget(owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(BASE, ignore_errors=True)


atexit.register(_forget, os.getpid())


@pytest.fixture(scope="session")
def migrated(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a migrated database to copy: a file, or a PostgreSQL database."""
    if request.config.getoption("--db") == "postgres":
        yield from _migrated_postgres()
        return
    made, name = _kept(request.config), str(BASE / "quarterdeck.db")
    with _alone(made):
        if made is not None and made.exists():
            shutil.copy(made, name)
        else:
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connections.close_all()
            if made is not None:
                fresh = made.with_name(f"{made.name}.{os.getpid()}")
                shutil.copy(name, fresh)
                fresh.replace(made)
    yield name  # noqa: PT022 - the other branch tears down


@contextmanager
def _alone(made: Path | None) -> Iterator[None]:
    """The first process of a run makes the store, the others wait for it: it takes five seconds of a processor."""
    if made is None:
        yield
        return
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _kept(config: pytest.Config) -> Path | None:
    """Where the store as these migrations make it is kept between runs; nowhere without pytest's cache."""
    if getattr(config, "cache", None) is None:
        return None
    total = hashlib.sha256(django.__version__.encode())
    for path in sorted(MIGRATIONS.glob("*.py")):
        total.update(path.read_bytes())
    return Path(config.cache.mkdir("quarterdeck-stores")) / f"{total.hexdigest()[:24]}.db"


def _migrated_postgres() -> Iterator[str]:
    from support.postgres import server

    with server() as url:
        from quarterdeck.boot.settings import _postgres

        wanted = _postgres(url)
        # A server started here listens on a socket in its folder, which the URL names as an option.
        wanted["HOST"] = wanted["OPTIONS"].pop("host", wanted["HOST"])
        connections.close_all()
        connections.settings["default"] = connections["default"].settings_dict | wanted
        del connections["default"]
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        name = connections["default"].settings_dict["NAME"]
        connections.close_all()
        yield name
        connections.close_all()


@pytest.fixture
def db(migrated: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """A fresh, migrated database; real transactions, so triggers, locks and commits are the product's own."""
    saved = {
        k: getattr(settings, k)
        for k in ("QUARTERDECK_DATA", "QUARTERDECK_RUN", "QUARTERDECK_JOURNAL", "QUARTERDECK_STATUS")
    }
    run = Path(tempfile.mkdtemp(prefix="qd-"))
    settings.QUARTERDECK_DATA = tmp_path
    settings.QUARTERDECK_RUN = run
    settings.QUARTERDECK_JOURNAL = tmp_path / "journal.db"
    settings.QUARTERDECK_STATUS = tmp_path / "status"
    connections.close_all()
    if request.config.getoption("--db") == "postgres":
        name = f"qd_{uuid.uuid4().hex[:16]}"
        _admin(migrated, f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
        connections["default"].settings_dict["NAME"] = name
    else:
        name = str(tmp_path / "quarterdeck.db")
        shutil.copy(migrated, name)
        connections["default"].settings_dict["NAME"] = name
    yield
    connections.close_all()
    if request.config.getoption("--db") == "postgres":
        connections["default"].settings_dict["NAME"] = migrated
        _admin(migrated, f'DROP DATABASE "{name}" WITH (FORCE)')
    for key, value in saved.items():
        setattr(settings, key, value)
    shutil.rmtree(run, ignore_errors=True)


def _admin(migrated: str, statement: str) -> None:
    import psycopg

    wanted = connections["default"].settings_dict
    with psycopg.connect(
        host=wanted["HOST"], port=wanted["PORT"] or None, user=wanted["USER"], password=wanted["PASSWORD"],
        dbname="postgres", autocommit=True,
    ) as c:  # fmt: skip
        c.execute(statement)
