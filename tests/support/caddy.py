"""A real Caddy with the sample configuration of the documentation, for a page that lies somewhere else."""

from __future__ import annotations

import os
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from .programs import need
from .serving import free_port
from .source import ROOT

SAMPLE = ROOT / "docs" / "deploy" / "Caddyfile"


@contextmanager
def caddy(folder: Path, root: Path, name: str) -> Iterator[httpx2.Client]:
    """A reader of its site, which it serves under `name` with a certificate of its own authority, as it would take one
    from a public one. Only name, port and root of the sample are ours.
    """
    program, port = need("caddy"), free_port()
    folder.mkdir(parents=True)
    site = SAMPLE.read_text()
    for theirs, ours in (
        ("\nstatus.example.com {", f"\nhttps://{name}:{port} {{\n\tbind 127.0.0.1"),
        ("root * /srv/status/main", f"root * {root}"),
    ):
        assert site.count(theirs) == 1, f"the sample has no {theirs}"
        site = site.replace(theirs, ours)
    own = "admin off\nlocal_certs\nskip_install_trust\nauto_https disable_redirects\n"
    (folder / "Caddyfile").write_text(f"{{\n{own}storage file_system {folder / 'kept'}\n}}\n{site}")
    with (folder / "log").open("wb") as log:
        words = [program, "run", "--config", str(folder / "Caddyfile")]
        own_home = os.environ | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=own_home)
    try:
        with httpx2.Client(
            base_url=f"https://127.0.0.1:{port}", headers={"host": f"{name}:{port}"}, trust_env=False,
            verify=_trusted(folder, process),
        ) as reader:  # fmt: skip
            reader.event_hooks = {"request": [lambda asked: asked.extensions.update(sni_hostname=name)]}
            _answers(reader, folder, process)
            yield reader
    finally:
        process.terminate()
        process.wait(10)


def _trusted(folder: Path, process: subprocess.Popen[bytes]) -> ssl.SSLContext:
    authority = folder / "kept" / "pki" / "authorities" / "local" / "root.crt"
    end = time.monotonic() + 20
    while not (authority.is_file() and authority.read_bytes().endswith(b"-----END CERTIFICATE-----\n")):
        assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()
        time.sleep(0.05)
    return ssl.create_default_context(cafile=authority)


def _answers(reader: httpx2.Client, folder: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            reader.get("/")
            return
        except httpx2.TransportError:
            assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.05)
