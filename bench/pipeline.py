"""What one alert costs the engine, step by step: microseconds of CPU from a journal row to a committed alert; and what
the whole installation manages on one core, from the request to the armed timer, beside Alertmanager in the same run.

The steps are measured in a process of its own, without the web process beside it, so that they can be told apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import ingest
from .machine import ROOT, Missing, Row

WHAT = "the whole pipeline beside Alertmanager on one core; microseconds of CPU an alert inside the engine, by step"
BATCH = 64
NEW_BODIES, REPEATS = 300, 300


def run(seconds: float, rounds: int) -> list[Row]:
    return [*_beside_alertmanager(seconds, rounds), *_budget()]


def _beside_alertmanager(seconds: float, rounds: int) -> list[Row]:
    """Alerts a second that are deduplicated, routed, visible and have their timer armed: all processes on one core."""
    found = []
    for load in (load for load in ingest.LOADS if load.goal_pipeline):
        both: dict[str, list[ingest.Result]] = {"ours": [], "peer": []}
        for number in range(rounds):
            both["ours"].append(ingest.measure(ingest.quarterdeck, load, 1))
            both["peer"].append(ingest.measure(ingest.alertmanager, load, seconds))
            print(f"round {number + 1} {load.name}", file=sys.stderr, flush=True)
        mine, theirs = ingest.middle(both["ours"]), ingest.middle(both["peer"])
        rate, spent = mine.pipeline_s or 0.0, mine.pipeline_us or 0.0
        peer_spent = theirs.cpu / theirs.alerts_s * 1e6
        pair = (f"{rate:,.0f}", f"{theirs.alerts_s:,.0f}", rate / theirs.alerts_s, load.goal_pipeline)
        found.append(Row(f"{load.name}: whole pipeline a second", *pair))
        costs = (f"{spent:.1f} µs", f"{peer_spent:.1f} µs", peer_spent / spent if spent else None)
        found.append(Row(f"{load.name}: CPU an alert, all processes, pages included", *costs))
    return found


def _budget() -> list[Row]:
    """One round; figures of a profile do not get better by a median."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.pipeline"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise Missing(f"the pipeline could not be measured: {told.stderr[-800:].strip()}")
    found = json.loads(told.stdout.splitlines()[-1])
    return [Row(f"engine, {name}", f"{value:.1f} µs of CPU") for name, value in found.items()]


def main() -> None:
    from quarterdeck.boot import sqlite_module  # noqa: F401 - before anything loads another SQLite

    with tempfile.TemporaryDirectory() as place:
        os.environ["QUARTERDECK_DATA"] = place
        print(json.dumps(measure(Path(place), profile="--profile" in sys.argv)))


def measure(folder: Path, profile: bool) -> dict[str, float]:
    from .prepare import fill, open_store

    open_store()
    from quarterdeck.engine import loop

    key = fill("console", "bench", "x" * 20)
    loop.spare_the_collector()  # as the engine's process does
    found: dict[str, float] = {}
    for name, bodies in (
        ("new", [body(n * BATCH) for n in range(NEW_BODIES)]),
        ("repeated", [body(0)] * REPEATS),
    ):
        store(folder, key, bodies)
        with steps() as spent, profiled(profile):
            start = time.process_time()
            expand()
            whole = time.process_time() - start
        alerts = len(bodies) * BATCH
        found[f"{name} alerts, whole"] = whole / alerts * 1e6
        found |= {f"{name} alerts, {step}": t / alerts * 1e6 for step, t in spent.items()}
    start = time.process_time()
    with profiled(profile):
        fired = fire()
    found["escalation step, timer to queued page"] = (time.process_time() - start) / fired * 1e6
    return found


def body(first: int) -> bytes:
    """As post.lua sends it."""
    return json.dumps(
        [
            {
                "labels": {
                    "alertname": "HighErrorRate", "severity": "critical", "service": "checkout-api",
                    "environment": "production", "region": "eu-west-1", "instance": "10.42.17.9:9100", "job": "node",
                    "pod": f"checkout-{first + n}",
                },
                "annotations": {
                    "summary": f"5xx ratio above 2% for 5 minutes on checkout-{first + n}",
                    "description": "The ratio of HTTP 5xx responses of checkout-api in eu-west-1 is 4.7% (threshold "
                    "2%). Customers may be unable to pay.",
                    "runbook_url": "https://runbooks.example.com/checkout/high-error-rate",
                },
                "startsAt": "2026-11-22T03:00:00.000Z", "endsAt": "2030-01-01T00:00:00.000Z",
                "generatorURL": "http://prometheus.example.com/graph?g0.expr=rate",
            }
            for n in range(BATCH)
        ]
    ).encode()  # fmt: skip


def store(folder: Path, key: str, bodies: list[bytes]) -> None:
    """Put bodies into the journal as the edge does."""
    from quarterdeck.app.people.keys import digest, integrations_by_digest
    from quarterdeck.store.ids import new_id
    from quarterdeck.store.journal import Received, SqliteSink

    integration = integrations_by_digest()[digest(key)][0]
    sink = SqliteSink(folder / "journal.db")
    sink.open()
    at = time.time_ns() // 1000
    sink.commit([Received(at, integration, "alertmanager", new_id(), b) for b in bodies])
    sink.close()


def expand() -> None:
    """All that waits, as the engine's step does it."""
    from datetime import UTC, datetime

    from quarterdeck.app import receive
    from quarterdeck.intake import dialects
    from quarterdeck.store.journal_reader import JournalReader

    reader, known = JournalReader(), dialects()
    while reader.waiting():
        receive.expand(reader, known, datetime.now(UTC))
    reader.close()


def fire() -> int:
    """Every first step that is due, as the engine's step does it; how many."""
    from datetime import UTC, datetime

    from quarterdeck.app import due, timers
    from quarterdeck.app.paging.directory import Directory
    from quarterdeck.engine.loop import FIRE_AT_ONCE
    from quarterdeck.store import tx

    fired = 0
    while True:
        now = datetime.now(UTC)
        with tx.write():
            rows = due.take(now, FIRE_AT_ONCE)
            timers.fire_together(timers.together(rows), Directory(now))
            due.finish_all(rows, now)
        if not rows:
            return fired
        fired += len(rows)


@contextmanager
def steps() -> Iterator[dict[str, float]]:
    """Seconds spent in the parts of `receive.expand`."""
    from quarterdeck.app import receive

    spent: dict[str, float] = {}
    kept = {}

    def timed(name: str) -> None:
        inner = kept[name] = getattr(receive, name)

        def outer(*args: object) -> object:
            start = time.process_time()
            made = inner(*args)
            spent[name.strip("_")] = spent.get(name.strip("_"), 0.0) + time.process_time() - start
            return made

        setattr(receive, name, outer)

    for name in STEPS:
        if hasattr(receive, name):
            timed(name)
    try:
        yield spent
    finally:
        for name, inner in kept.items():
            setattr(receive, name, inner)


STEPS = ("_understand", "_load", "_apply", "_save", "_count")


@contextmanager
def profiled(wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
