"""What a bench needs of the machine: free ports, cores, CPU time and memory of a tree of processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
SERVER_CORE, LOAD_CORE = 0, 1

sys.path.append(str(ROOT / "tests"))
from support import programs  # noqa: E402 - the one list of programs, shared with the tests


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, ours, the peer's, and the goal for the ratio of the two."""

    what: str
    ours: str
    peer: str = "–"
    ratio: float | None = None
    goal: str = ""

    def markdown(self) -> str:
        ratio = "–" if self.ratio is None else f"{self.ratio:.2f} ×"
        return f"| {self.what} | {self.ours} | {self.peer} | {ratio} | {self.goal or '–'} |"


HEAD = "| what | Quarterdeck | peer | ratio | goal |\n|---|---|---|---|---|"


class Missing(Exception):
    """A bench cannot run here; the message says what it needs."""


def program(name: str) -> str:
    """The path of a program. Raises Missing with how to get it."""
    path = programs.find(name)
    if path is None:
        raise Missing(f"{name} is not installed ({programs.how_to_get(name)})")
    return str(path)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def on_core(core: int) -> list[str]:
    """The words in front of a command that keep it on one core; none on a machine with a single one."""
    return [program("taskset"), "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_seconds(pid: int) -> float:
    """CPU time spent by a process and its descendants."""
    fields = [stat for stat in map(_stat, family(pid)) if stat]
    return sum(int(stat[11]) + int(stat[12]) for stat in fields) / TICKS_PER_SECOND


def memory_mib(pid: int) -> float:
    """Resident memory of a process and its descendants; pages they share count for each."""
    page = os.sysconf("SC_PAGE_SIZE")
    return sum(int(stat[21]) * page for stat in map(_stat, family(pid)) if stat) / 2**20


def is_well(url: str) -> bool:
    """Whether a 2xx answers there."""
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:  # a refusal is one, too
        return False
    return True


def wait_for(
    what: str, ready: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float = 30
) -> float:
    """Waits until `ready`; returns the seconds it took. Raises Missing when the process or the time ends."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if ready():
            return time.monotonic() - start
        if process.poll() is not None:
            raise Missing(f"{what} ended with exit code {process.returncode} before it was ready")
        time.sleep(0.05)
    raise Missing(f"{what} was not ready within {seconds:.0f} s")


@contextmanager
def started(
    command: Sequence[str], log: Path, core: int | None = SERVER_CORE, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process, its output in `log`; it and its descendants are gone afterwards."""
    pin = [] if core is None else on_core(core)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*pin, *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **(env or {})},
        )
    try:
        yield process
    except Missing as e:
        raise Missing(f"{e}; its last words: {log.read_text(errors='replace')[-600:].strip()}") from None
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Asks politely, waits 10 s, then ends the whole family by its ids."""
    members = family(process.pid)
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        for pid in reversed(family(process.pid)):
            _kill(pid)
        process.wait()
    for pid in members[1:]:
        if _stat(pid) and _stat(pid)[1] == "1":
            _kill(pid)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
