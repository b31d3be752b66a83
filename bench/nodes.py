"""Two nodes on one PostgreSQL beside one: accepted alerts a second. Nothing is pinned: they, the database and the load
generator share the machine, so on few cores this shows what a second node costs rather than what it brings.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .ingest import HERE, RESULT, Load
from .machine import Missing, Row, program

WHAT = "two web and two engine processes on PostgreSQL beside one of each: accepted alerts a second"
LOAD = Load(1, 64, True)
SETTINGS = {
    # One key sends everything here: what is measured is the installation, not the limit of a source.
    "QUARTERDECK_LIMITS_REQUESTS_PER_MINUTE": "0",
    "QUARTERDECK_LIMITS_ALERTS_PER_MINUTE": "0",
    "QUARTERDECK_LOG_LEVEL": "warning",
}


def run(seconds: float, rounds: int) -> list[Row]:
    one = [accepted(1, seconds) for _ in range(rounds)]
    two = [accepted(2, seconds) for _ in range(rounds)]
    alone, both = statistics.median(one), statistics.median(two)
    return [
        Row(
            "two nodes on PostgreSQL beside one: accepted a second, everything on the same cores",
            f"{both:,.0f}",
            f"{alone:,.0f}",
            both / alone,
            "≥ 1.7 ×, with cores to spare",
        )
    ]


def accepted(number: int, seconds: float) -> float:
    """Alerts a second that so many fresh nodes accept together, each from a load generator of its own."""
    from support import postgres  # late: on the path once .machine is there
    from support.drills.nodes import serving, several

    with tempfile.TemporaryDirectory() as place, postgres.server() as url:
        nodes = several(Path(place), url, number, **SETTINGS)
        made = nodes[0].ask("support.aftermath:furnish")
        with serving(nodes), ThreadPoolExecutor(number) as pool:
            time.sleep(2)
            path = f"/in/alertmanager/{made['key']}/api/v2/alerts"
            rates = list(pool.map(lambda node: _wrk(node.url, path, seconds), nodes))
    return sum(rates)


def _wrk(url: str, path: str, seconds: float) -> float:
    told = subprocess.run(
        [
            program("wrk"),
            "-t1",
            f"-c{LOAD.connections}",
            f"-d{max(1, round(seconds))}s",
            "-s",
            str(HERE / "post.lua"),
            url,
        ],
        env={"BATCH": str(LOAD.batch), "UNIQUE": "1", "APATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    found = RESULT.search(told.stdout)
    if not found:
        raise Missing(f"wrk reported nothing: {(told.stdout + told.stderr)[-300:].strip()}")
    values = {name: float(value) for name, _, value in (part.partition("=") for part in found[1].split())}
    if values.get("refused") or values.get("broken"):
        raise Missing(f"not everything was accepted: {values}")
    return values["requests_s"]
