"""Storms: a thousand people paged at once, and ten thousand escalation steps due in one second among a million."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import latency, ours
from .machine import ROOT, Missing, Row

WHAT = "seconds until each of 1,000 people has the first page; until 10,000 escalation steps due at once have fired"
PEOPLE = 1_000
BATCH = 100
DUE, PENDING = 10_000, 1_000_000
WAIT_SECONDS = 120


def run(seconds: float, rounds: int) -> list[Row]:
    told = subprocess.run(
        [sys.executable, "-m", "bench.storm"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise Missing(f"the timers could not be measured: {told.stderr[-800:].strip()}")
    fired = json.loads(told.stdout.splitlines()[-1])
    return [
        Row(f"first page of {PEOPLE:,} people, one alert each", f"{first_pages():.1f} s", goal="≤ 5 s"),
        Row(f"{DUE:,} escalation steps due at once, {PENDING:,} pending", f"{fired:.1f} s", goal="≤ 2 s"),
    ]


def first_pages() -> float:
    """Seconds from the first body sent to the last of a thousand mails at a mail server."""
    with tempfile.TemporaryDirectory() as place, latency.mail_server() as (port, sink):
        mail = {
            "QUARTERDECK_EMAIL_HOST": "127.0.0.1",
            "QUARTERDECK_EMAIL_PORT": str(port),
            "QUARTERDECK_EMAIL_TLS": "none",
            "QUARTERDECK_EMAIL_FROM": "pager@example.com",
        }
        with ours.serving(Path(place), "email", "bench@example.com", mail, crowd=PEOPLE) as it:
            url, start = it.url + it.ingest_path, time.monotonic()
            for first in range(0, PEOPLE, BATCH):
                latency.post(url, *range(first, first + BATCH))
            while len(sink.arrived) < PEOPLE:
                if time.monotonic() - start > WAIT_SECONDS:
                    raise Missing(f"only {len(sink.arrived)} of {PEOPLE} mails came within {WAIT_SECONDS} s")
                time.sleep(0.01)
            return max(sink.arrived.values()) - start


def main() -> None:
    """In a process of its own: prints the seconds in which all due steps fired."""
    from quarterdeck.boot import sqlite_module  # noqa: F401 - before anything loads another SQLite

    with tempfile.TemporaryDirectory() as place:
        os.environ["QUARTERDECK_DATA"] = place
        from . import pipeline
        from .prepare import fill, open_store

        open_store()
        key = fill("console", "bench", "x" * 20)
        pend(PENDING)
        bodies = [pipeline.body(n * pipeline.BATCH) for n in range(DUE // pipeline.BATCH + 1)]
        pipeline.store(Path(place), key, bodies)
        pipeline.expand()
        start = time.perf_counter()
        fired = pipeline.fire()
        print(json.dumps((time.perf_counter() - start) * DUE / fired))


def pend(number: int) -> None:
    """So many timers that are not due yet, each with the row it belongs to left out: nobody fires them."""
    from django.db import connection, transaction

    later = int((time.time() + 86_400) * 1e6)
    with transaction.atomic(), connection.cursor() as c:
        c.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
            " INSERT INTO due (id, kind, ref, due_at, state, data, attempts, created_at)"
            " SELECT 'pending-' || i, 'escalate', 'run-' || i, %s + i, 'waiting', '{}', 0, 0 FROM n",
            [number, later],
        )


if __name__ == "__main__":
    main()
