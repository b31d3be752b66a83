"""From a run that broke something to the fewest faults that break it: whole classes first, then single injections."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .memory import Memory
from .world import Result, simulate

MOST_RUNS = 150


def shrink(seed: int, memory: Memory, say: Callable[[str], None] = lambda _: None) -> Result:
    """The smallest run found that breaks an invariant the whole run breaks, too.

    Taking a fault away changes what comes after it, so this is a search and no proof that less would not do. Each try
    ends with the first invariant it breaks: the faults after that are not needed.
    """
    whole = simulate(seed, memory)
    wanted = {v.invariant for v in whole.violations}
    search = _Search(seed, memory, wanted)
    keep = list(whole.injected)
    for name in dict.fromkeys(label.partition(":")[0] for label in whole.injected):
        fewer = [label for label in keep if label.partition(":")[0] != name]
        if search.still_breaks(fewer):
            keep = search.injected
            say(f"without {name}: still broken, {len(keep)} faults left")
    size = max(len(keep) // 2, 1)
    while keep and search.runs < MOST_RUNS:
        for start in range(0, len(keep), size):
            fewer = [*keep[:start], *keep[start + size :]]
            if search.still_breaks(fewer):
                keep = search.injected
                say(f"{len(keep)} faults left")
                break
        else:
            if size == 1:
                break
            size = max(size // 2, 1)
    return simulate(seed, memory, keep or ["none"])


class _Search:
    def __init__(self, seed: int, memory: Memory, wanted: set[str]) -> None:
        self._seed, self._memory, self._wanted = seed, memory, wanted
        self.runs = 0
        self.injected: list[str] = []

    def still_breaks(self, only: Sequence[str]) -> bool:
        """Whether a run with only these faults breaks one of the wanted invariants; `injected` is then what it had."""
        self.runs += 1
        result = simulate(self._seed, self._memory, list(only) or ["none"], eager=True)
        if not self._wanted & {v.invariant for v in result.violations}:
            return False
        self.injected = list(result.injected)
        return True
