"""kill -9 for the processes of a running Quarterdeck, found by asking the system and not the log."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

from .server import Server
from .serving import Installation

# How often each is chosen. The supervisor takes all the others with it.
VICTIMS = {"web": 15, "engine": 20, "auditor": 5, "lifeline": 5, "supervisor": 5}
READY_SECONDS = 90.0


class Killer:
    """Kills at random moments and starts the supervisor again when it was the one. Times are monotonic seconds."""

    def __init__(self, installation: Installation, seed: int) -> None:
        self._installation = installation
        self._random = random.Random(seed)
        self.server: Server = installation.serve()
        self.killed: Counter[str] = Counter()
        self.logs: list[str] = []

    def run(self, kills: int, longest_gap_seconds: float) -> None:
        """Kill this often. Half of the victims are up when it hits them for certain, the others may be starting."""
        for victim in self._order(kills):
            if self._random.random() < 0.5:
                self._wait_until_up("web" if victim == "supervisor" else victim)
            time.sleep(self._random.uniform(0.0, longest_gap_seconds))
            self._kill(victim)

    def _order(self, kills: int) -> list[str]:
        """The victims in their proportions, shuffled."""
        names = [name for name, weight in VICTIMS.items() for _ in range(weight)]
        order = [names[i * len(names) // kills % len(names)] for i in range(kills)]
        self._random.shuffle(order)
        return order

    def _kill(self, victim: str) -> None:
        if victim == "supervisor":
            self._must_run()
            self.server.kill_all()
            self.logs.append(self.server.log)
            self.server = self._installation.serve()
        else:
            os.kill(self._pid(victim), signal.SIGKILL)
        self.killed[victim] += 1

    def _pid(self, name: str) -> int:
        """The process of this name, waiting while there is none."""
        end = time.monotonic() + READY_SECONDS
        while True:
            self._must_run()
            found = children(self.server.process.pid).get(name)
            if found is not None:
                return found
            assert time.monotonic() < end, f"{name} was not started again:\n{self.server.log}"
            time.sleep(0.02)

    def _wait_until_up(self, name: str) -> None:
        """Until this process, whichever it is by then, has shown life."""
        end = time.monotonic() + READY_SECONDS
        while True:
            pid = self._pid(name)
            if f"{name:9} running, process {pid}\n" in self.server.log:
                return
            assert time.monotonic() < end, f"{name} shows no life:\n{self.server.log}"
            time.sleep(0.05)

    def _must_run(self) -> None:
        """The supervisor ends only when it is killed."""
        code = self.server.process.poll()
        assert code is None, f"serve ended by itself with code {code}:\n{self.server.log}"

    def stop(self) -> None:
        if self.server.process.poll() is None:
            assert self.server.stop(30) == 0, self.server.log
        self.logs.append(self.server.log)

    def restart_seconds(self) -> list[float]:
        """How long the supervisor said it would wait before each new start."""
        return [
            float(line.rpartition(" in ")[2].removesuffix(" s"))
            for log in self.logs
            for line in log.splitlines()
            if line.endswith(" s") and "; starting it again in " in line
        ]


def children(supervisor: int) -> dict[str, int]:
    """The living processes of a supervisor by name."""
    found = {}
    try:
        pids = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    except OSError:
        return found
    for pid in pids:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "quarterdeck_lifeline" in words:
            found["lifeline"] = int(pid)
        elif "quarterdeck.boot.run" in words:
            found[words[words.index("quarterdeck.boot.run") + 1]] = int(pid)
    return found
