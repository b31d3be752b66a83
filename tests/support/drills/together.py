"""Two nodes on one PostgreSQL: no page is sent twice without a fault, a zombie changes nothing, one takes over from the
other.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg

from .. import postgres
from ..kills import children
from ..load import Load
from ..server import Server
from ..serving import Installation
from ..smtp_sink import SmtpSink, smtp_sink
from . import Told, mail_settings, share, verdict
from .nodes import serving, several

# So many contacts that hardly any is paged twice within 30 s: what waits then waits for the nodes.
CROWD = 120
PAUSE_SECONDS = 1.5
# A lease of 30 s and a look every 5 s; a contact that was paged about something else meanwhile is left alone for 30 s.
TAKEOVER_SECONDS = 40.0
APART_SECONDS = 30.0
QUIET_SECONDS = 120.0
# The supervisor must not end the engine that stands still: it is to come back.
PATIENT = {"QUARTERDECK_SILENT_SECONDS": "300"}


class Zombie:
    """An engine that stands still in the middle of its sends for longer than its leases last, and then goes on."""

    def __init__(self, url: str, engine: int) -> None:
        self._url, self._engine = url, engine
        self.held: list[tuple[str, int]] = []

    def stand_still(self) -> None:
        """Stop it while it has pages in its hands; `held` are these, each with its fence."""
        with psycopg.connect(self._url, autocommit=True) as db:
            end = time.monotonic() + 60
            while not self.held:
                assert time.monotonic() < end, "the engine never had a page in its hands"
                os.kill(self._engine, signal.SIGCONT)
                time.sleep(0.2)
                os.kill(self._engine, signal.SIGSTOP)
                self.held = db.execute(
                    "SELECT id, fence FROM delivery WHERE state = 'sending' AND node LIKE %s",
                    [f"%:{self._engine}"],
                ).fetchall()

    def wait_for_the_other(self, seconds: float) -> float:
        """Until everything it held was sent by somebody else; the seconds it took."""
        began = time.monotonic()
        with psycopg.connect(self._url, autocommit=True) as db:
            while time.monotonic() - began < seconds:
                left = db.execute(
                    "SELECT count(*) FROM delivery WHERE id = ANY(%s) AND state IN ('sending', 'queued')",
                    [[i for i, _ in self.held]],
                ).fetchone()
                if left == (0,):
                    return time.monotonic() - began
                time.sleep(0.1)
        return seconds

    def goes_on(self) -> None:
        os.kill(self._engine, signal.SIGCONT)

    def wrote(self) -> int:
        """How many of its late results were believed."""
        with psycopg.connect(self._url, autocommit=True) as db:
            found = 0
            for delivery, fence in self.held:
                row = db.execute(
                    "SELECT count(*) FROM attempt WHERE delivery_id = %s AND fence = %s AND phase = 'ended'",
                    [delivery, fence],
                ).fetchone()
                found += row[0] if row else 0
            return found


def run(folder: Path, seconds: float) -> Told:
    """So many seconds without a fault, then a zombie, then one node that dies as a whole."""
    told = Told("two nodes")
    with postgres.server() as url, smtp_sink() as sink:
        nodes = several(folder, url, 2, **mail_settings(sink.port), **PATIENT)
        made = nodes[0].ask("support.aftermath:furnish", crowd=CROWD)
        with serving(nodes) as running:
            loads = [
                Load(n.port, mark=f"n{i}", pause_seconds=PAUSE_SECONDS, **made) for i, n in enumerate(nodes)
            ]
            for load in loads:
                load.start()
            try:
                _without_a_fault(told, nodes[1], loads, sink, seconds)
                _zombie(told, url, running[0], sink)
                _death(told, running[0])
            finally:
                for load in loads:
                    load.stop()
            quiet = nodes[1].ask(
                "support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS
            )
        found = nodes[1].ask("support.aftermath:collect", incident=made["incident"])
        waits = verdict.waits(loads, found, sink.mails)
        told.figures |= {
            "alerts answered": sum(len(load.raised) for load in loads),
            "slowest first page": f"{max(waits, default=0.0):.1f} s",
            "quiet after": f"{quiet['seconds']} s",
        }
        told.wrong += verdict.judge(loads, found, sink.mails)
        told.wrong += verdict.poisoned([server.log for server in running])
        if max(waits, default=0.0) > TAKEOVER_SECONDS + APART_SECONDS:
            told.wrong.append(f"a first page began {max(waits):.1f} s after its 2xx")
        if not quiet["quiet"]:
            told.wrong.append(f"it did not come to rest: {quiet}")
    return told


def _without_a_fault(
    told: Told, node: Installation, loads: list[Load], sink: SmtpSink, seconds: float
) -> None:
    time.sleep(seconds)
    found = node.ask("support.aftermath:collect", incident=loads[0].incident)
    again = verdict.twice(sink.mails)
    waits = verdict.waits(loads, found, sink.mails)
    told.figures |= {
        "without a fault: pages": len(found["sends"]),
        "mails": len(sink.mails),
        "repeated": again,
        "2xx to first page": f"median {share(waits, 0.5):.2f} s, p99 {share(waits, 0.99):.2f} s",
    }
    if again or found["unclear"] or not sink.mails:
        told.wrong.append(f"without a fault {again} of {len(sink.mails)} mails were repeated")


def _zombie(told: Told, url: str, server: Server, sink: SmtpSink) -> None:
    """First it stands still before a mail's text is sent, so that nothing may come of it any more."""
    before = verdict.twice(sink.mails)
    sink.hello_seconds = 1.5
    zombie = Zombie(url, children(server.process.pid)["engine"])
    zombie.stand_still()
    time.sleep(2.0)
    sink.hello_seconds = 0.0
    took = zombie.wait_for_the_other(TAKEOVER_SECONDS + APART_SECONDS)
    zombie.goes_on()
    time.sleep(5.0)
    again = verdict.twice(sink.mails) - before
    told.figures |= {
        "zombie held": len(zombie.held),
        "the other had sent them after": f"{took:.1f} s",
        "its late sends": again,
        "its late results believed": zombie.wrote(),
    }
    if took >= TAKEOVER_SECONDS + APART_SECONDS:
        told.wrong.append(f"after {took:.0f} s the other node had not sent what the zombie held")
    if again or zombie.wrote():
        told.wrong.append("what a zombie did after its lease counted")


def _death(told: Told, server: Server) -> None:
    """The whole node at once, engine first: what it held is the other's to send."""
    for pid in children(server.process.pid).values():
        os.kill(pid, signal.SIGKILL)
    server.kill_all()
    told.figures["a node killed"] = 1
    time.sleep(10.0)
