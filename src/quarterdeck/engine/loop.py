"""The engine: one visible cycle of what is due, then sleep until the next instant or a nudge.

The only place that catches every exception: it records what failed and goes on, because a poisoned row must never
stop the pages behind it.
"""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, transaction

from quarterdeck.app import alarms, alerts, deliveries, due, nodes, receive, timers
from quarterdeck.app.directory import Directory
from quarterdeck.intake import dialects
from quarterdeck.store import models, nudge, tx
from quarterdeck.store.journal_reader import JournalReader

from .clock import Clock, EngineClock
from .outlets import Outlets
from .publish import publish_pages
from .sender import Send, Sender
from .snapshot import write_snapshot

log = structlog.get_logger("engine")
POLL_SECONDS = 1.0
EXPAND_AT_ONCE = 100
FIRE_AT_ONCE = 50
POSTPONE = timedelta(seconds=60)
HOUSEKEEPING = timedelta(seconds=5)


class Engine:
    """One engine process. Every step does a bounded amount and says whether there is more to do at once."""

    def __init__(self, clock: Clock | None = None, send: Send | None = None, node: str = "") -> None:
        self.clock = clock or EngineClock()
        self.node = node or f"engine@{socket.gethostname()}:{os.getpid()}"
        self.reader = JournalReader()
        self.dialects = dialects()
        self._socket = nudge.listen("engine")
        self.sender = Sender(send or Outlets().send, self.clock.monotonic, self._wake)
        self._next_housekeeping = self.clock.now()
        self._next_snapshot = self.clock.now()

    def _wake(self) -> None:
        nudge.nudge("engine")

    def step_expand(self, now: datetime) -> bool:
        if not self.reader.waiting():
            return False
        return receive.expand(self.reader, self.dialects, now, EXPAND_AT_ONCE) > 0

    def step_results(self, now: datetime) -> bool:
        deliveries.record_all(self.sender.results(), self.node, now)
        return False

    def step_fire(self, now: datetime) -> bool:
        first = due.next_due()
        if first is None or first > now:
            return False
        with tx.write("web"):
            rows = due.take(now, FIRE_AT_ONCE)
            directory = Directory(now)
            for row in rows:
                self._fire_one(row, directory)
        return len(rows) == FIRE_AT_ONCE

    def _fire_one(self, row: models.Due, directory: Directory) -> None:
        now = directory.now
        try:
            with transaction.atomic():
                timers.fire(row, directory)
                due.finish(row, now)
        except tx.Busy:
            return  # still due, and fired with the next cycle
        except (OperationalError, InterfaceError):
            raise
        except Exception as e:
            log.error("timer failed", kind=row.kind, ref=row.ref, error=repr(e), exc_info=True)
            due.postpone(row, now + POSTPONE)
            alarms.raise_alarm(
                "timer", row.id, f"A timer ({row.kind}) failed and is tried again in a minute: {e!r}", now
            )

    def step_send(self, now: datetime) -> bool:
        free = self.sender.free
        if free <= 0:
            return False
        first = deliveries.next_send()
        if first is None or first > now:
            return False
        claims = deliveries.claim(now, self.node, free)
        self.sender.start(claims)
        return len(claims) == free and self.sender.free > 0

    def step_publish(self, now: datetime) -> bool:
        publish_pages(now)
        return False

    def step_housekeeping(self, now: datetime) -> bool:
        if now < self._next_housekeeping:
            return False
        self._next_housekeeping = now + HOUSEKEEPING
        nodes.beat(self.node, "engine", now)
        deliveries.release_expired(now)
        alerts.expire_alerts(now)
        alerts.end_silences(now)
        if self.clock.jumped is not None:
            text = f"The system clock jumped by {self.clock.jumped.total_seconds():.0f} s. Check time synchronisation."
            alarms.raise_alarm("clock", self.node, text, now)
        if now >= self._next_snapshot:
            self._next_snapshot = now + timedelta(seconds=60)
            write_snapshot(now)
        return False

    CYCLE: tuple[Callable[[Engine, datetime], bool], ...] = (
        step_expand,
        step_results,
        step_fire,
        step_send,
        step_publish,
        step_housekeeping,
    )

    def cycle(self) -> bool:
        """Every step once; True when some step has more to do at once."""
        more = False
        for step in self.CYCLE:
            try:
                more = step(self, self.clock.now()) or more
            except Exception as e:
                log.error("step failed", step=step.__name__, error=repr(e), exc_info=True)
                close_old_connections()
                if isinstance(e, OperationalError | InterfaceError):
                    self.reader.close()
        return more

    def sleep(self) -> None:
        """Until the next instant something is due, a nudge, or the poll."""
        now = self.clock.now()
        wait = POLL_SECONDS
        for at in (due.next_due(), deliveries.next_send() if self.sender.free > 0 else None):
            if at is not None:
                wait = min(wait, max((at - now).total_seconds(), 0.0))
        if wait > 0:
            select.select([self._socket], [], [], wait)
        nudge.drain(self._socket)

    def close(self) -> None:
        self.sender.stop()
        self.step_results(self.clock.now())
        self._socket.close()


def run(stop: threading.Event) -> None:
    """Run cycles until told to stop."""
    engine = Engine()
    log.info("engine started", node=engine.node)
    try:
        while not stop.is_set():
            if not engine.cycle():
                try:
                    engine.sleep()
                except (OperationalError, InterfaceError) as e:
                    log.error("database away", error=repr(e))
                    close_old_connections()
                    stop.wait(POLL_SECONDS)
    finally:
        engine.close()
