"""Looking for a seed that finds a mutant out."""

from __future__ import annotations

from collections.abc import Iterable

from .memory import Memory
from .mutants import Mutant
from .unforeseen import STEP
from .world import simulate


def seeds(mutant: Mutant, most: int) -> Iterable[int]:
    """The seed known to find it out, then the others."""
    if mutant.seed is not None:
        yield mutant.seed
        yield from (seed for seed in range(most) if seed != mutant.seed)


def killer(mutant: Mutant, memory: Memory, most: int = 100) -> tuple[int, str] | None:
    """The first seed that finds it out and the invariant it breaks; None when none of so many does.

    One that no longer fits the product only fails, and that says nothing: it does not count as found out.
    """
    for seed in seeds(mutant, most):
        with mutant.apply():
            result = simulate(seed, memory, eager=True)
        if result.violations and result.violations[0].invariant != STEP:
            return seed, str(result.violations[0])
    return None
