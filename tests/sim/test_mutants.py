"""Engines broken on purpose are found out: what this measures is the simulation."""

from __future__ import annotations

import pytest

from quarterdeck.app.paging import deliveries
from quarterdeck.sim.breaking import function
from quarterdeck.sim.directed import DIRECTED
from quarterdeck.sim.hunt import killer
from quarterdeck.sim.memory import Memory
from quarterdeck.sim.mutants import MUTANTS, Mutant
from quarterdeck.sim.world import simulate

FOUND_BY_CHANCE = [m for m in MUTANTS if m.seed is not None]
FOUND_ON_PURPOSE = [m for m in MUTANTS if m.seed is None]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant", FOUND_BY_CHANCE, ids=lambda m: m.name)
def test_a_broken_engine_is_found_out_within_a_hundred_seeds(mutant: Mutant, memory: Memory) -> None:
    assert killer(mutant, memory), mutant.what


@pytest.mark.parametrize("mutant", FOUND_ON_PURPOSE, ids=lambda m: m.name)
def test_what_chance_does_not_find_a_directed_schedule_does(mutant: Mutant, memory: Memory) -> None:
    assert not DIRECTED[mutant.name](memory)
    with mutant.apply():
        assert DIRECTED[mutant.name](memory), mutant.what


def test_a_step_that_fails_without_a_fault_is_found_and_kills_no_mutant(memory: Memory) -> None:
    def failing(*_: object, **__: object) -> int:
        raise ValueError("no such thing")

    torn = Mutant("torn", "It no longer fits.", function(deliveries.release_expired, lambda _: failing))
    with torn.apply():
        (found,) = simulate(0, memory, eager=True).violations
    assert (found.invariant, found.text) == ("step", "step failed: ValueError('no such thing')")
    assert killer(torn, memory, most=1) is None


def test_the_mutants_are_many_and_each_is_another() -> None:
    names = [m.name for m in MUTANTS]
    assert len(set(names)) == len(names) >= 22
    assert {m.name for m in FOUND_ON_PURPOSE} == set(DIRECTED)
