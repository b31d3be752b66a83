"""The engine: one visible cycle of what is due, then sleep until the next instant or a nudge.

The only place that catches every exception: it records what failed and goes on, because a poisoned row must never
stop the pages behind it.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, transaction

from quarterdeck.app import due, receive, timers, waiting_words
from quarterdeck.app.alerts import alerts, uncovered
from quarterdeck.app.automation import running
from quarterdeck.app.comms import ledger
from quarterdeck.app.health import alarms
from quarterdeck.app.paging import claiming, deliveries, failing, pause
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.upkeep import dated_ahead
from quarterdeck.intake import dialects
from quarterdeck.store import nudge, tx
from quarterdeck.store.journal_reader import JournalReader

from .agreement import Agreement
from .chores import CHORES
from .clock import Clock, EngineClock, system_boot
from .mailer import Mailer
from .outlets import Outlets
from .process import own_name, predecessor, spare_the_collector
from .publish import Publisher
from .sender import Result, Sender

log = structlog.get_logger("engine")
POLL_SECONDS = 1.0
EXPAND_AT_ONCE = 400
FIRE_AT_ONCE = 400
POSTPONE = timedelta(seconds=60)
HOUSEKEEPING = timedelta(seconds=5)
# What rules may take of one cycle: paging comes first, always.
RULES_AT_ONCE, RULES_SECONDS = 5, 0.25
# How often it is asked whether rules or messages to many wait; a cycle of paging does not pay for them.
LOOK = timedelta(seconds=0.5)


class Engine:
    """One engine process. Every step does a bounded amount and says whether there is more to do at once.

    A simulation brings its own clock and sender, and nothing to write files with (`chores`).
    """

    def __init__(
        self,
        clock: Clock | None = None,
        sender: Sender | None = None,
        node: str = "",
        chores: Sequence[Callable[[datetime], object]] = CHORES,
        lost: str = "",
    ) -> None:
        """`lost` is the node this one follows, known to be dead."""
        self.clock = clock or EngineClock(boot=system_boot())
        self.node = node or own_name()
        self.reader = JournalReader()
        self.dialects = dialects()
        self.sender = sender or Sender(Outlets().send, self.clock.monotonic, self._wake)
        self.agreement = Agreement(self.clock, self.node, self.sender)
        self.publisher = Publisher(self.clock.now, self.node)
        self.mailer = Mailer(self.clock.now, self.node)
        self._chores = chores
        self._unrecorded: list[Result] = []
        self._slow: list[due.Timer] = []
        self._lost = lost
        self._fails: set[str] | None = None
        self._next_housekeeping = self.clock.now()
        self._next_chores = self.clock.now()
        self._next_rules = self._next_mail = self.clock.now()

    def _wake(self) -> None:
        nudge.nudge("engine")

    def step_expand(self, now: datetime) -> bool:
        if not self.reader.waiting():
            return False
        try:
            return receive.expand(self.reader, self.dialects, now, EXPAND_AT_ONCE) > 0
        except (OperationalError, InterfaceError):
            raise
        except Exception as e:
            log.error("bodies are expanded one by one", error=repr(e), exc_info=True)
            return self._expand_one_by_one(now)

    def _expand_one_by_one(self, now: datetime) -> bool:
        """A body whose effect cannot be written is set aside, with an alarm: those behind it must not wait for it."""
        for _ in range(EXPAND_AT_ONCE):
            try:
                if not receive.expand(self.reader, self.dialects, now, 1):
                    break
            except (OperationalError, InterfaceError):
                raise
            except Exception as e:
                log.error("a body is set aside", error=repr(e), exc_info=True)
                receive.set_aside(self.reader, repr(e), now)
        return True

    def step_results(self, now: datetime) -> bool:
        """What came back stays here until it is written down: a result that is lost is a page sent twice."""
        self._unrecorded += self.sender.results()
        try:
            deliveries.record_all(self._unrecorded, self.node, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            self._record_one_by_one(now)
            raise
        self._unrecorded = []
        return False

    def _record_one_by_one(self, now: datetime) -> None:
        """One of them cannot be written: the others are, and that one is left to its lease."""
        waiting, self._unrecorded = self._unrecorded, []
        for result in waiting:
            try:
                deliveries.record_all([result], self.node, now)
            except (OperationalError, InterfaceError):
                self._unrecorded.append(result)
            except Exception as e:
                log.error("result lost", delivery=result[0].id, error=repr(e), exc_info=True)

    def step_fire(self, now: datetime) -> bool:
        self._slow = []
        first = due.next_due()
        if first is None or first > now or pause.standing():
            return False
        with tx.write("web"):
            # Asked anew: getting here may have taken long, and every wait counts from the real firing.
            now = self.clock.now()
            rows = due.take(now, FIRE_AT_ONCE)
            self._slow = [row for row in rows if row.kind in timers.SLOW]
            directory = Directory(now, self.clock.wall())
            done = self._fire_together(timers.together(rows), directory)
            for row in rows:
                if row.id not in done and row.kind not in timers.SLOW:
                    self._fire_one(row, directory)
        return len(rows) == FIRE_AT_ONCE

    def step_fire_slow(self, now: datetime) -> bool:
        """One of those that take long, after what is to be sent, in a transaction of its own: no page waits for it."""
        if not self._slow:
            return False
        slow = self._slow.pop(0)
        self._prepare(slow)
        with tx.write("web"):
            row = due.take_again(slow)
            if row is not None:
                self._fire_one(row, Directory(self.clock.now(), self.clock.wall()))
        return bool(self._slow)

    def _prepare(self, row: due.Timer) -> None:
        """What cannot be read now is read when the timer is fired, which says so where it fails again."""
        try:
            timers.prepare(row, Directory(self.clock.now(), self.clock.wall()))
        except (OperationalError, InterfaceError):
            raise
        except Exception as e:
            log.error("timer not prepared", kind=row.kind, ref=row.ref, error=repr(e), exc_info=True)

    def _fire_together(self, rows: Sequence[due.Timer], directory: Directory) -> set[str]:
        """Fire many timers of one kind as one; the ids of those fired: all, or none when one of them cannot be."""
        try:
            with transaction.atomic():
                timers.fire_together(rows, directory)
                due.finish_all(rows, directory.now)
        except tx.Busy:
            return set()
        except (OperationalError, InterfaceError):
            raise
        except Exception as e:
            log.error("timers are fired one by one", error=repr(e), exc_info=True)
            return set()
        return {row.id for row in rows}

    def _fire_one(self, row: due.Timer, directory: Directory) -> None:
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
                "timer",
                row.id,
                f"One of the {waiting_words.words(row.kind)} failed and is tried again in a minute, until it "
                "succeeds. The log of the engine says at this time what went wrong; report it with those lines.",
                now,
            )

    def step_send(self, now: datetime) -> bool:
        free = self.sender.free
        if free <= 0:
            return False
        first = self._next_send()
        if first is None or first > now or pause.standing():
            return False
        asked_at = self.clock.monotonic()
        claims = claiming.claim(now, self.node, free, self.sender.free_for_messages, self.sender.room)
        self.sender.start(claims, asked_at)
        return len(claims) == free and self.sender.free > 0

    def _next_send(self) -> datetime | None:
        """When something can go out that there is a worker for."""
        if self.sender.free <= 0:
            return None
        return claiming.next_send(messages=self.sender.free_for_messages > 0, room=self.sender.room)

    def step_automate(self, now: datetime) -> bool:
        """A few runs of rules, each by itself; one that breaks is put behind the others."""
        if now < self._next_rules:
            return False
        begun = self.clock.monotonic()
        for _ in range(RULES_AT_ONCE):
            run_id = running.first(now)
            if not run_id or pause.standing():
                self._next_rules = now + LOOK
                return False
            try:
                running.carry_out(run_id, now)
            except (OperationalError, InterfaceError):
                raise
            except Exception as e:
                log.error("a rule broke", run=run_id, error=repr(e), exc_info=True)
                running.broke(run_id, repr(e), now)
            if self.clock.monotonic() - begun > RULES_SECONDS:
                break
        return True

    def step_publish(self, now: datetime) -> bool:
        self.publisher.look(now)
        return False

    def step_mail(self, now: datetime) -> bool:
        if now >= self._next_mail:
            self._next_mail = now + LOOK
            self.mailer.look()
        return False

    def step_housekeeping(self, now: datetime) -> bool:
        if now < self._next_housekeeping:
            return False
        self.agree_on_time(now)
        self._next_housekeeping = now + HOUSEKEEPING
        self._say_who_fails(now)
        if self._lost:
            deliveries.release_of(self._lost, now)
            ledger.release_of(self._lost, now)
            self._lost = ""
        deliveries.release_expired(now)
        ledger.release_expired(now)
        dated_ahead.bring_back(self.clock.now)
        # Sources and people date by the wall, not by a clock that a jump has left ahead.
        wall = self.clock.wall()
        alerts.expire_alerts(wall)
        alerts.end_silences(wall)
        uncovered.cover(wall)
        if now >= self._next_chores:
            self._next_chores = now + timedelta(seconds=60)
            for chore in self._chores:
                self._do_chore(chore, now)
        return False

    def _say_who_fails(self, now: datetime) -> None:
        """Once at the start, too: what the process before this one said may be over."""
        fails = self.sender.breaker.open()
        if fails.keys() != self._fails:
            failing.say(socket.gethostname(), fails, now)
            self._fails = set(fails)

    def _do_chore(self, chore: Callable[[datetime], object], now: datetime) -> None:
        try:
            chore(now)
        except Exception as e:
            log.error("chore failed", chore=getattr(chore, "__name__", ""), error=repr(e), exc_info=True)
            close_old_connections()

    def agree_on_time(self, now: datetime) -> None:
        self.agreement.reach(now)

    CYCLE: tuple[Callable[[Engine, datetime], bool], ...] = (
        step_expand,
        step_results,
        step_fire,
        step_send,
        step_fire_slow,
        step_automate,
        step_publish,
        step_mail,
        step_housekeeping,
    )

    def cycle(self) -> bool:
        """Every step once; True when some step has more to do at once."""
        return any([self.run_step(step) for step in self.CYCLE])

    def run_step(self, step: Callable[[Engine, datetime], bool]) -> bool:
        """One step; whatever it raises is written down, and the next step runs all the same."""
        try:
            now = self.clock.now()
            if self.clock.jumped is not None or not self.agreement.reached:
                self.agree_on_time(now)
                now = self.clock.now()
            return step(self, now)
        except Exception as e:
            log.error("step failed", step=step.__name__, error=repr(e), exc_info=True)
            close_old_connections()
            if isinstance(e, OperationalError | InterfaceError):
                self.reader.close()
        return False

    def wait_seconds(self) -> float:
        """How long nothing is due; at most the poll."""
        now = self.clock.now()
        rules = running.next_due()
        rules = rules and max(rules, self._next_rules)
        wanted = [at for at in (due.next_due(), self._next_send(), rules) if at is not None]
        wait = min((max((at - now).total_seconds(), 0.0) for at in wanted), default=POLL_SECONDS)
        return POLL_SECONDS if wait >= POLL_SECONDS or pause.standing() else wait

    def close(self) -> None:
        self.mailer.close()
        self.publisher.close()
        self.sender.stop()
        self.step_results(self.clock.now())


def run(stop: threading.Event) -> None:
    """Run cycles until told to stop."""
    spare_the_collector()
    engine, ears = Engine(lost=predecessor()), nudge.Ears("engine")
    log.info("engine started", node=engine.node)
    try:
        while not stop.is_set():
            if not engine.cycle():
                try:
                    ears.wait(engine.wait_seconds())
                except (OperationalError, InterfaceError) as e:
                    log.error("database away", error=repr(e))
                    close_old_connections()
                    stop.wait(POLL_SECONDS)
    finally:
        engine.close()
        ears.close()
