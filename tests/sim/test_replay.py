"""A seed is a whole run: the same again here and in another process, and smaller where it breaks something."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quarterdeck.sim.memory import Memory
from quarterdeck.sim.mutants import MUTANTS
from quarterdeck.sim.shrink import shrink
from quarterdeck.sim.world import simulate

SOURCE = Path(__file__).resolve().parents[2] / "src"
SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
SEEDS = (3, 21, 28)
# Each is another process, which makes a store of its own first.
ELSEWHERE = SEEDS if SOAK else SEEDS[1:2]


def again(seed: int, hash_seed: str, *more: str) -> str:
    """What the command says about a seed."""
    told = subprocess.run(
        [sys.executable, "-m", "quarterdeck.sim", "--seed", str(seed), *more],
        env=os.environ | {"PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return told.stdout


def test_a_seed_gives_the_same_trace_twice(memory: Memory) -> None:
    for seed in SEEDS if SOAK else SEEDS[:2]:
        first, second = simulate(seed, memory), simulate(seed, memory)
        assert first.trace == second.trace
        assert len(first.trace) > 20


@pytest.mark.timeout(900)
def test_a_seed_gives_the_same_trace_in_another_process(memory: Memory) -> None:
    for hash_seed, seed in enumerate(ELSEWHERE, 1):
        assert simulate(seed, memory).hash[:16] in again(seed, str(hash_seed))


def test_seeds_differ_in_what_goes_wrong(memory: Memory) -> None:
    happened = [simulate(seed, memory) for seed in range(30, 36 if SOAK else 34)]
    assert len({r.hash for r in happened}) == len(happened)
    assert len({frozenset(r.counts) for r in happened}) > 1


def test_a_run_without_its_faults_has_none(memory: Memory) -> None:
    assert simulate(SEEDS[0], memory, ["none"]).injected == []
    some = simulate(SEEDS[0], memory, ["kill-idle"])
    assert set(some.counts) <= {"kill-idle"}


def test_the_faults_of_a_run_can_be_asked_for_one_by_one(memory: Memory) -> None:
    whole = simulate(SEEDS[1], memory)
    assert simulate(SEEDS[1], memory, whole.injected).trace == whole.trace


def test_a_run_that_breaks_something_is_made_smaller(memory: Memory) -> None:
    mutant = next(m for m in MUTANTS if m.name == "two transactions")
    assert mutant.seed is not None
    with mutant.apply():
        whole = simulate(mutant.seed, memory)
        least = shrink(mutant.seed, memory)
    assert least.violations
    assert len(least.injected) < len(whole.injected) / 2
