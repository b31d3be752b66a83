"""The primary of a PostgreSQL pair dies under load, its synchronous standby takes over, and the old one comes back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from ..kills import children
from ..load import Load
from ..server import COMMAND, Server
from ..serving import Installation
from ..smtp_sink import smtp_sink
from . import Told, mail_settings, share, verdict
from .cluster import Pair, pair
from .nodes import serving, several

CROWD = 20
QUIET_SECONDS = 240.0
AGAIN_SECONDS = 60.0
OLD_IS_BACK_SECONDS = 3.0
_HELD = " + ".join(f"(SELECT count(*) FROM {t})" for t in ("inbound", "alert", "attempt", "callout", "event"))


class Failovers:
    """What the drill does to the pair, again and again, and what came of it."""

    def __init__(self, servers: Pair, nodes: list[Installation], running: list[Server], seed: int) -> None:
        self._pair, self._nodes, self._running = servers, nodes, running
        self._random = random.Random(seed)
        self.loads: list[Load] = []
        self.away_seconds: list[float] = []
        self.refused = 0
        self.wrong: list[str] = []

    @property
    def logs(self) -> list[str]:
        return [server.log for server in self._running]

    def once(self) -> None:
        time.sleep(self._random.uniform(1.0, 4.0))
        killed_at = time.time()
        self._pair.kill_primary()
        self._pair.promote()
        self._wait_until_accepted(killed_at)
        self._nodes[0].command("engine", "epoch", "raise", "--reason", "A drill promoted the standby.")
        self._old_returns()
        self._pair.standby.kill()
        self._pair.follow()

    def _wait_until_accepted(self, since: float) -> None:
        """Until both nodes have answered 2xx again."""
        end = time.monotonic() + AGAIN_SECONDS
        while any(load.last_raised <= since for load in self.loads):
            if time.monotonic() > end:
                logs = "\n".join(log[-3000:] for log in self.logs)
                raise AssertionError(f"no alert was accepted again:\n{logs}")
            time.sleep(0.02)
        self.away_seconds.append(max(load.last_raised for load in self.loads) - since)

    def _old_returns(self) -> None:
        """It takes writes, as it did when it died, and new connections are made meanwhile: none writes to it."""
        old = self._pair.standby
        old.start()
        old.set("synchronous_standby_names", "")
        before = old.ask(f"SELECT {_HELD}")
        for server, name in zip(self._running, ("engine", "web"), strict=True):
            pid = children(server.process.pid).get(name)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
        self._refuses(old.url)
        back_at = time.time()
        time.sleep(OLD_IS_BACK_SECONDS)
        self._wait_until_accepted(back_at)
        self.away_seconds.pop()
        after = old.ask(f"SELECT {_HELD}")
        if after != before:
            self.wrong.append(f"{after - before} rows were written to the old primary")

    def _refuses(self, url: str) -> None:
        """A node that reaches the old primary alone says why it does nothing."""
        told = subprocess.run(
            [COMMAND, "engine", "pause", "--reason", "Nobody should believe this"],
            env=self._nodes[0].environment | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode != 0 and "old copy" in told.stdout + told.stderr:
            self.refused += 1
        else:
            self.wrong.append(f"the old primary was not refused: {told.stdout}{told.stderr}")


def run(folder: Path, failovers: int, seed: int) -> Told:
    """Two nodes, each under load of its own, and so many failovers one after the other."""
    with pair() as servers, smtp_sink() as sink:
        nodes = several(folder, servers.url, 2, **mail_settings(sink.port))
        made = nodes[0].ask("support.aftermath:furnish", crowd=CROWD)
        with serving(nodes) as running:
            drill = Failovers(servers, nodes, running, seed)
            drill.loads = [Load(node.port, mark=f"node{n}", **made) for n, node in enumerate(nodes)]
            for load in drill.loads:
                load.start()
            try:
                for _ in range(failovers):
                    drill.once()
            finally:
                for load in drill.loads:
                    load.stop()
            quiet = nodes[0].ask(
                "support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS
            )
        found = nodes[0].ask("support.aftermath:collect", incident=made["incident"])
        proof = nodes[0].command("verify")
    return _told(seed, drill, quiet, found, sink.mails, proof)


def _told(
    seed: int, drill: Failovers, quiet: dict[str, Any], found: dict[str, Any], mails: list[Any], proof: str
) -> Told:
    away = drill.away_seconds
    told = Told(f"failover, seed {seed}")
    told.figures = {
        "failovers": len(away),
        "kill to 2xx on both nodes": f"{share(away, 0.5):.1f} s, at most {max(away, default=0.0):.1f} s",
        "alerts answered": sum(len(load.raised) for load in drill.loads),
        "unsure": sum(len(load.unsure) for load in drill.loads),
        "sent again after": [dict(load.refusals) for load in drill.loads],
        "acknowledgements": sum(len(load.acknowledged) for load in drill.loads),
        "mails": len(mails),
        "of these repeated": verdict.twice(mails),
        "attempts of unknown end": found["unclear"],
        "deliveries": found["deliveries"],
        "old primary refused": drill.refused,
        "quiet after": f"{quiet['seconds']} s",
    }
    told.wrong = drill.wrong + verdict.judge(drill.loads, found, mails) + verdict.poisoned(drill.logs)
    if not quiet["quiet"]:
        told.wrong.append(f"it did not come to rest: {quiet}")
    if "streams are whole" not in proof:
        told.wrong.append(f"the log is not whole: {proof}")
    return told
