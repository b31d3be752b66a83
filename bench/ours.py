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


def prepared(env: dict[str, str], module: str, *words: str) -> dict[str, Any]:
    """Makes the tables and what is in them, by a module of this package; returns what it prints."""
    told = subprocess.run(
        [sys.executable, "-m", f"bench.{module}", *words],
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
    folder: Path,
    channel: str = "console",
    address: str = "bench",
    more: dict[str, str] | None = None,
    crowd: int = 0,
) -> Iterator[Started]:
    """`quarterdeck serve` on a fresh data folder below `folder`, all its processes on one core; with a `crowd` of
    people who are each called for a service of their own.
    """
    with _serving(folder, ("prepare", channel, address, str(crowd)), more or {}) as it:
        yield it


@contextmanager
def serving_company(folder: Path, incidents: int, alerts: int) -> Iterator[Started]:
    """The same with the demo's company, grown until it has so many incidents and alerts."""
    with _serving(folder, ("company", str(incidents), str(alerts)), {"QUARTERDECK_DEMO": "1"}) as it:
        yield it


@contextmanager
def serving_filled(folder: Path, filled: tuple[str, ...], told: dict[str, Any]) -> Iterator[Started]:
    """The same with what a module of this package fills in; what that module printed is put into `told`."""
    with _serving(folder, filled, {}, told) as it:
        yield it


@contextmanager
def _serving(
    folder: Path, filled: tuple[str, ...], more: dict[str, str], told: dict[str, Any] | None = None
) -> Iterator[Started]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {
        "QUARTERDECK_DATA": str(folder / "data"),
        "QUARTERDECK_HOST": "127.0.0.1",
        "PORT": str(port),
        "QUARTERDECK_PUBLIC_URL": url,
        "QUARTERDECK_LOG_LEVEL": "warning",
        # One key sends everything here: what is measured is the installation, not the limit of a source.
        "QUARTERDECK_LIMITS_REQUESTS_PER_MINUTE": "0",
        "QUARTERDECK_LIMITS_ALERTS_PER_MINUTE": "0",
        **more,
    }
    made = prepared(env, *filled)
    if told is not None:
        told.update(made)
    command = [str(Path(sys.executable).parent / "quarterdeck"), "serve"]
    with started(command, folder / "quarterdeck.log", env=env) as process:
        ready = wait_for("quarterdeck serve", lambda: is_well(url + "/healthz"), process)
        key, pages = made.get("key", ""), tuple(made["pages"])
        yield Started(url, key, process, made["email"], made["password"], pages, ready)


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


def wait_until_expanded(folder: Path, seconds: float) -> bool:
    """Waits until nothing is left in the journal; False when something still is after `seconds`."""
    end = time.monotonic() + seconds
    while expanded(folder) < received(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
