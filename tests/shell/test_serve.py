"""`quarterdeck serve` as its operator sees it: it starts, keeps its processes running, and ends cleanly."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from support.server import COMMAND, clean_environment, server, shared_server, start_server

__all__ = ["server", "shared_server"]
pytestmark = pytest.mark.slow


def healthy(client, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if client.get("/healthz").status_code == 200:
            return True
        time.sleep(0.1)
    return False


def is_gone(pid, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_killed_process_is_started_again_and_the_port_never_refuses(server):
    client = server.client()
    assert healthy(client)
    before = server.kill("web")
    # A new connection: it waits in the socket that the supervisor holds.
    client = server.client()
    assert client.get("/accounts/login/").status_code == 200
    server.wait_for("web", before)
    before = server.kill("engine")
    server.wait_for("engine", before)
    assert healthy(client)
    assert server.stop() == 0
    assert "stopped" in server.log


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_takes_the_port(tmp_path):
    first = start_server(tmp_path)
    pids = [first.pid(name) for name in ("web", "engine", "auditor", "lifeline")]
    first.kill_all()
    assert all(is_gone(pid) for pid in pids)
    port = first.url.rpartition(":")[2]
    second = start_server(tmp_path, "--port", port)
    assert second.client().get("/healthz").status_code == 200
    second.stop()


def test_a_process_that_stands_still_is_replaced(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5)
        running = start_server(
            tmp_path, QUARTERDECK_SILENT_SECONDS="4", NOTIFY_SOCKET=str(tmp_path / "notify")
        )
        assert systemd.recv(64) == b"READY=1"
    pid = running.pid("auditor")
    before = running.kill("auditor", signal.SIGSTOP)
    running.wait_for("auditor", before)
    assert is_gone(pid)
    assert "no life" in running.log
    running.stop()


def test_only_one_instance_owns_a_data_folder(shared_server):
    told = subprocess.run(
        [COMMAND, "serve", "--port", "0"],
        env=clean_environment(QUARTERDECK_DATA=str(shared_server.data)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 2
    assert "Another Quarterdeck serves" in told.stderr


def test_a_port_in_use_is_named_in_the_refusal(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = subprocess.run(
            [COMMAND, "serve", "--port", port],
            env=clean_environment(QUARTERDECK_DATA=str(tmp_path)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert told.returncode == 2
    assert f"port {port}" in told.stderr


def test_each_process_is_handed_only_its_own_keys(shared_server):
    server = shared_server
    keys = json.loads((server.data / "secrets.json").read_text())
    assert (server.data / "secrets.json").stat().st_mode & 0o077 == 0
    for name in ("web", "engine", "auditor", "lifeline"):
        process = Path(f"/proc/{server.pid(name)}")
        environment = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        assert not any(key.encode() in environment for key in keys.values())
    assert not any(key in server.log for key in keys.values())


def test_the_store_of_a_newer_release_is_refused(tmp_path):
    running = start_server(tmp_path)
    running.stop()
    subprocess.run(
        [
            COMMAND.parent / "python",
            "-c",
            "import sys; from quarterdeck.boot import sqlite_module; import sqlite3;"
            "db = sqlite3.connect(sys.argv[1]);"
            'db.execute("insert into django_migrations (app, name, applied) values'
            " ('store', '9999_from_the_future', '2030-01-01')\");"
            "db.execute('update installation set min_code_version = 9999');"
            "db.execute('pragma user_version = 7'); db.commit()",
            running.data / "quarterdeck.db",
        ],
        check=True,
    )
    again = start_server(tmp_path, ready=False)
    assert again.process.wait(timeout=60) == 2
    assert "newer Quarterdeck" in again.log
    assert "9999_from_the_future" in again.log
