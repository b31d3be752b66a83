"""The engine's clock under jumps, and what other clocks have dated; results that come back while the store is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from quarterdeck.app import due
from quarterdeck.app.health import nodes
from quarterdeck.app.paging import claiming, paging
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.upkeep import dated_ahead
from quarterdeck.channels.outcome import Outcome, Sent
from quarterdeck.core.escalation.policy import Target
from quarterdeck.engine.clock import EngineClock, system_boot
from quarterdeck.engine.loop import Engine
from quarterdeck.engine.sender import Sender
from quarterdeck.store import models, tx
from support.world import START, World

HOUR = timedelta(hours=1)


class Machine:
    """A wall clock and a counter, both moved by hand."""

    def __init__(self) -> None:
        self.at = START
        self.count = 0.0

    def wall(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.count

    def pass_seconds(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.count += seconds


class Threadless:
    """A pool that does at once what it is given."""

    def submit(self, work: object, /, *args: object) -> None:
        work(*args)  # type: ignore[operator]

    def shutdown(self, *, wait: bool, cancel_futures: bool) -> None:
        pass


class AwayOnce:
    """The database takes no commit while `away`."""

    away = False

    def beginning(self) -> None:
        pass

    def committing(self) -> None:
        if self.away:
            raise OperationalError("away")

    def committed(self) -> None:
        pass


class SlowBorder(AwayOnce):
    """Each transaction begins so many seconds after it was asked for."""

    def __init__(self, machine: Machine, seconds: float) -> None:
        self._machine, self._seconds = machine, seconds

    def beginning(self) -> None:
        self._machine.pass_seconds(self._seconds)


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("ana")
    w.person("ben")
    return w


@pytest.fixture
def away() -> Iterator[AwayOnce]:
    tx.faults = AwayOnce()
    yield tx.faults
    tx.faults = None


def test_a_wall_clock_set_back_stops_no_interval() -> None:
    machine = Machine()
    clock = EngineClock(machine.wall, machine.monotonic)
    before = clock.now()
    machine.at -= HOUR
    machine.pass_seconds(100)
    assert timedelta(seconds=97) < clock.now() - before <= timedelta(seconds=100)
    assert clock.jumped is not None and clock.jumped < -timedelta(minutes=59)


def test_a_clock_that_is_ahead_comes_back_to_the_wall() -> None:
    machine = Machine()
    clock = EngineClock(machine.wall, machine.monotonic)
    clock.reach(START + timedelta(seconds=60))
    last = clock.now()
    for _ in range(60):
        machine.pass_seconds(60)
        now = clock.now()
        assert now > last
        last = now
    assert clock.now() == machine.wall()


def test_a_jump_is_told_until_somebody_has_taken_notice() -> None:
    machine = Machine()
    clock = EngineClock(machine.wall, machine.monotonic)
    machine.at += HOUR
    clock.now()
    clock.now()
    assert clock.jumped == HOUR
    clock.jumped = None
    clock.now()
    assert clock.jumped is None


def test_a_clock_a_day_ahead_is_not_believed() -> None:
    machine = Machine()
    clock = EngineClock(machine.wall, machine.monotonic)
    clock.reach(START + timedelta(days=2))
    assert clock.now() == START


def test_a_new_engine_goes_by_the_time_the_others_have_reached(world: World) -> None:
    nodes.beat("engine@other", "engine", START + HOUR)
    machine = Machine()
    engine = Engine(
        EngineClock(machine.wall, machine.monotonic), sender_of(machine, []), "engine@here", chores=()
    )
    engine.run_step(Engine.step_fire)
    assert engine.clock.now() >= START + HOUR


def started(machine: Machine, boot: str, name: str = "engine@here") -> Engine:
    """An engine that has looked after the house once."""
    clock = EngineClock(machine.wall, machine.monotonic, boot)
    engine = Engine(clock, sender_of(machine, []), name, chores=())
    engine.run_step(Engine.step_housekeeping)
    return engine


@pytest.mark.parametrize("name", ["engine@here", "engine@here:2"])
def test_a_wall_clock_set_back_while_no_engine_runs_makes_nothing_late(world: World, name: str) -> None:
    machine = Machine()
    started(machine, "one")
    machine.pass_seconds(170)
    machine.at -= HOUR
    engine = started(machine, "one", name)
    assert engine.clock.now() == START + timedelta(seconds=170)
    assert nodes.newest("engine").heartbeat_at == engine.clock.now()


def test_a_clock_that_is_ahead_goes_on_while_no_engine_runs(world: World) -> None:
    machine = Machine()
    machine.at += HOUR
    started(machine, "one")
    machine.at -= HOUR
    machine.pass_seconds(170)
    assert started(machine, "one").clock.now() == START + HOUR + timedelta(seconds=170)


def test_the_counter_of_another_machine_says_nothing(world: World) -> None:
    one, other = Machine(), Machine()
    started(one, "one", "engine@one")
    other.count, other.at = 5000.0, START - HOUR
    assert started(other, "other", "engine@other").clock.now() == START


def test_a_machine_that_started_anew_counts_from_nothing(world: World) -> None:
    machine = Machine()
    machine.count = 5000.0
    started(machine, "one")
    machine.count, machine.at = 3.0, START - HOUR
    assert started(machine, "two").clock.now() == START


def test_this_machine_says_which_start_of_it_its_counter_is_of() -> None:
    assert system_boot() == system_boot()
    assert Engine(chores=()).clock.boot == system_boot()


def test_what_a_clock_ahead_has_dated_is_done_now(world: World) -> None:
    world.now = START + HOUR
    paging.page(world.act("ana"), [Target("person", world.find("ben").id)], "Help", "Two hands")
    due.arm("escalate", "some run", world.now + timedelta(minutes=5), world.now)
    assert dated_ahead.bring_back(lambda: START) == 2
    assert claiming.next_send() == START
    assert due.next_due() == START + timedelta(minutes=5)
    assert dated_ahead.bring_back(lambda: START) == 0


def test_what_is_brought_back_waits_as_long_as_meant_though_the_transaction_came_late(world: World) -> None:
    machine = Machine()
    due.arm("snooze", "some snooze", START + HOUR + timedelta(minutes=5), START + HOUR)
    tx.faults = SlowBorder(machine, 120)
    try:
        assert dated_ahead.bring_back(machine.wall) == 1
    finally:
        tx.faults = None
    assert due.next_due() == START + timedelta(minutes=7)


def test_what_is_dated_by_a_clock_like_ours_stays(world: World) -> None:
    due.arm("escalate", "some run", START + HOUR, START + timedelta(seconds=2))
    assert dated_ahead.bring_back(lambda: START) == 0


def test_who_is_on_call_is_asked_by_the_wall(world: World) -> None:
    row = world.schedule("shop", "ana", "ben", days=1)
    ahead, wall = START + timedelta(days=1, hours=1), START + timedelta(hours=1)
    (person,) = Directory(ahead, wall).on_call(Target("schedule", row.id)).people
    assert person == world.find("ana").id


def sender_of(machine: Machine, calls: list[str]) -> Sender:
    def send(kind: str, outgoing: object) -> Outcome:
        calls.append(kind)
        return Sent("fake")

    return Sender(send, machine.monotonic, lambda: None, pool=Threadless())


def test_a_result_is_kept_while_the_store_is_away(world: World, away: AwayOnce) -> None:
    machine, calls = Machine(), []
    engine = Engine(
        EngineClock(machine.wall, machine.monotonic), sender_of(machine, calls), "engine@here", chores=()
    )
    paging.page(world.act("ana"), [Target("person", world.find("ben").id)], "Help", "Two hands")
    engine.run_step(Engine.step_send)
    away.away = True
    engine.run_step(Engine.step_results)
    away.away = False
    machine.pass_seconds(3)
    engine.cycle()
    assert [d.state for d in models.Delivery.objects.all()] == ["sent"]
    assert calls == ["email"]


def test_a_claim_that_took_too_long_is_not_sent(world: World) -> None:
    machine, calls = Machine(), []
    sender = sender_of(machine, calls)
    paging.page(world.act("ana"), [Target("person", world.find("ben").id)], "Help", "Two hands")
    asked_at = machine.monotonic()
    claims = claiming.claim(START, "engine@here", 1)
    machine.pass_seconds(6)
    sender.start(claims, asked_at)
    assert [(c.id, o) for c, o in sender.results()] == [(claims[0].id, None)]
    assert calls == []


def test_the_system_clocks_are_aware_and_count_on() -> None:
    clock = EngineClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()
