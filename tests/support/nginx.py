"""A real nginx with the sample configuration of the documentation, for a page that lies somewhere else."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .programs import need
from .serving import free_port
from .source import ROOT

SAMPLE = ROOT / "docs" / "deploy" / "nginx-status.conf"


@contextmanager
def nginx(folder: Path, root: Path, inside: tuple[str, ...] = ()) -> Iterator[str]:
    """Its address. Only port, name and root of the sample are ours; `inside` are words before the command."""
    program, port = need("nginx"), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    site = SAMPLE.read_text()
    for pattern, ours in (
        (r"listen 80;", f"listen 127.0.0.1:{port};"),
        (r"server_name status\.example\.com;", "server_name _;"),
        (r"root /srv/status/main;", f"root {root};"),
    ):
        site, changed = re.subn(pattern, ours, site)
        assert changed == 1, f"the sample has no {pattern}"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{ access_log off; keepalive_requests 100000000; {temporary}\n{site}\n}}\n"
    )
    with (folder / "log").open("wb") as log:
        words = [*inside, program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end, (folder / "log").read_text()
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
