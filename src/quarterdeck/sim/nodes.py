"""Engine nodes: the product's `Engine`, one step at a time, with the machine's clocks and a sender in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from quarterdeck.app.health import nodes
from quarterdeck.core.kernel.moments import micros
from quarterdeck.engine.clock import EngineClock
from quarterdeck.engine.loop import Engine

from .actors import Actor, MachineClock
from .provider import SimulatedSender
from .schedule import Task

if TYPE_CHECKING:
    from .world import World

# Rendering status pages and reports has its own tests; everything else of a cycle runs.
_LEFT_OUT = (Engine.step_publish, Engine.step_fire_slow)
STEPS = tuple(step.__name__ for step in Engine.CYCLE if step not in _LEFT_OUT)
POLL = 1.0
# How often a step runs though there is nothing for it to do.
VAINLY = 0.05
KEPT = 0.1
_TIMER = "SELECT 1 FROM due WHERE state = 'waiting' AND due_at <= ? LIMIT 1"
_PAGE = "SELECT 1 FROM delivery WHERE state = 'queued' AND next_at <= ? LIMIT 1"
_LEASE = "SELECT 1 FROM delivery WHERE state = 'sending' AND lease_until < ? LIMIT 1"
_AHEAD = """SELECT 1 FROM delivery WHERE state = 'queued' AND created_at > ?1
 UNION ALL SELECT 1 FROM due WHERE state = 'waiting' AND created_at > ?1 LIMIT 1"""
HOUSEKEEPING = 5.0


class EngineNode(Actor):
    """A machine on which an engine runs, is killed and started again under a new name."""

    def __init__(self, world: World, place: int) -> None:
        super().__init__(f"engine-{place}", MachineClock(world.schedule))
        self.world = world
        self._place = place
        self.boot = f"machine-{place}"
        self._lives = 0
        self._waiting: list[Callable[[], None]] = []
        self._wake: Task | None = None
        self._wake_at = 0.0
        self._seen = -1
        self._kept = 0.0
        self._agreed = 0.0
        self._young = True
        self.sender: SimulatedSender | None = None
        self.engine: Engine | None = None

    @property
    def able(self) -> bool:
        """Whether it could do what is due."""
        stands = self.held or self.waiting
        return self.engine is not None and not stands and self.cut_off <= self.world.schedule.now

    def now(self) -> datetime:
        return self.engine.clock.now() if self.engine is not None else self.machine.wall()

    def start(self) -> None:
        self._lives += 1
        self._young = True
        self.name, self.doomed = f"engine-{self._place}.{self._lives}", False
        clock = EngineClock(self.machine.wall, self.machine.monotonic, self.boot)
        self.sender = SimulatedSender(self, self.machine.monotonic)
        self.engine = Engine(clock, self.sender, self.name, chores=())
        self.world.capacity_changed()
        self.world.note(self.name, "starts")
        self._run_from(0, False)

    def has_beaten(self) -> None:
        """Before it falls silent: its last heartbeat is five seconds old at most, though most looks are left out."""
        ahead = self.engine is not None and self.now() > self.machine.wall() + timedelta(seconds=1)
        if ahead and self.able and not self.world.is_away:
            ago = self.world.dice.uniform(0, HOUSEKEEPING)
            beaten, counter = self.now() - timedelta(seconds=ago), self.machine.monotonic() - ago
            self.world.borders.unseen(
                lambda: nodes.beat(self.name, "engine", beaten, boot=self.boot, counter_seconds=counter)
            )

    def end(self) -> None:
        """Killed. What was on its way to a provider arrives all the same; what came back is lost."""
        if self.engine is None:
            return
        self.has_beaten()
        self.world.note(self.name, "is killed")
        self.engine = self.sender = None
        self.held = self.acting = False
        self._waiting = []
        self.world.capacity_changed()
        self.world.schedule.after(self.world.dice.uniform(0.5, 20), self.start)

    def kill(self) -> None:
        """From outside, at any moment: while it waits for its transaction, it ends when that would go on."""
        if self.acting:
            self.doomed = True
        elif self.engine is not None:
            self.end()

    def hold(self, seconds: float) -> None:
        """Stopped from outside while it waits."""
        if self.acting or self.held or self.engine is None:
            return
        self.has_beaten()
        self.held = True
        self.world.capacity_changed()
        self.world.schedule.after(seconds, self.go_on)

    def go_on(self) -> None:
        self.held = False
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            work()
        self.world.capacity_changed()
        self.wake()

    def when_going_on(self, work: Callable[[], None]) -> None:
        self._waiting.append(work)

    # -- cycles

    def _run_from(self, n: int, more: bool) -> None:
        """One step, then the next one a moment later; others may come in between."""
        engine = self.engine
        if engine is None or engine is not self.engine:
            return
        if self.held:
            self.when_going_on(partial(self._run_from, n, more))
            return
        self._off()
        if n == 0:
            self._seen = self.world.changes
        if self._is_wanted(STEPS[n]) or self.world.dice.random() < VAINLY:
            made: list[bool] = []
            step = getattr(Engine, STEPS[n])
            self.world.borders.act(self, lambda: made.append(engine.run_step(step)))
            if self.engine is not engine:
                return
            more = more or bool(made and made[0])
        if n + 1 < len(STEPS):
            self._next(
                0.0 if self.world.dice.random() < 0.7 else self.world.dice.uniform(0, 0.05), n + 1, more
            )
            return
        self._young = False
        if more:
            self._next(0.0, 0, False)
        else:
            self._wake_at = float("inf")
            self.world.changed(plan_only=True)

    def _is_wanted(self, step: str) -> bool:
        """Whether a step would find anything to do. Most of those that would not are left out: they change nothing."""
        read, now = self.world.memory.read, micros(self.now())
        match step:
            case "step_expand":
                return self.world.waiting_bodies()
            case "step_fire":
                return bool(read(_TIMER, now))
            case "step_send":
                return bool(read(_PAGE, now))
            case "step_housekeeping":
                often = (
                    self.world.dice.random() < KEPT and self.world.schedule.now > self._kept + HOUSEKEEPING
                )
                wanted = (
                    often or self._young or bool(read(_LEASE, now)) or bool(read(_AHEAD, now + 5_000_000))
                )
                if wanted:
                    self._kept = self.world.schedule.now
                return wanted or self.world.clocks_differ()
        return True

    def _next(self, delay: float, n: int, more: bool) -> None:
        engine = self.engine

        def step() -> None:
            if self.engine is engine:
                self._run_from(n, more)

        self._wake_at = -1.0
        self._wake = self.world.schedule.after(delay, step)

    def _off(self) -> None:
        if self._wake is not None:
            self._wake.off = True
            self._wake = None

    @property
    def idle(self) -> bool:
        return self.engine is not None and not self.acting and not self.held and self._wake_at >= 0

    def wake(self) -> None:
        """Begin a cycle soon (a result came back, a nudge)."""
        if self.idle:
            self._plan(self.world.schedule.now + 0.001)

    def keep_house(self) -> None:
        """Its housekeeping is due."""
        self._young = True
        self.wake()

    def plan(self, due_in: float) -> None:
        """Wake for what is due in so many seconds of this node's clock, at once or with the next poll."""
        if not self.idle:
            return
        now = self.world.schedule.now
        if due_in <= 0 and self._seen == self.world.changes:
            due_in = self._poll()  # it has just looked, and could do nothing
        elif due_in <= 0 and self.world.faults.hit("nudge"):
            due_in = self.world.dice.uniform(0.1, POLL)
        self._plan(now + max(due_in, 0.0) + 0.001)

    def _poll(self) -> float:
        """Until the next look in vain; while the store is away, most of them are left out."""
        now = self.world.schedule.now
        back = max(self.world.outage_until, self.world.disk_until, self.cut_off) - now
        return POLL if back <= POLL else min(back + POLL, self.world.dice.uniform(5, 40))

    def _plan(self, when: float) -> None:
        if when >= self._wake_at:
            return
        self._off()
        self._wake_at = when
        engine = self.engine

        def begin() -> None:
            if self.engine is engine and not self.acting:
                self._keep_house()
                self._wake_at = -1.0
                self._run_from(0, False)

        self._wake = self.world.schedule.at(when, begin)

    def _keep_house(self) -> None:
        """Looking in vain every second is left out, but not that engines agree on the time every five: now is when."""
        if self.world.schedule.now < self._agreed + HOUSEKEEPING or not self.world.clocks_differ():
            return
        standing = [n for n in self.world.nodes if n.able and n.idle]
        for node in sorted(standing, key=lambda n: n.now(), reverse=True):
            engine = node.engine
            node._agreed = self.world.schedule.now
            if engine is not None:
                self.world.borders.act(node, partial(engine.run_step, Engine.agree_on_time))
