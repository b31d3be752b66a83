"""Schedules made on purpose, for what chance hides: another guard would have to fail at the same moment to show it.

Each returns what it found broken, nothing when all is well.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from quarterdeck.app import due
from quarterdeck.app.act import act_of
from quarterdeck.app.paging import claiming, deliveries, escalations, paging
from quarterdeck.app.paging.escalations import Subject
from quarterdeck.channels.outcome import Retry
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.kernel.moments import micros
from quarterdeck.engine.clock import EngineClock
from quarterdeck.engine.loop import Engine
from quarterdeck.engine.sender import Sender
from quarterdeck.store import tx

from . import company, directed_answers
from .actors import MachineClock
from .made_borders import SlowBorder
from .memory import Memory, seeded
from .schedule import START, Schedule


@contextmanager
def _paged(memory: Memory) -> Iterator[None]:
    """A company in which somebody has just been paged by hand."""
    with seeded(memory.journal, lambda: micros(START) * 1000, "directed"):
        found = memory.begin("directed", lambda: company.found(0, START))
        who, whom = found.people[:2]
        paging.page(
            act_of(who, "responder", START), [Target("person", whom)], "Help", "Two hands are not enough"
        )
        yield


def stale_worker(memory: Memory) -> list[str]:
    """A worker stalls past its lease, another one has the page now, and then the first says that it failed.

    The other one's claim must stand: otherwise a third gets the page while the second is sending it.
    """
    with _paged(memory):
        (first,) = claiming.claim(START, "first", 1)
        later = START + timedelta(seconds=40)
        deliveries.release_expired(later)
        held = {claim.id for claim in claiming.claim(later, "second", 10)}
        deliveries.record_all([(first, Retry("503"))], "first", later + timedelta(seconds=1))
        third = {claim.id for claim in claiming.claim(later + timedelta(seconds=20), "third", 10)}
        return [f"a page that was being sent was claimed once more: {i}" for i in held & third]


def out_of_date(memory: Memory) -> list[str]:
    """The engine comes back after more than a day: what nobody waits for any more is not sent."""
    with _paged(memory):
        late = claiming.claim(START + timedelta(hours=25), "engine", 10)
        return [f"a page was claimed after its time: {claim.id}" for claim in late]


def slow_transaction(memory: Memory) -> list[str]:
    """An engine waits long for its transaction. The wait of the next step counts from when it called somebody."""
    schedule = Schedule(random.Random("directed"))
    machine = MachineClock(schedule)
    with _paged(memory):
        policy = Policy(
            "p", "P", (Step((Target("team", "nobody"),)), Step((Target("person", _anybody(memory)),))) * 2
        )
        with tx.write():
            escalations.start(policy, Subject("Checkout is down"), START)
        sender = Sender(lambda kind, outgoing: Retry("503"), machine.monotonic, lambda: None, pool=_NoPool())
        engine = Engine(EngineClock(machine.wall, machine.monotonic), sender, "engine", chores=())
        tx.faults = SlowBorder(schedule)
        try:
            engine.run_step(Engine.step_fire)
        finally:
            tx.faults = None
        next_at = due.next_due()
    early = next_at is None or next_at < schedule.moment() + policy.steps[1].wait - timedelta(seconds=1)
    return [f"it is {schedule.moment()}, and the next step comes at {next_at}"] if early else []


def set_back_between(memory: Memory) -> list[str]:
    """The only engine is gone for a minute; meanwhile its wall clock is set back by ten. Nothing is late by that."""
    schedule = Schedule(random.Random("directed"))
    machine = MachineClock(schedule)
    with _paged(memory):
        for life in range(2):
            sender = Sender(
                lambda kind, outgoing: Retry("503"), machine.monotonic, lambda: None, pool=_NoPool()
            )
            clock = EngineClock(machine.wall, machine.monotonic, "machine")
            engine = Engine(clock, sender, f"engine.{life}", chores=())
            engine.run_step(Engine.step_housekeeping)
            if life == 0:
                schedule.run_until(60)
                machine.offset -= 600
        behind = (schedule.moment() - engine.clock.now()).total_seconds()
    return [f"whatever was to be done by now comes {behind:.0f} s late"] if behind > 1 else []


def _anybody(memory: Memory) -> str:
    return str(memory.read("SELECT min(id) FROM person")[0][0])


class _NoPool:
    def submit(self, work: Callable[..., None], /, *args: object) -> None:
        """Nothing is sent."""

    def shutdown(self, *, wait: bool, cancel_futures: bool) -> None:
        """There is nothing to stop."""


# By the name of the mutant that each finds out.
DIRECTED: dict[str, Callable[[Memory], list[str]]] = {
    "no fence": stale_worker,
    "too late is sent": out_of_date,
    "one time a step": slow_transaction,
    "begins anew": set_back_between,
    "stands still": set_back_between,
    "brought back to then": directed_answers.stands_while_bringing_back,
    "answered before it was paged": directed_answers.answered_before,
    "passed on and lost": directed_answers.dies_while_passing_on,
}
