"""Alert ingest: durable 2xx beside Alertmanager, which keeps alerts in memory. One core each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from . import ours
from .machine import (
    LOAD_CORE,
    Missing,
    Row,
    cpu_seconds,
    free_port,
    is_well,
    memory_mib,
    on_core,
    program,
    started,
    wait_for,
)

WHAT = "alerts a second accepted, and the slowest percent, beside Alertmanager"
DRAIN_SECONDS = 90
HERE = Path(__file__).parent
RESULT = re.compile(r"^RESULT (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Load:
    """`unique` sends new alerts only; otherwise the same 64 requests come again and again."""

    batch: int
    connections: int
    unique: bool
    goal: str = ""
    goal_slowest: str = ""
    goal_pipeline: str = ""

    @property
    def name(self) -> str:
        kind = "new" if self.unique else "repeated"
        return f"{kind} alerts, {self.batch} a request × {self.connections} connections"


LOADS = (
    Load(1, 64, True, "≥ 1.5 ×", "≤ 0.15 ×"),
    Load(64, 16, True, "≥ 6 ×", goal_pipeline="≥ 1.0 ×"),
    Load(64, 16, False, goal_pipeline="≥ 2.5 ×"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """`cpu` is a share of a core; `bad` counts refused and broken requests; memory is in MiB."""

    alerts_s: float
    p99_ms: float
    cpu: float
    memory: float
    bad: float
    pipeline_s: float | None = None
    # Microseconds of CPU an alert, of all processes, until everything is worked off.
    pipeline_us: float | None = None


Target = Callable[[Path], AbstractContextManager[tuple[str, str, "subprocess.Popen[bytes]"]]]


@contextmanager
def alertmanager(folder: Path) -> Iterator[tuple[str, str, subprocess.Popen[bytes]]]:
    """The peer on a free port: base URL, path to post to, process."""
    port = free_port()
    config = folder / "alertmanager.yml"
    config.write_text("route: {receiver: none, group_by: [alertname]}\nreceivers: [{name: none}]\n")
    command = [
        program("alertmanager"),
        f"--config.file={config}",
        f"--storage.path={folder / 'peer'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    with started(command, folder / "peer.log", env={"GOMAXPROCS": "1"}) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for("Alertmanager", lambda: is_well(url + "/api/v2/alerts"), process)
        yield url, "/api/v2/alerts", process


@contextmanager
def quarterdeck(folder: Path) -> Iterator[tuple[str, str, subprocess.Popen[bytes]]]:
    """Quarterdeck on SQLite: base URL, path to post to, process."""
    with ours.serving(folder) as it:
        yield it.url, it.ingest_path, it.process


def wrk(url: str, path: str, load: Load, seconds: float) -> dict[str, float]:
    """One run of the load generator. Raises Missing with its words when it reports nothing."""
    told = subprocess.run(
        [
            *on_core(LOAD_CORE),
            program("wrk"),
            "-t1",
            f"-c{load.connections}",
            f"-d{max(1, round(seconds))}s",
            "--timeout=20s",
            "--latency",
            "-s",
            str(HERE / "post.lua"),
            url,
        ],
        env={**os.environ, "BATCH": str(load.batch), "UNIQUE": str(int(load.unique)), "APATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    found = RESULT.search(told.stdout)
    if not found:
        raise Missing(f"wrk reported nothing: {(told.stdout + told.stderr)[-300:].strip()}")
    return {name: float(value) for name, _, value in (part.partition("=") for part in found[1].split())}


def measure(target: Target, load: Load, seconds: float) -> Result:
    """A fresh server, one second to warm up, then the measured run; of ours then the whole pipeline."""
    with tempfile.TemporaryDirectory() as place, target(Path(place)) as (url, path, process):
        folder = Path(place)
        wrk(url, path, load, 1)
        before, start = cpu_seconds(process.pid), time.monotonic()
        told = wrk(url, path, load, seconds)
        cpu = (cpu_seconds(process.pid) - before) / (time.monotonic() - start)
        memory, pipeline, spent = memory_mib(process.pid), None, None
        if target is quarterdeck and load.goal_pipeline:
            pipeline, spent = sustained(url, path, load, folder, process.pid)
        return Result(
            alerts_s=told["requests_s"] * load.batch,
            p99_ms=told["p99_ms"],
            cpu=cpu,
            memory=memory,
            bad=told["refused"] + told["broken"],
            pipeline_s=pipeline,
            pipeline_us=spent,
        )


def sustained(url: str, path: str, load: Load, folder: Path, pid: int) -> tuple[float, float]:
    """Alerts a second from the first sent to the last that is deduplicated, routed, visible, with its timer armed: a
    second of load once the journal is empty, and what the engine needs for it. And the CPU that each of them took, in
    microseconds, which says more where other work runs.
    """
    ours.wait_until_expanded(folder, DRAIN_SECONDS)
    first, start, before = ours.expanded(folder), time.monotonic(), cpu_seconds(pid)
    wrk(url, path, load, 1)
    ours.wait_until_expanded(folder, DRAIN_SECONDS)
    alerts = (ours.expanded(folder) - first) * load.batch
    return alerts / (time.monotonic() - start), (cpu_seconds(pid) - before) / alerts * 1e6


def middle(results: list[Result]) -> Result:
    pipelines = [r.pipeline_s for r in results if r.pipeline_s is not None]
    spent = [r.pipeline_us for r in results if r.pipeline_us is not None]
    return Result(
        alerts_s=median(r.alerts_s for r in results),
        p99_ms=median(r.p99_ms for r in results),
        cpu=median(r.cpu for r in results),
        memory=median(r.memory for r in results),
        bad=sum(r.bad for r in results),
        pipeline_s=median(pipelines) if pipelines else None,
        pipeline_us=median(spent) if spent else None,
    )


def refused(result: Result) -> str:
    """What was not accepted, shown beside the figure it spoils."""
    return f" ({result.bad:,.0f} refused)" if result.bad else ""


def rows(load: Load, mine: Result, theirs: Result) -> list[Row]:
    found = [
        Row(
            f"{load.name}: accepted a second",
            f"{mine.alerts_s:,.0f}{refused(mine)}",
            f"{theirs.alerts_s:,.0f}{refused(theirs)}",
            mine.alerts_s / theirs.alerts_s,
            load.goal,
        ),
        Row(
            f"{load.name}: p99",
            f"{mine.p99_ms:.1f} ms",
            f"{theirs.p99_ms:.1f} ms",
            mine.p99_ms / theirs.p99_ms,
            load.goal_slowest,
        ),
    ]
    if mine.pipeline_s is not None:
        ratio = mine.pipeline_s / theirs.alerts_s
        shown = (f"{mine.pipeline_s:,.0f}", f"{theirs.alerts_s:,.0f}", ratio, load.goal_pipeline)
        found.append(Row(f"{load.name}: deduplicated, routed, visible, timers armed a second", *shown))
    return found


def run(seconds: float, rounds: int) -> list[Row]:
    results: dict[tuple[Load, str], list[Result]] = {}
    for number in range(rounds):
        for load in LOADS:
            for target in (quarterdeck, alertmanager):
                one = measure(target, load, seconds)
                results.setdefault((load, target.__name__), []).append(one)
                print(
                    f"round {number + 1} {target.__name__:13} {load.name}: {one.alerts_s:,.0f}/s"
                    f" p99 {one.p99_ms:.1f} ms, cpu {one.cpu:.2f}, {one.memory:.0f} MiB{refused(one)}",
                    file=sys.stderr,
                    flush=True,
                )
    table: list[Row] = []
    for load in LOADS:
        mine, theirs = (middle(results[load, name]) for name in ("quarterdeck", "alertmanager"))
        table += rows(load, mine, theirs)
    return table
