"""The database goes away and comes back: alerts are refused meanwhile, nothing spins, and pages go on at once."""

from __future__ import annotations

import http.client
import os
import random
import time
from pathlib import Path
from typing import Any

from ..kills import children
from ..load import Load
from ..server import Server
from ..serving import Installation
from ..smtp_sink import smtp_sink
from . import Told, mail_settings, share, verdict
from .cluster import Cluster, alone

CROWD = 40
BACK_SECONDS = 10.0
QUIET_SECONDS = 120.0
# Of one core, for all processes together while there is nothing they could do.
BUSY_SHARE = 0.6
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: list[int]) -> float:
    """CPU time these processes have spent so far."""
    spent = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        spent += int(fields[11]) + int(fields[12])
    return spent / TICKS


class Outages:
    """What was seen in each: seconds until 2xx and until a page went out again, and the share of a core spent."""

    def __init__(
        self, database: Cluster, installation: Installation, server: Server, load: Load, sink: Any
    ) -> None:
        self._database, self._installation, self._server = database, installation, server
        self._load, self._sink = load, sink
        self.accepted_seconds: list[float] = []
        self.paged_seconds: list[float] = []
        self.busy: list[float] = []
        self.wrong: list[str] = []

    def once(self, seconds: float) -> None:
        self._database.kill()
        before = children(self._server.process.pid)
        spent, began = cpu_seconds(list(before.values())), time.monotonic()
        if seconds > 2:
            self._must_refuse()
        time.sleep(max(0.0, seconds - (time.monotonic() - began)))
        self.busy.append((cpu_seconds(list(before.values())) - spent) / max(0.5, time.monotonic() - began))
        self._database.start()
        back_at = time.time()
        self.accepted_seconds.append(self._until(lambda: self._load.last_raised > back_at) - back_at)
        accepted_at = time.time()
        self.paged_seconds.append(
            self._until(lambda: any(mail.began_at > back_at for mail in self._sink.mails[-50:])) - back_at
        )
        if self.paged_seconds[-1] > BACK_SECONDS:
            self.wrong.append(
                f"no page went out for {self.paged_seconds[-1]:.1f} s after the database was back"
            )
        self._until(lambda: time.time() - accepted_at > 1)
        if children(self._server.process.pid) != before:
            self.wrong.append(f"processes were started anew after {seconds:.1f} s without the database")

    def _must_refuse(self) -> None:
        """An alert is refused with 503 and told when to come back."""
        time.sleep(1.0)
        line = http.client.HTTPConnection("127.0.0.1", self._installation.port, timeout=20)
        line.request(
            "POST",
            f"/in/webhook/{self._load.key}",
            '{"summary": "refused"}',
            {"Content-Type": "application/json"},
        )
        answer = line.getresponse()
        answer.read()
        line.close()
        if answer.status != 503 or not answer.headers.get("Retry-After"):
            self.wrong.append(
                f"without a database an alert was answered {answer.status}, Retry-After {answer.headers.get('Retry-After')}"
            )

    @staticmethod
    def _until(true: Any, seconds: float = 60.0) -> float:
        end = time.time() + seconds
        while not true() and time.time() < end:
            time.sleep(0.02)
        return time.time()


def run(folder: Path, away_seconds: list[float], seed: int) -> Told:
    """The database is killed and comes back after each of these times, and under load all the while."""
    told, pauses = Told(f"database away, seed {seed}"), random.Random(seed)
    with alone() as database, smtp_sink() as sink:
        installation = Installation(folder, database.url, **mail_settings(sink.port))
        made = installation.ask("support.aftermath:furnish", crowd=CROWD)
        server = installation.serve()
        load = Load(installation.port, **made)
        try:
            server.wait_until_ready(120)
            outages = Outages(database, installation, server, load, sink)
            load.start()
            for seconds in away_seconds:
                time.sleep(pauses.uniform(2.0, 5.0))
                outages.once(seconds)
            load.stop()
            quiet = installation.ask(
                "support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS
            )
        finally:
            server.stop(30)
        found = installation.ask("support.aftermath:collect", incident=made["incident"])
    told.figures = {
        "away": f"{len(away_seconds)} times, {sum(away_seconds):.0f} s in all, at most {max(away_seconds):.0f} s",
        "back to 2xx": f"median {share(outages.accepted_seconds, 0.5):.1f} s, at most {max(outages.accepted_seconds):.1f} s",
        "back to a page": f"median {share(outages.paged_seconds, 0.5):.1f} s, at most {max(outages.paged_seconds):.1f} s",
        "share of a core meanwhile": f"{max(outages.busy):.2f}",
        "alerts answered": len(load.raised),
        "sent again after": dict(load.refusals),
        "mails": len(sink.mails),
        "of these repeated": verdict.twice(sink.mails),
        "quiet after": f"{quiet['seconds']} s",
    }
    told.wrong = outages.wrong + verdict.judge([load], found, sink.mails)
    told.wrong += verdict.poisoned([server.log])
    if max(outages.busy) > BUSY_SHARE and max(away_seconds) > 2:
        told.wrong.append(f"without the database {max(outages.busy):.2f} of a core was spent")
    if not quiet["quiet"]:
        told.wrong.append(f"it did not come to rest: {quiet}")
    return told
