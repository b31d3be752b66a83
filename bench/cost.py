"""What each page costs, on a machine that does other work too: CPU time in one process, and queries.

The same company and pages as `pages`, without a server: the time of the interpreter and the database alone. Other work
slows a processor down by its caches and its clock, so the figures are scaled by a fixed piece of work done beside each
request, to what that takes on a quiet machine of ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from . import ours
from .machine import ROOT, Row
from .pages import ALERTS, INCIDENTS, named

WHAT = f"CPU time and queries of each page in one process: the demo, {INCIDENTS:,} incidents and {ALERTS:,} alerts"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
QUIET_MS = 4.1  # what `_beside` takes there
SHOWN = 30


def run(seconds: float, rounds: int) -> list[Row]:
    """`seconds` is not used; `rounds` are requests for each page, besides two that do not count."""
    with tempfile.TemporaryDirectory() as place:
        env = {
            "QUARTERDECK_DATA": str(Path(place) / "data"),
            "QUARTERDECK_DEMO": "1",
            "QUARTERDECK_LOG_LEVEL": "error",
        }
        told = ours.prepared(env, "company", str(INCIDENTS), str(ALERTS))
        asked = json.dumps({"email": told["email"], "pages": told["pages"], "times": max(rounds, 3)})
        done = subprocess.run(
            [sys.executable, "-m", "bench.cost"], cwd=ROOT, env={**os.environ, **env}, input=asked,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    return [
        Row(f"{named(path)}: CPU, queries", f"{ms:.0f} ms, {queries}")
        for path, (ms, queries) in sorted(found.items(), key=lambda pair: -pair[1][0])[:SHOWN]
    ]


def main() -> None:
    from .prepare import open_store

    asked = json.load(sys.stdin)
    open_store()
    from django.conf import settings
    from django.test import Client

    from quarterdeck.store import models

    settings.ALLOWED_HOSTS = ["*"]
    client = Client(raise_request_exception=False)
    client.force_login(models.Person.objects.get(email=asked["email"]), backend=BACKEND)
    found = {path: cost for path in asked["pages"] if (cost := _cost(client, path, asked["times"]))}
    print(json.dumps(found))


def _cost(client: Any, path: str, times: int) -> tuple[float, int] | None:
    from django.db import connection

    queries: list[str] = []

    def counted(execute: Any, sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    headers = {"HX-Request": "true"} if "/parts/" in path else {}
    if client.get(path, headers=headers).status_code != 200:
        return None
    with connection.execute_wrapper(counted):
        client.get(path, headers=headers)
    took = []
    for _ in range(times):
        beside = min(_beside(), _beside())
        start = time.process_time()
        client.get(path, headers=headers)
        took.append((time.process_time() - start) * 1000 / beside * QUIET_MS)
    return median(took), len(queries)


def _beside() -> float:
    """Milliseconds of a fixed piece of work."""
    start, kept = time.process_time(), {}
    for n in range(60_000):
        kept[n % 997] = str(n) + "x"
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    main()
