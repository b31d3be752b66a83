"""Faults that come at times of their own: outages, full disks, partitions, clocks that jump, nodes that die or stop."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .world import World


def plan(world: World) -> None:
    """Put the timed faults this seed has drawn into the schedule, near the times when something happens."""
    for name, happen in _KINDS.items():
        for n, dice in enumerate(world.faults.timed(name)):
            at = max(dice.choice(world.busy) + dice.uniform(-20, 900), 1.0)
            world.schedule.at(at, partial(_cause, world, name, n, happen, dice))


def _cause(
    world: World, name: str, n: int, happen: Callable[[World, random.Random], str], dice: random.Random
) -> None:
    if world.faults.cause(name, n):
        for node in world.nodes:
            node.has_beaten()
        world.note("fault", name, happen(world, dice))


def _until(world: World, seconds: float) -> float:
    """The instant so many seconds from now; capacity is looked at again then."""
    end = world.schedule.now + seconds

    def over() -> None:
        world.capacity_changed()
        _poll(world, 1.0)

    world.schedule.at(end, over)
    return end


def _poll(world: World, within: float) -> None:
    """Every node looks within so many seconds, as it always does. (Looking in vain is left out of a simulation.)"""
    for node in world.nodes:
        world.schedule.after(world.dice.uniform(0, within), node.wake)


def _outage(world: World, dice: random.Random) -> str:
    world.outage_until = max(world.outage_until, _until(world, dice.uniform(1, 120)))
    world.capacity_changed()
    return "the database is away"


def _disk(world: World, dice: random.Random) -> str:
    world.disk_until = max(world.disk_until, _until(world, dice.uniform(5, 180)))
    world.capacity_changed()
    return "the disk is full"


def _partition(world: World, dice: random.Random) -> str:
    who = dice.choice([*world.nodes, *world.webs])
    who.cut_off = max(who.cut_off, _until(world, dice.uniform(5, 240)))
    world.capacity_changed()
    return who.name


def _clock(world: World, dice: random.Random) -> str:
    who = dice.choice([*world.nodes, *world.webs])
    by = dice.choice((3600.0, -3600.0, 5.5, -5.5, 600.0, -600.0))
    who.machine.offset += by
    # The node notices with its next poll, the others with the housekeeping after it.
    _poll(world, 1.0)
    world.schedule.after(1.0, lambda: _poll(world, 5.0))
    return f"{who.name} {by:+.0f} s"


def _drift(world: World, dice: random.Random) -> str:
    who = dice.choice([*world.nodes, *world.webs])
    before = world.schedule.now * who.machine.drift
    who.machine.drift = dice.uniform(-3e-4, 3e-4)
    # The wall goes on from where it is, faster or slower.
    who.machine.offset += before - world.schedule.now * who.machine.drift
    return who.name


def _kill(world: World, dice: random.Random) -> str:
    who = dice.choice(world.nodes)
    who.kill()
    world.capacity.debit(world.schedule.now, 1.0)
    return who.name


def _stop(world: World, dice: random.Random) -> str:
    who = dice.choice(world.nodes)
    seconds = dice.choice((dice.uniform(1, 30), dice.uniform(30, 600)))
    who.hold(seconds)
    return f"{who.name} for {seconds:.1f} s"


_KINDS: dict[str, Callable[[World, random.Random], str]] = {
    "outage": _outage,
    "disk": _disk,
    "partition": _partition,
    "clock": _clock,
    "drift": _drift,
    "kill-idle": _kill,
    "stop-idle": _stop,
}
