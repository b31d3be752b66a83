"""Quarterdeck as a bench target: prepared, started, watched from outside. Reads its files, never writes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .machine import ROOT, Missing, free_port, is_well, started, wait_for

DRAIN_SECONDS = (
    12  # long enough for a rate, short enough that a slow pipeline does not stretch the bench for ever
)


@dataclass(frozen=True, slots=True)
class Started:
    """A running installation: its address, the key of its integration, and the supervisor's process."""

    url: str
    key: str
    process: subprocess.Popen[bytes]
    email: str
    password: str
    pages: tuple[str, ...]
    ready_seconds: float

    @property
    def ingest_path(self) -> str:
        return f"/in/alertmanager/{self.key}/api/v2/alerts"


def prepared(env: dict[str, str], channel: str, address: str) -> dict[str, Any]:
    """Makes the tables and one of everything; returns what bench/prepare.py prints."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.prepare", channel, address],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise Missing(f"the data folder could not be prepared: {told.stderr[-600:].strip()}")
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


@contextmanager
def serving(
    folder: Path, channel: str = "console", address: str = "bench", more: dict[str, str] | None = None
) -> Iterator[Started]:
    """`quarterdeck serve` on a fresh data folder below `folder`, all its processes on one core."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {
        "QUARTERDECK_DATA": str(folder / "data"),
        "QUARTERDECK_HOST": "127.0.0.1",
        "PORT": str(port),
        "QUARTERDECK_PUBLIC_URL": url,
        "QUARTERDECK_LOG_LEVEL": "warning",
        **(more or {}),
    }
    made = prepared(env, channel, address)
    command = [str(Path(sys.executable).parent / "quarterdeck"), "serve"]
    with started(command, folder / "quarterdeck.log", env=env) as process:
        ready = wait_for("quarterdeck serve", lambda: is_well(url + "/healthz"), process)
        yield Started(url, made["key"], process, made["email"], made["password"], tuple(made["pages"]), ready)


def _read(file: Path, sql: str) -> int:
    """One number from a database that others write."""
    db = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
    try:
        row = db.execute(sql).fetchone()
    finally:
        db.close()
    return int(row[0] or 0) if row else 0


def received(folder: Path) -> int:
    """How many bodies the journal holds."""
    return _read(folder / "data" / "journal.db", "SELECT max(id) FROM inbound")


def expanded(folder: Path) -> int:
    """How many of them the engine has turned into alerts."""
    return _read(folder / "data" / "quarterdeck.db", "SELECT position FROM cursor WHERE name = 'journal'")


def wait_until_expanded(folder: Path, seconds: float = DRAIN_SECONDS) -> bool:
    """Waits until nothing is left in the journal; False when something still is after `seconds`."""
    end = time.monotonic() + seconds
    while expanded(folder) < received(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
