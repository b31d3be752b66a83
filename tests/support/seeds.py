"""Seeds to simulate, in the batches that tests run, and what they say when one breaks something."""

from __future__ import annotations

import os
from collections.abc import Iterable

from quarterdeck.sim.faults import CLASSES
from quarterdeck.sim.memory import Memory
from quarterdeck.sim.world import simulate

BATCH = 25
BATCHES = 40 if os.environ.get("QUARTERDECK_SOAK") else 12


def batch(n: int) -> range:
    return range(n * BATCH, (n + 1) * BATCH)


def broken(seeds: Iterable[int], memory: Memory) -> list[str]:
    """Every violation, with the command that shows it again; and whether most kinds of faults have happened at all."""
    found = []
    seen: set[str] = set()
    for seed in seeds:
        result = simulate(seed, memory)
        seen |= set(result.counts)
        for v in result.violations:
            found.append(f"{v.invariant}: {v.text} (python -m quarterdeck.sim --seed {seed} --shrink)")
    if len(seen) < len(CLASSES) - 3:
        found.append(f"these never happened: {sorted(set(CLASSES) - seen)}")
    return found
