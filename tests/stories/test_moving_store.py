"""A running installation moves to PostgreSQL and back: every row, every chain, every alert that was accepted meanwhile."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from support import postgres
from support.backup_world import alert
from support.server import COMMAND, Server
from support.serving import Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


class Monitor:
    """A tool that sends alert after alert, each again until it is taken."""

    def __init__(self, port: int, key: str) -> None:
        self.url = f"http://127.0.0.1:{port}/in/alertmanager/{key}/api/v2/alerts"
        self.taken: list[str] = []
        self.refused = 0
        self.faults: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        n = 0
        while not self._over.is_set():
            name = f"while moving {n}"
            if self._send(name):
                self.taken.append(name)
                n += 1
            time.sleep(0.05)

    def _send(self, name: str) -> bool:
        request = urllib.request.Request(self.url, alert(name), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10):
                return True
        except urllib.error.HTTPError as e:
            if e.code not in (429, 503) or not e.headers.get("Retry-After"):
                self.faults.append(f"{e.code} {dict(e.headers)}")
        except OSError:
            pass
        self.refused += 1
        return False

    def stop(self) -> None:
        self._over.set()
        self._thread.join(20)
        assert self.faults == []


def run(installation: Installation, *words: str, code: int = 0) -> str:
    told = subprocess.run(
        [COMMAND, *words],
        env=installation._environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert told.returncode == code, told.stdout + told.stderr
    return told.stdout + told.stderr


def wait_until_expanded(installation: Installation, names: list[str], seconds: float = 60) -> dict:
    end = time.monotonic() + seconds
    while True:
        found = installation.ask("support.moved:collect")
        if set(names) <= found["alerts"].keys() or time.monotonic() > end:
            return found
        time.sleep(0.5)


def restarted(server: Server, starts: int, seconds: float = 60) -> None:
    server.wait_for("web", starts, seconds)
    server.wait_for("engine", starts, seconds)


def test_a_running_installation_moves_to_postgresql_and_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with postgres.server() as url:
        installation = Installation(tmp_path)
        made = installation.ask("support.backup_world:furnish")
        before = installation.ask("support.moved:collect")
        server = installation.serve()
        try:
            server.wait_until_ready(90)
            monitor = Monitor(installation.port, made["key"])
            time.sleep(1)
            there = run(installation, "migrate-store", "--to", url)
            restarted(server, 1)
            time.sleep(2)
            monitor.stop()
            first, refused = len(monitor.taken), monitor.refused
            assert installation.ask("support.moved:vendor") == "postgresql"
            moved = wait_until_expanded(installation, monitor.taken)
            _same(before, moved, monitor.taken)
            assert "streams are whole" in run(installation, "verify")
            _old_file_is_closed(installation)

            monitor = Monitor(installation.port, made["key"])
            back = run(installation, "migrate-store", "--to", "sqlite")
            restarted(server, 2)
            time.sleep(2)
            monitor.stop()
            assert installation.ask("support.moved:vendor") == "sqlite"
            found = wait_until_expanded(installation, monitor.taken)
            _same(before, found, monitor.taken)
            assert "streams are whole" in run(installation, "verify")
            assert found["epoch"] == before["epoch"] + 2
        finally:
            server.stop()
        with capsys.disabled():
            stops = [re.search(r"stood still for (\S+) s", t)[1] for t in (there, back)]
            print(f"\nstood still {stops} s; accepted {first} and {len(monitor.taken)}, "
                  f"refused for a moment {refused} and {monitor.refused}")  # fmt: skip


def _same(before: dict, now: dict, taken: list[str]) -> None:
    assert now["alerts"] == before["alerts"] | dict.fromkeys(
        [n for n in now["alerts"] if n.startswith("while")], 1
    ) | {"nobody has read this": 1}
    assert set(taken) <= now["alerts"].keys()
    assert now["files"] and all(there for _, _, there in now["files"])
    for table in ("people", "sessions", "incidents", "integrations", "files"):
        assert now[table] == before[table], table
    assert before["events"] == now["events"][: len(before["events"])]
    assert now["unwatched"] == []


def _old_file_is_closed(installation: Installation) -> None:
    with closing(sqlite3.connect(installation.data / "quarterdeck.db")) as db:
        assert db.execute("SELECT moved_to FROM installation").fetchone()[0].startswith("postgresql://")
    pointer = installation.data / "store.json"
    kept = pointer.read_text()
    assert pointer.stat().st_mode & 0o077 == 0
    pointer.rename(pointer.with_suffix(".away"))
    told = run(installation, "migrate", code=5)
    assert "was moved to postgresql://" in told
    pointer.with_suffix(".away").rename(pointer)
    assert json.loads(kept)["instead_of"] == ""


def test_a_move_to_a_database_in_use_is_refused(tmp_path: Path) -> None:
    with postgres.server() as url:
        Installation(tmp_path / "one", url)
        other = Installation(tmp_path / "two")
        told = run(other, "migrate-store", "--to", url, code=1)
        assert "already has tables" in told
        assert other.ask("support.moved:vendor") == "sqlite"
