"""The borders of transactions: who acts there, who may come in between, and which faults are let in.

It takes the place of `store.tx.faults`, between the product and the store.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import OperationalError

from .actors import Actor, Killed
from .nodes import EngineNode
from .passing import Deed

if TYPE_CHECKING:
    from .world import World

DEEPEST = 3


class Doing(NamedTuple):
    """Who acts, and which alert or callout they answer or what else they do to one."""

    actor: Actor | None = None
    answering: str = ""
    deed: Deed | None = None


class Borders:
    def __init__(self, world: World) -> None:
        self._world = world
        self._doing = Doing()
        self._depth = 0

    # -- who acts

    def act(
        self, actor: Actor, work: Callable[[], None], answering: str = "", deed: Deed | None = None
    ) -> None:
        """Let `actor` do something; others may come in between. Ends early when its process is killed."""
        before, self._doing = self._doing, Doing(actor, answering, deed)
        actor.acting = True
        try:
            work()
            killed = actor.doomed
        except Killed:
            killed = True
        finally:
            actor.acting = False
            self._doing = before
        if killed:
            actor.doomed = False
            actor.end()

    def unseen(self, work: Callable[[], object]) -> None:
        """Do something to the store that no fault can touch."""
        before, self._doing = self._doing, Doing()
        try:
            work()
        finally:
            self._doing = before

    # -- what the product calls (store.tx.Faults)

    def beginning(self) -> None:
        actor = self._doing.actor
        if actor is None:
            return
        self._others(actor)
        if self._world.faults.hit("kill"):
            self._cost(1.0)
            raise Killed
        if self._world.faults.hit("away"):
            self._cost(2.0)
            raise OperationalError("the database is away")

    def committing(self) -> None:
        if self._doing.actor is None:
            return
        if self._world.disk_full:
            raise OperationalError("database or disk is full")
        if self._world.faults.hit("abort"):
            self._cost(2.0)
            raise OperationalError("rolled back")

    def committed(self) -> None:
        world, (actor, answering, deed) = self._world, self._doing
        if actor is None:
            return
        world.note(actor.name, "commits")
        if isinstance(actor, EngineNode):
            ahead = (actor.now() - world.schedule.moment()).total_seconds()
            world.ledger.ahead.seen(world.schedule.now, actor.boot, ahead)
        world.ledger.committed(world.schedule.now, actor, answering, deed)
        world.changed()
        if world.faults.hit("lost"):
            self._cost(2.0)
            raise OperationalError("the connection was lost in COMMIT")
        self._others(actor)
        if world.faults.hit("kill"):
            self._cost(1.0)
            raise Killed

    def _cost(self, seconds: float) -> None:
        self._world.capacity.debit(self._world.schedule.now, seconds)

    def _others(self, actor: Actor) -> None:
        """Let others run while this one waits for its transaction, or stands still."""
        if self._depth >= DEEPEST:
            return
        if dice := self._world.faults.hit("stop"):
            self._wait(actor, dice.choice((dice.uniform(0.1, 6), dice.uniform(6, 200))), held=True)
        elif self._world.dice.random() < 0.15:
            self._wait(
                actor, self._world.dice.choice((0.01, 0.3, 2.0)) * self._world.dice.random(), held=False
            )

    def _wait(self, actor: Actor, seconds: float, held: bool) -> None:
        world, before, self._doing = self._world, self._doing, Doing()
        if held and isinstance(actor, EngineNode):
            actor.has_beaten()
        actor.held, actor.waiting = held, True
        if held:
            world.note(actor.name, f"stops for {seconds:.1f} s")
        world.capacity_changed()
        self._depth += 1
        try:
            world.schedule.run_until(world.schedule.now + seconds)
        finally:
            self._depth -= 1
            self._doing = before
            actor.held = actor.waiting = False
            world.capacity_changed()
        if held and isinstance(actor, EngineNode):
            actor.go_on()
        if actor.doomed:
            raise Killed

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Every statement of the product comes by here."""
        actor = self._doing.actor
        if actor is not None and not sql.startswith(("PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            if self._world.schedule.now < max(self._world.outage_until, actor.cut_off):
                raise OperationalError("the database is away")
            if self._world.faults.hit("kill-inside"):
                self._cost(1.0)
                raise Killed
        return execute(sql, params, many, context)
