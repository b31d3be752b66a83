"""Several nodes of one installation on one machine: they share a PostgreSQL and the keys, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..server import Server
from ..serving import Installation

READY_SECONDS = 120.0


def several(folder: Path, url: str, number: int, **settings: str) -> list[Installation]:
    """So many nodes on the database at this URL, each with a data folder and a port of its own."""
    found = []
    for n in range(number):
        place = folder / f"node{n}"
        place.mkdir()
        keys = str(folder / "secrets.json")
        found.append(Installation(place, url, QUARTERDECK_SECRETS_FILE=keys, **settings))
    return found


@contextmanager
def serving(nodes: list[Installation]) -> Iterator[list[Server]]:
    """All of them running and ready; stopped in order afterwards, and killed when something went wrong."""
    servers = [node.serve() for node in nodes]
    try:
        for server in servers:
            server.wait_until_ready(READY_SECONDS)
        yield servers
        for server in servers:
            if server.process.poll() is None:
                server.stop(30)
    finally:
        for server in servers:
            if server.process.poll() is None:
                server.kill_all()
