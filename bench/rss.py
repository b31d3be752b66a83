"""Memory of all processes of `serve` once it is idle, and the time until it answers on an existing store."""

from __future__ import annotations

import contextlib
import tempfile
import time
from pathlib import Path

from . import ours
from .machine import Row, family

WHAT = "MiB of all processes of `serve`, idle; seconds until it answers"
SETTLE_SECONDS = 8


def run(seconds: float, rounds: int) -> list[Row]:
    """One round: memory hardly differs from start to start."""
    with tempfile.TemporaryDirectory() as place, ours.serving(Path(place)) as it:
        time.sleep(SETTLE_SECONDS)
        each = {name(pid): memory(pid) for pid in family(it.process.pid)}
        ready = it.ready_seconds
    resident = sum(rss for rss, _ in each.values())
    shares = sum(pss for _, pss in each.values())
    told = ", ".join(f"{who} {rss:.0f}" for who, (rss, _) in each.items())
    return [
        Row(f"resident memory, idle ({told})", f"{resident:.0f} MiB", goal="≤ 400 MiB"),
        Row("the same, pages that processes share counted once (PSS)", f"{shares:.0f} MiB"),
        Row("`serve` answers after", f"{ready:.1f} s", goal="≤ 4 s"),
    ]


def memory(pid: int) -> tuple[float, float]:
    """Resident MiB of a process, and its share of them."""
    found = {"Rss": 0.0, "Pss": 0.0}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            label, _, value = line.partition(":")
            if label in found:
                found[label] = int(value.split()[0]) / 1024
    return found["Rss"], found["Pss"]


def name(pid: int) -> str:
    """What a process is: the last word of its command."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        return words[-1].decode("utf-8", "replace").rpartition("/")[2].removeprefix("quarterdeck_")
    return str(pid)
