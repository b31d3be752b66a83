"""The auditor: looks every minute whether what should have happened has, and raises alarms. It pages nobody by itself.

Its questions run on a connection that cannot write; what it finds goes through `app` like everything else. It also
sends the synthetic page through the product's own front door, and tells those outside while all is well.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections

from quarterdeck.app.alerts import source_counts
from quarterdeck.app.health import alarm_calls, alarm_ends, alarms, audit, nodes, probes, synthetic
from quarterdeck.app.paging import duty_ahead, pause
from quarterdeck.store import models, tx

from .buddies import Buddy
from .outside import Ping
from .own_door import OwnDoor

log = structlog.get_logger("auditor")
SETTLING_SECONDS = 20.0
# Parts of the interval of a look: how often the smaller questions are asked.
GLANCES, BUDDY_LOOKS = 6, 2
DUTY_LOOKS_APART = 5
CLOCK_ALARM = timedelta(minutes=15)


class Auditor:
    """One auditor process. `every` is the interval of a whole look, in seconds."""

    def __init__(self, every: float | None = None, node: str = "") -> None:
        self.every = settings.QUARTERDECK.audit_seconds if every is None else every
        self.node = node or f"auditor@{socket.gethostname()}:{os.getpid()}"
        self.door = OwnDoor()
        self.ping = Ping(timedelta(seconds=self.every * 2))
        self.buddy = Buddy(self.door.send)
        self._looks = 0
        self._holes = 0
        self._findings = 0

    def look(self, now: datetime) -> None:
        """The whole of it, each minute; in the end the synthetic page is sent for the next one."""
        if self._looks % DUTY_LOOKS_APART == 0:
            self._holes = len(duty_ahead.look(now))
        self._looks += 1
        run = audit.run(now, self.node, self._holes)
        self._findings = run.findings
        if run.findings:
            log.warning("findings", broken=run.broken, all=run.findings, ms=run.ms)
        probes.arm(now)
        self._forget_jumps(now)
        self.ping.look(now)
        self.send_synthetic(now)

    def send_synthetic(self, now: datetime) -> None:
        """Through our own front door, as a tool would. While somebody holds the engine it could not come back."""
        if pause.standing() is not None:
            return
        synthetic.ensure(now)
        ref = synthetic.begin(now)
        why = self.door.send(synthetic.KIND, synthetic.body(ref))
        if why:
            synthetic.failed(ref, why, now)
        else:
            synthetic.accepted(ref, now)

    def glance(self, now: datetime) -> None:
        """What must not wait for the next look."""
        nodes.beat(
            self.node, "auditor", now, findings=self._findings, ping=self.ping.state, buddy=self.buddy.state
        )
        nodes.watch(now, self.node)
        synthetic.collect(now)
        probes.collect(now)
        source_counts.watch(now)
        alarm_ends.look(now)
        alarm_calls.tell(now)

    def look_at_buddy(self, now: datetime) -> None:
        self.buddy.look(now)

    @staticmethod
    def _forget_jumps(now: datetime) -> None:
        """A jump of the clock is an event, not a state: it is shown for a while."""
        old = models.Alarm.objects.filter(kind="clock", cleared_at=None, raised_at__lt=now - CLOCK_ALARM)
        if old.exists():
            with tx.write("web"):
                for alarm in old:
                    alarms.clear_alarm(alarm.kind, alarm.subject, now)

    def plan(self) -> list[tuple[float, Callable[[datetime], None]]]:
        """What is done how often, in seconds."""
        return [
            (self.every / GLANCES, self.glance),
            (self.every, self.look),
            (self.every / BUDDY_LOOKS, self.look_at_buddy),
        ]

    def leave(self) -> None:
        """An orderly end: nobody is to miss this process."""
        nodes.leave(self.node)


def run(stop: threading.Event) -> None:
    """Audit until told to stop."""
    auditor = Auditor()
    # At the start the engine catches up with what fell due meanwhile; looking then would cry wolf.
    stop.wait(min(SETTLING_SECONDS, auditor.every / 3))
    plan = auditor.plan()
    due = [0.0] * len(plan)
    while not stop.is_set():
        for n, (every, act) in enumerate(plan):
            if stop.is_set() or time.monotonic() < due[n]:
                continue
            due[n] = time.monotonic() + every
            attempt(act)
        stop.wait(max(0.05, min(due) - time.monotonic()))
    attempt(lambda now: auditor.leave())


def attempt(act: Callable[[datetime], None]) -> None:
    """Do it now; a database that is away is said, and tried again at the next turn."""
    try:
        act(datetime.now(UTC))
    except (DatabaseError, InterfaceError, sqlite3.Error) as e:
        log.error("database away", error=repr(e))
        close_old_connections()
