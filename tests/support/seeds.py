"""Seeds to simulate, in the batches that tests run, and what they say when one breaks something."""

from __future__ import annotations

import os
from collections.abc import Iterable

from quarterdeck.sim.memory import Memory
from quarterdeck.sim.world import simulate

BATCH = 25
# `make soak` runs many times as many.
BATCHES = 20 if not os.environ.get("QUARTERDECK_SOAK") else 400


def batch(n: int) -> range:
    return range(n * BATCH, (n + 1) * BATCH)


def broken(seeds: Iterable[int], memory: Memory) -> list[str]:
    """Every violation, with the command that shows it again."""
    found = []
    for seed in seeds:
        result = simulate(seed, memory)
        for v in result.violations:
            found.append(f"{v.invariant}: {v.text} (python -m quarterdeck.sim --seed {seed} --shrink)")
    return found
